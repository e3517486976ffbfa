#include "core/odoo/wire.hpp"

#include <gmock/gmock.h>

namespace sluice::odoo::wire {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Caller caller{.database = "shop", .uid = 7, .api_key = "key"};

http::Response answer(std::string body, int status = 200, std::string type = "application/json; charset=utf-8") {
    return {.status = status, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

TEST(Wire, EncodesACallAsOdooReadsIt) {
    const auto body = encode_execute(3, caller, "res.partner", "read", "[[1]]", R"({"fields":["name"]})");
    ASSERT_TRUE(body);
    EXPECT_EQ(
        *body,
        R"({"jsonrpc":"2.0","method":"call","id":3,"params":{"service":"object","method":"execute_kw","args":)"
        R"(["shop",7,"key","res.partner","read",[[1]],{"fields":["name"],"context":{"lang":"en_US","tz":"UTC"}}]}})");
}

TEST(Wire, TheCallersContextIsKeptAndCompleted) {
    const auto body =
        encode_execute(1, caller, "m", "f", "[]", R"({"context":{"tz":"Europe/Brussels","active_test":false}})");
    ASSERT_TRUE(body);
    EXPECT_THAT(*body, HasSubstr(R"({"context":{"lang":"en_US","tz":"Europe/Brussels","active_test":false}})"));
}

TEST(Wire, RefusesArgumentsThatAreNone) {
    EXPECT_EQ(encode_execute(1, caller, "m", "f", "{}", "{}").error().failure, Failure::invalid);
    EXPECT_EQ(encode_execute(1, caller, "m", "f", "[1", "{}").error().failure, Failure::invalid);
    EXPECT_EQ(encode_execute(1, caller, "m", "f", "[],[]", "{}").error().failure, Failure::invalid);
    const auto kwargs = encode_execute(1, caller, "m", "f", "[]", "[]");
    ASSERT_FALSE(kwargs);
    EXPECT_THAT(kwargs.error().message, HasSubstr("m.f must be a JSON object"));
    EXPECT_THAT(kwargs.error().message, Not(HasSubstr("key:")));
    EXPECT_TRUE(encode_execute(1, caller, "m", "f", "[]", ""));
}

TEST(Wire, NumbersOfTheAnswerStayTokens) {
    const auto decoded =
        decode_answer(answer(R"({"jsonrpc": "2.0", "id": 5, "result": [9007199254740993, 10.50]})"), 5);
    ASSERT_TRUE(decoded.result);
    EXPECT_EQ(decoded.result->root().at(0).as_int64(), 9'007'199'254'740'993);
    EXPECT_EQ(decoded.result->root().at(1).text(), "10.50");
}

TEST(Wire, AnAbsentResultIsNull) {
    const auto decoded = decode_answer(answer(R"({"jsonrpc": "2.0", "id": 5})"), 5);
    ASSERT_TRUE(decoded.result);
    EXPECT_TRUE(decoded.result->root().is_null());
}

TEST(Wire, SomebodyElsesAnswerIsNotOurs) {
    EXPECT_EQ(decode_answer(answer(R"({"jsonrpc":"2.0","id":4,"result":1})"), 5).result.error().failure,
              Failure::unknown);
    EXPECT_EQ(decode_answer(answer(R"({"jsonrpc":"2.0","id":null,"result":1})"), 5).result.error().failure,
              Failure::unknown);
    EXPECT_EQ(decode_answer(answer(R"({"ok":true})"), 5).result.error().failure, Failure::unknown);
    EXPECT_EQ(decode_answer(answer(R"([1])"), 5).result.error().failure, Failure::unknown);
    EXPECT_EQ(decode_answer(answer(R"({"jsonrpc":"2.0","id":5,"res)"), 5).result.error().failure, Failure::unknown);
    EXPECT_EQ(decode_answer(answer(R"({"error":"bad gateway"})", 502), 5).result.error().failure, Failure::unknown);
    EXPECT_EQ(decode_answer(answer("<html>", 200, "text/html"), 5).result.error().failure, Failure::retry);
}

TEST(Wire, AnExpiredSessionHasNoId) {
    const auto decoded = decode_answer(
        answer(R"({"jsonrpc":"2.0","id":null,"error":{"code":100,"message":"Odoo Session Expired","data":)"
               R"({"name":"odoo.http.SessionExpiredException","message":"Session expired","debug":"Traceback"}}})"),
        5);
    ASSERT_FALSE(decoded.result);
    EXPECT_EQ(decoded.result.error().failure, Failure::retry);
    EXPECT_EQ(decoded.error_name, "odoo.http.SessionExpiredException");
}

TEST(Wire, QueryValuesAreEscaped) {
    EXPECT_EQ(encode_query_value("a b&c=é-_.~"), "a%20b%26c%3D%C3%A9-_.~");
}

}  // namespace
}  // namespace sluice::odoo::wire
