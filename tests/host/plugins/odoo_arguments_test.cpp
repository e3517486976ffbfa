#include "host/plugins/odoo_arguments.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

TEST(SplitArguments, IdsArePositionalAndEverythingElseIsNamed) {
    const auto split = split_arguments("write", R"({"vals":{"n":9007199254740993,"p":1.10},"ids":[1,2]})");
    ASSERT_TRUE(split);
    EXPECT_EQ(split->args, "[[1,2]]");
    EXPECT_EQ(split->kwargs, R"({"vals":{"n":9007199254740993,"p":1.10}})");
}

TEST(SplitArguments, CreateTakesItsValuesByPosition) {
    const auto split = split_arguments("create", R"({"vals_list":[{"name":"a"}],"context":{"lang":"fr_FR"}})");
    ASSERT_TRUE(split);
    EXPECT_EQ(split->args, R"([[{"name":"a"}]])");
    EXPECT_EQ(split->kwargs, R"({"context":{"lang":"fr_FR"}})");
}

TEST(SplitArguments, NothingIsNoArguments) {
    for (const auto* text : {"", "{}", " {} "}) {
        const auto split = split_arguments("search", text);
        ASSERT_TRUE(split) << text;
        EXPECT_EQ(split->args, "[]");
        EXPECT_EQ(split->kwargs, "{}");
    }
}

TEST(SplitArguments, RefusesWhatIsNoObject) {
    for (const auto* text : {"[]", "1", "{\"a\":", "null"}) {
        const auto split = split_arguments("read", text);
        ASSERT_FALSE(split) << text;
        EXPECT_EQ(split.error().failure, Failure::invalid);
    }
}

}  // namespace
}  // namespace sluice::host
