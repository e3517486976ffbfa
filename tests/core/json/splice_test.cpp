#include "core/json/splice.hpp"

#include <gmock/gmock.h>

#include <fmt/format.h>
#include <random>

#include "core/json/json.hpp"

namespace sluice::json {
namespace {

using testing::HasSubstr;

std::string replaced(std::string_view document, std::string_view pointer, std::string_view value) {
    const auto made = replace_at(document, pointer, value);
    return made ? *made : made.error().message;
}
std::string removed(std::string_view document, std::string_view pointer) {
    const auto made = remove_at(document, pointer);
    return made ? *made : made.error().message;
}

// What a parser and a writer would change: digits, white space, order, escapes, a repeated name.
constexpr std::string_view odd =
    "\n{ \"id\" :820982911946154508, \"huge\": 123456789012345678901234567890,\r\n"
    "\t\"price\":1.10e+02 , \"z\":\"\\u00e9\\/ \xC3\xA9 \\ud83d\\ude00\", \"a\" : [ 1 ,2.50, "
    "{\"sku\":\"A-l\"} ] ,\"dup\":1,\"dup\":2,\"a/b\":{\"m~n\":null}, \"\":true }  \n";

TEST(Replace, LeavesEveryOtherByteAsItIs) {
    for (const auto& [pointer, old, value] : std::initializer_list<std::tuple<const char*, const char*, const char*>>{
             {"/a/2/sku", "\"A-l\"", "\"A-1\""},
             {"/price", "1.10e+02", "0.1000000000000000055511151231257827"},
             {"/id", "820982911946154508", "820982911946154509"},
             {"/huge", "123456789012345678901234567890", "null"},
             {"/z", "\"\\u00e9\\/ \xC3\xA9 \\ud83d\\ude00\"", "\"\\u00e9\xC3\xA9\""},
             {"/a", "[ 1 ,2.50, {\"sku\":\"A-l\"} ]", "{ \"x\" : [ ] }"},
             {"/a~1b/m~0n", "null", "[1,\n2]"},
             {"/", "true", "false"}}) {
        std::string right(odd);
        right.replace(right.find(old), std::string_view(old).size(), value);
        EXPECT_EQ(replaced(odd, pointer, value), right) << pointer;
    }
}

TEST(Replace, OfARepeatedNameTheOneThatIsReadIsMeant) {
    EXPECT_EQ(replaced(R"({"dup":1, "dup" : 2,"b":0})", "/dup", "3"), R"({"dup":1, "dup" : 3,"b":0})");
}

TEST(Replace, TheWholeDocumentMayBeReplacedAndKeepsWhatSurroundsIt) {
    EXPECT_EQ(replaced(" [1] \n", "", "2"), " 2 \n");
    EXPECT_EQ(replaced("\"x\"", "", " [ 1 ] "), "[ 1 ]");
}

TEST(Replace, AnyLeafOfAnyDocumentIsTheOnlyDifference) {
    std::mt19937 random(20'260'101);
    const auto leaf = [&] {
        return std::vector<std::string>{"-0.0", "1E5", "\"\\\"]}\"", "true", "[ ]", "{ }"}.at(random() % 6);
    };
    for (int round = 0; round < 500; ++round) {
        std::vector<std::string> texts;
        std::string document = "{";
        for (int i = 0; i < 6; ++i) {
            texts.push_back(leaf());
            document += (i > 0 ? " ,\n" : "") + fmt::format("\"k{}\" :  {}", i, texts.back());
        }
        document += "}";
        const auto at = random() % 6;
        std::string right = document;
        const auto key = fmt::format("\"k{}\" :  ", at);
        right.replace(right.find(key) + key.size(), texts[at].size(), "\"new\"");
        ASSERT_EQ(replaced(document, fmt::format("/k{}", at), "\"new\""), right) << document;
    }
}

TEST(Replace, WhatIsNotThereIsAnErrorThatNamesTheNearestParent) {
    const std::string_view order = R"({"line_items":[{"sku":"A","price":1},{"sku":"B"}],"note":"n"})";
    EXPECT_EQ(replaced(order, "/line_items/2/sku", "1"),
              "there is nothing at /line_items/2/sku: /line_items is an array of 2");
    EXPECT_EQ(replaced(order, "/line_items/0/skuu", "1"),
              "there is nothing at /line_items/0/skuu: /line_items/0 has no `skuu`; did you mean `sku`?");
    EXPECT_EQ(replaced(order, "/quantity", "1"),
              "there is nothing at /quantity: the document has no `quantity`; it has `line_items` or `note`");
    EXPECT_EQ(replaced(order, "/note/x", "1"), "there is nothing at /note/x: /note is a string and has no members");
    EXPECT_THAT(replaced(order, "note", "1"), HasSubstr("`note` is no JSON Pointer"));
}

TEST(Replace, WhatIsNoJsonIsRefused) {
    EXPECT_EQ(replaced("{\"a\":1}", "/a", "A-1"), "`A-1` is no JSON; a text stands in quotes: \"A-1\"");
    EXPECT_THAT(replaced("{\"a\":1}", "/a", "1,2"), HasSubstr("is no JSON"));
    EXPECT_THAT(replaced("{\"a\":", "/a", "1"), HasSubstr("the document is no JSON"));
    const auto deep = std::string(Document::max_depth, '[') + std::string(Document::max_depth, ']');
    EXPECT_THAT(replaced("{\"a\":1}", "/a", deep),
                HasSubstr("with this change nobody could read the document: not valid"));
}

TEST(Remove, TakesAMemberOrElementWithOneComma) {
    EXPECT_EQ(removed(R"({ "a" : 1 , "b" : 2 , "c" : 3 })", "/a"), R"({ "b" : 2 , "c" : 3 })");
    EXPECT_EQ(removed(R"({ "a" : 1 , "b" : 2 , "c" : 3 })", "/b"), R"({ "a" : 1 , "c" : 3 })");
    EXPECT_EQ(removed(R"({ "a" : 1 , "b" : 2 , "c" : 3 })", "/c"), R"({ "a" : 1 , "b" : 2 })");
    EXPECT_EQ(removed(R"({"a":1})", "/a"), "{}");
    EXPECT_EQ(removed(R"({"x":[10,"]",{"k":1.50}] })", "/x/0"), R"({"x":["]",{"k":1.50}] })");
    EXPECT_EQ(removed(R"({"x":[10,"]",{"k":1.50}] })", "/x/2"), R"({"x":[10,"]"] })");
    EXPECT_EQ(removed(R"({"x":[10,"]",{"k":1.50}] })", "/x/2/k"), R"({"x":[10,"]",{}] })");
}

TEST(Remove, RefusesWhatItCannotDoByteForByte) {
    EXPECT_EQ(removed("[]", ""), "the whole document cannot be removed");
    EXPECT_THAT(removed(R"({"a":1,"a":2})", "/a"), HasSubstr("/a stands there 2 times"));
    EXPECT_THAT(removed(R"({"a":1})", "/b"), HasSubstr("there is nothing at /b"));
}

}  // namespace
}  // namespace sluice::json
