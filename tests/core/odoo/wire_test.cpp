#include "core/odoo/wire.hpp"

#include <gmock/gmock.h>

namespace sluice::odoo::wire {
namespace {

using testing::HasSubstr;

http::Response answer(std::string body, int status = 200, std::string type = "application/json; charset=utf-8") {
    return {.status = status, .headers = {{"Content-Type", std::move(type)}}, .body = std::move(body)};
}

TEST(Wire, ACallCarriesAContext) {
    const auto call = make_call("res.partner", "read", "[[1]]", R"({"fields":["name"]})");
    ASSERT_TRUE(call);
    EXPECT_EQ(call->model, "res.partner");
    EXPECT_EQ(call->method, "read");
    EXPECT_EQ(call->args, "[[1]]");
    EXPECT_EQ(call->kwargs, R"({"fields":["name"],"context":{"lang":"en_US","tz":"UTC"}})");
}

TEST(Wire, TheCallersContextIsKeptAndCompleted) {
    const auto call = make_call("m", "f", "[]", R"({"context":{"tz":"Europe/Brussels","active_test":false}})");
    ASSERT_TRUE(call);
    EXPECT_EQ(call->kwargs, R"({"context":{"lang":"en_US","tz":"Europe/Brussels","active_test":false}})");
}

TEST(Wire, TheConnectorsContextCompletesTheCalls) {
    const CallContext german{.language = "de_DE", .time_zone = "Europe/Berlin", .companies = {2, 1}};
    EXPECT_EQ(make_call("m", "create", "[{}]", "{}", german)->kwargs,
              R"({"context":{"lang":"de_DE","tz":"Europe/Berlin","allowed_company_ids":[2,1]}})");
    EXPECT_EQ(make_call("m", "load", "[[],[]]", "{}", german)->kwargs,
              R"({"context":{"lang":"de_DE","tz":"UTC","allowed_company_ids":[2,1]}})")
        << "load reads our datetimes in the context's zone";
    EXPECT_EQ(make_call("m", "f", "[]", R"({"context":{"lang":"fr_FR","allowed_company_ids":[3]}})", german)->kwargs,
              R"({"context":{"tz":"Europe/Berlin","lang":"fr_FR","allowed_company_ids":[3]}})");
}

TEST(Wire, RefusesArgumentsThatAreNone) {
    EXPECT_EQ(make_call("m", "f", "{}", "{}").error().failure, Failure::invalid);
    EXPECT_EQ(make_call("m", "f", "[1", "{}").error().failure, Failure::invalid);
    EXPECT_EQ(make_call("m", "f", "[],[]", "{}").error().failure, Failure::invalid);
    const auto kwargs = make_call("m", "f", "[]", "[]");
    ASSERT_FALSE(kwargs);
    EXPECT_THAT(kwargs.error().message, HasSubstr("m.f must be a JSON object"));
    EXPECT_TRUE(make_call("m", "f", "[]", ""));
}

TEST(Wire, WrapsParametersAsJsonRpc) {
    const auto request = make_post("/jsonrpc", 3, R"({"a":1})");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/jsonrpc");
    EXPECT_EQ(http::find_header(request.headers, "Content-Type"), "application/json");
    EXPECT_EQ(request.body, R"({"jsonrpc":"2.0","method":"call","id":3,"params":{"a":1}})");
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

TEST(Wire, AnUnknownModelHasNoIdEither) {
    // 19, /web/dataset/call_kw, as recorded.
    const auto decoded = decode_answer(
        answer(R"({"jsonrpc": "2.0", "id": null, "error": {"code": 404, "message": "404: Not Found", "data": )"
               R"({"name": "werkzeug.exceptions.NotFound", "message": "404 Not Found: The requested URL was not found )"
               R"(on the server.", "arguments": [], "context": {}, "debug": "Traceback"}}})"),
        5);
    ASSERT_FALSE(decoded.result);
    EXPECT_EQ(decoded.result.error().failure, Failure::rejected);
}

TEST(Wire, QueryValuesAreEscaped) {
    EXPECT_EQ(encode_query_value("a b&c=é-_.~"), "a%20b%26c%3D%C3%A9-_.~");
}

}  // namespace
}  // namespace sluice::odoo::wire
