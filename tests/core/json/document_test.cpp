#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "core/json/json.hpp"

namespace sluice::json {
namespace {

Document parsed(std::string_view text) {
    auto document = Document::parse(text);
    if (!document) throw std::runtime_error(document.error().message);
    return std::move(*document);
}

TEST(Document, KeepsNumbersAsTheyWereWritten) {
    const auto document =
        parsed(R"({"id": 820982911946154508, "huge": 123456789012345678901234567890, "price": 10.50 , "tiny":1e-400})");
    EXPECT_EQ(document.root().at_pointer("/id")->text(), "820982911946154508");
    EXPECT_EQ(document.root().at_pointer("/id")->as_int64(), 820982911946154508);
    EXPECT_EQ(document.root().at_pointer("/huge")->text(), "123456789012345678901234567890");
    EXPECT_EQ(document.root().at_pointer("/huge")->as_int64(), std::nullopt);
    EXPECT_EQ(document.root().at_pointer("/price")->text(), "10.50");
    EXPECT_EQ(document.root().at_pointer("/tiny")->text(), "1e-400");
}

TEST(Document, GivesTheExactBytesOfAnyValue) {
    const auto document = parsed(R"({"a": [1, {"b": "]}\""} , 2 ], "s": "x\u00e9\n"})");
    EXPECT_EQ(document.root().find("a")->raw(), R"([1, {"b": "]}\""} , 2 ])");
    EXPECT_EQ(document.root().find("s")->raw(), R"("x\u00e9\n")");
    EXPECT_EQ(document.root().find("s")->text(), "x\xc3\xa9\n");
    EXPECT_EQ(document.root().raw(), R"({"a": [1, {"b": "]}\""} , 2 ], "s": "x\u00e9\n"})");
}

TEST(Document, FollowsJsonPointers) {
    const auto document = parsed(R"({"a/b": {"m~n": [10, 20]}, "": 1, "n": null})");
    EXPECT_EQ(document.root().at_pointer("/a~1b/m~0n/1")->text(), "20");
    EXPECT_EQ(document.root().at_pointer("/")->text(), "1");
    EXPECT_TRUE(document.root().at_pointer("/n")->is_null());
    EXPECT_FALSE(document.root().at_pointer("/a~1b/m~0n/01"));
    EXPECT_FALSE(document.root().at_pointer("/a~1b/m~0n/2"));
    EXPECT_FALSE(document.root().at_pointer("/a~1b/m~0n/-"));
    EXPECT_FALSE(document.root().at_pointer("/n/x"));
    EXPECT_FALSE(document.root().at_pointer("n"));
}

TEST(Document, ReadsTheLastOfARepeatedName) {
    EXPECT_EQ(parsed(R"({"a":1,"a":2})").root().find("a")->text(), "2");
}

class BadJson : public testing::TestWithParam<const char*> {};
TEST_P(BadJson, IsRefused) {
    const auto document = Document::parse(GetParam());
    ASSERT_FALSE(document) << GetParam();
    EXPECT_EQ(document.error().failure, Failure::invalid);
    EXPECT_THAT(document.error().message, testing::HasSubstr("not valid JSON"));
}
INSTANTIATE_TEST_SUITE_P(Json, BadJson,
                         testing::Values("", " ", "{", "[1,]", "{\"a\":1}}", "{\"a\":1} x", "[1] 2", "01", "[01]",
                                         "[1.]", "[.5]", "[+1]", "nul", "[nulll]", "[truee]", "\"a", "\"a\" 1",
                                         "{\"a\"}", "{a:1}", "[1 2]", "1 2", "[-]", "[1e]", "[\"\xff\"]", "{\"a\":1,}",
                                         "[1]]", "[\"\\x\"]"));

class GoodJson : public testing::TestWithParam<const char*> {};
TEST_P(GoodJson, IsTaken) {
    const auto document = Document::parse(GetParam());
    EXPECT_TRUE(document) << GetParam() << ": " << document.error().message;
}
INSTANTIATE_TEST_SUITE_P(Json, GoodJson,
                         testing::Values("1", " 1 ", "-0", "0.0", "1E+3", "\"a\"", " \"a\" ", "null", "true ", "[]",
                                         "{}", " [ ] "));

TEST(Document, RefusesNestingBeyondItsLimit) {
    const std::string deep = std::string(Document::max_depth + 1, '[') + std::string(Document::max_depth + 1, ']');
    EXPECT_FALSE(Document::parse(deep));
    const std::string allowed = std::string(Document::max_depth, '[') + std::string(Document::max_depth, ']');
    EXPECT_TRUE(Document::parse(allowed));
}

TEST(Writer, WritesWhatAParserReads) {
    Writer writer;
    writer.begin_object()
        .key("a\"\n\x01")
        .begin_array()
        .integer(-5)
        .raw("10.50")
        .null()
        .boolean(true)
        .string("\xc3\xa9")
        .end_array();
    writer.key("o").begin_object().end_object().key("z").string("").end_object();
    EXPECT_EQ(writer.text(), "{\"a\\\"\\n\\u0001\":[-5,10.50,null,true,\"\xc3\xa9\"],\"o\":{},\"z\":\"\"}");
    EXPECT_EQ(parsed(writer.text()).root().key(0), "a\"\n\x01");
}

}  // namespace
}  // namespace sluice::json
