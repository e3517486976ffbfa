#include "core/odoo/protocol.hpp"

#include <gmock/gmock.h>

namespace sluice::odoo {
namespace {

using testing::HasSubstr;
using testing::Not;

class ProtocolTest : public testing::Test {
protected:
    ProtocolTest() { account.protocol = ProtocolName::jsonrpc; }

    static http::Response answer(std::string_view set_cookie) {
        http::Response response{.status = 200, .headers = {}, .body = {}};
        if (!set_cookie.empty()) response.headers.emplace_back("Set-Cookie", set_cookie);
        return response;
    }
    static http::Response page(int status) { return {.status = status, .headers = {}, .body = "<html>"}; }
    Result<Grant> read_login(const Protocol& protocol, std::string_view result, std::string_view set_cookie = "") {
        const auto document = json::Document::parse(result);
        return protocol.read_login(answer(set_cookie), document->root());
    }

    Account account{
        .database = "my db", .login = "svc", .api_key = Secret("the \"key\""), .password = Secret("the \"password\"")};
    std::unique_ptr<Protocol> jsonrpc = make_jsonrpc(account), web = make_web_session(account),
                              json2 = make_json2(account);
    wire::Call call = *wire::make_call("res.partner", "read", "[[1]]", R"({"fields":["name"]})");
    Grant grant{.uid = 7, .session_id = Secret("41e818"), .number = 1};
};

TEST_F(ProtocolTest, JsonRpcAsOdooReadsIt) {
    const auto login = jsonrpc->login(2);
    EXPECT_EQ(login.body, R"({"jsonrpc":"2.0","method":"call","id":2,"params":{"service":"common","method":"login",)"
                          R"("args":["my db","svc","the \"key\""]}})");
    EXPECT_EQ(http::find_header(login.headers, "X-Odoo-Database"), "my db");

    const auto request = *jsonrpc->call(3, grant, call);
    EXPECT_EQ(request.target, "/jsonrpc");
    EXPECT_EQ(request.body,
              R"({"jsonrpc":"2.0","method":"call","id":3,"params":{"service":"object","method":"execute_kw","args":)"
              R"(["my db",7,"the \"key\"","res.partner","read",[[1]],)"
              R"({"fields":["name"],"context":{"lang":"en_US","tz":"UTC"}}]}})");
    EXPECT_EQ(http::find_header(request.headers, "X-Odoo-Database"), "my db");
    EXPECT_EQ(jsonrpc->cookie_page()->target, "/web/login?db=my%20db&debug=1");
}

TEST_F(ProtocolTest, JsonRpcLoginGivesAUidOrFalse) {
    EXPECT_EQ(read_login(*jsonrpc, "7")->uid, 7);
    EXPECT_TRUE(read_login(*jsonrpc, "7")->session_id.empty());
    const auto refused = read_login(*jsonrpc, "false");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::auth);
    EXPECT_THAT(refused.error().message, HasSubstr("check the login and its API key"));
}

TEST_F(ProtocolTest, WebSessionAsOdooReadsIt) {
    const auto login = web->login(2);
    EXPECT_EQ(login.body, R"({"jsonrpc":"2.0","method":"call","id":2,"params":{"db":"my db","login":"svc",)"
                          R"("password":"the \"password\""}})");
    EXPECT_EQ(http::find_header(login.headers, "X-Odoo-Database"), "") << "19 would give it no session";
    EXPECT_EQ(http::find_header(login.headers, "Cookie"), "");

    const auto request = *web->call(3, grant, call);
    EXPECT_EQ(request.target, "/web/dataset/call_kw");
    EXPECT_EQ(request.body,
              R"({"jsonrpc":"2.0","method":"call","id":3,"params":{"model":"res.partner","method":"read",)"
              R"("args":[[1]],"kwargs":{"fields":["name"],"context":{"lang":"en_US","tz":"UTC"}}}})");
    EXPECT_EQ(http::find_header(request.headers, "X-Odoo-Database"), "my db");
    EXPECT_EQ(http::find_header(request.headers, "Cookie"), "session_id=41e818");
    EXPECT_FALSE(web->cookie_page());
}

TEST_F(ProtocolTest, WebSessionLoginGivesAUidAndASession) {
    account.protocol = ProtocolName::web_session;
    const std::string id(84, 'x');
    const auto granted = read_login(*web, R"({"uid":7,"db":"my db"})", "session_id=" + id + "; HttpOnly; Path=/");
    ASSERT_TRUE(granted) << granted.error().message;
    EXPECT_EQ(granted->uid, 7);
    EXPECT_EQ(granted->session_id.reveal(), id);

    const auto expect_refused = [&](std::string_view result, std::string_view cookie, std::string_view why) {
        const auto refused = read_login(*web, result, cookie);
        ASSERT_FALSE(refused) << result;
        EXPECT_EQ(refused.error().failure, Failure::auth);
        EXPECT_THAT(refused.error().message, HasSubstr(std::string(why)));
        EXPECT_THAT(refused.error().message, Not(HasSubstr("the \"")));
    };
    expect_refused(R"({"uid":null})", "session_id=" + id, "two-factor");
    expect_refused(R"({"uid":7})", "", "Set-Cookie");
    expect_refused("{}", "session_id=" + id, "check the login and its password (an API key is none)");
    expect_refused("[]", "session_id=" + id, "check the login and its password");
}

TEST_F(ProtocolTest, Json2AsOdooReadsIt) {
    const auto request = *json2->call(3, grant, call);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/json/2/res.partner/read");
    EXPECT_EQ(request.body, R"({"ids":[1],"fields":["name"],"context":{"lang":"en_US","tz":"UTC"}})");
    EXPECT_EQ(http::find_header(request.headers, "Authorization"), "bearer the \"key\"");
    EXPECT_EQ(http::find_header(request.headers, "X-Odoo-Database"), "my db");
    EXPECT_EQ(json2->login(2).target, "/json/2/res.users/context_get");
    EXPECT_FALSE(json2->cookie_page());
    EXPECT_EQ(read_login(*json2, R"({"lang":"en_US","tz":false,"uid":7})")->uid, 7);
    EXPECT_EQ(read_login(*json2, "[]").error().failure, Failure::auth);
    const auto unknown = json2->call(3, grant, *wire::make_call("m", "do", "[[1],2]", "{}"));
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().failure, Failure::invalid);
}

TEST_F(ProtocolTest, WhatMayMeanThatTheSessionIsGone) {
    EXPECT_TRUE(web->is_session_gone(answer(""), "odoo.http.SessionExpiredException"));
    EXPECT_TRUE(web->is_session_gone(answer(""), "odoo.exceptions.AccessDenied"));
    EXPECT_TRUE(web->is_session_gone(page(404), "")) << "several databases, or PostgreSQL was down";
    EXPECT_FALSE(web->is_session_gone(answer(""), "odoo.exceptions.AccessError"));
    EXPECT_FALSE(web->is_session_gone(answer(""), "werkzeug.exceptions.NotFound"));
    for (const int status : {200, 403, 500, 502, 503}) EXPECT_FALSE(web->is_session_gone(page(status), "")) << status;
    EXPECT_FALSE(jsonrpc->is_session_gone(answer(""), "odoo.http.SessionExpiredException"));
    EXPECT_FALSE(jsonrpc->is_session_gone(page(404), ""));
}

}  // namespace
}  // namespace sluice::odoo
