#include "core/toml/text.hpp"

#include <gtest/gtest.h>

namespace sluice::toml {
namespace {

TEST(TomlText, ReadsBackAsWhatItWas) {
    const std::string text = R"({ a = "x\"\\\ny", "b c" = [1, -2, true], empty = {}, "" = "ä" })";
    const auto tree = parse("v = " + text, "t");
    ASSERT_TRUE(tree) << tree.error().message;
    const Node& value = tree->find("v")->value;
    EXPECT_EQ(to_toml(value), text);
}

TEST(TomlText, ControlsAreEscaped) {
    Node node{.kind = Kind::text, .text = std::string("\x01\x7F\r\t", 4)};
    EXPECT_EQ(to_toml(node), "\"\\u0001\\u007F\\u000D\\t\"");
}

}  // namespace
}  // namespace sluice::toml
