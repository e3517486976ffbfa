#include "core/odoo/argument_names.hpp"

#include <gmock/gmock.h>

namespace sluice::odoo::wire {
namespace {

using testing::HasSubstr;

std::string named(std::string_view model, std::string_view method, std::string_view args,
                  std::string_view kwargs = "{}") {
    const auto call = make_call(model, method, args, kwargs);
    const auto body = name_arguments(*call);
    if (!body) return std::string(to_string(body.error().failure)) + ": " + body.error().message;
    static const std::string context = R"("context":{"lang":"en_US","tz":"UTC"})";
    const auto at = body->find(context);
    return at == std::string::npos ? *body : body->substr(0, at) + body->substr(at + context.size());
}

// As odoo/orm/models.py of 19 names them.
TEST(ArgumentNames, OfTheOrm) {
    EXPECT_EQ(named("m", "read", R"([[1,2],["name"]])"), R"({"ids":[1,2],"fields":["name"],})");
    EXPECT_EQ(named("m", "read", "[[1]]", R"({"fields":["name"]})"), R"({"ids":[1],"fields":["name"],})");
    EXPECT_EQ(named("m", "write", R"([[1],{"a":1.50}])"), R"({"ids":[1],"vals":{"a":1.50},})");
    EXPECT_EQ(named("m", "unlink", "[7]"), R"({"ids":7,})");
    EXPECT_EQ(named("m", "create", R"([[{"a":1}]])"), R"({"vals_list":[{"a":1}],})");
    EXPECT_EQ(named("m", "load", R"([["id"],[["x"]]])"), R"({"fields":["id"],"data":[["x"]],})");
    EXPECT_EQ(named("m", "search", R"([[["a","=",1]],5,10,"id"])"),
              R"({"domain":[["a","=",1]],"offset":5,"limit":10,"order":"id",})");
    EXPECT_EQ(named("m", "search_read", "[[]]", R"({"fields":["a"]})"), R"({"domain":[],"fields":["a"],})");
    EXPECT_EQ(named("m", "fields_get", R"([["a"]])", R"({"attributes":["type"]})"),
              R"({"allfields":["a"],"attributes":["type"],})");
    EXPECT_EQ(named("m", "get_external_id", "[[1]]"), R"({"ids":[1],})");
}

TEST(ArgumentNames, AMethodThatIsNotKnownHasIds) {
    EXPECT_EQ(named("sale.order", "action_confirm", "[[1,2]]"), R"({"ids":[1,2],})");
    EXPECT_EQ(named("sale.order", "action_confirm", "[[]]"), R"({"ids":[],})");
    EXPECT_EQ(named("m", "do", "[]", R"({"what":1})"), R"({"what":1,})");
    EXPECT_THAT(named("m", "do", R"([["a"]])"), HasSubstr("invalid: m.do: JSON-2 takes arguments by name"));
    EXPECT_THAT(named("m", "do", "[[1],2]"), HasSubstr("invalid: m.do: JSON-2"));
    // pos.order's alone has that signature.
    EXPECT_EQ(named("pos.order", "sync_from_ui", R"([[{"uuid":"a"}]])"), R"({"orders":[{"uuid":"a"}],})");
    EXPECT_THAT(named("m", "sync_from_ui", R"([[{"uuid":"a"}]])"), HasSubstr("invalid"));
}

// Odoo would answer `true` and write nothing (FACTS 4).
TEST(ArgumentNames, AMethodOfRecordsNeedsIds) {
    EXPECT_THAT(named("m", "write", "[]", R"({"vals":{}})"), HasSubstr("needs their ids"));
    EXPECT_THAT(named("m", "unlink", "[]"), HasSubstr("needs their ids"));
    EXPECT_EQ(named("m", "write", "[]", R"({"ids":[1],"vals":{}})"), R"({"ids":[1],"vals":{},})");
}

TEST(ArgumentNames, WhatCannotBeSaid) {
    EXPECT_THAT(named("m", "unlink", "[[1],2]"), HasSubstr("more positional arguments"));
    EXPECT_THAT(named("m", "search", "[[]]", R"({"domain":[]})"), HasSubstr("`domain` is given twice"));
}

TEST(ArgumentNames, OneRecordOrAList) {
    EXPECT_TRUE(creates_one(*make_call("m", "create", R"([{"a":1}])", "{}")));
    EXPECT_TRUE(creates_one(*make_call("m", "create", "[]", R"({"vals_list":{}})")));
    EXPECT_FALSE(creates_one(*make_call("m", "create", R"([[{"a":1}]])", "{}")));
    EXPECT_FALSE(creates_one(*make_call("m", "copy", "[{}]", "{}")));
}

}  // namespace
}  // namespace sluice::odoo::wire
