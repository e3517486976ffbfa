#include "core/odoo/client.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <mutex>

#include "core/http/server.hpp"
#include "core/odoo/session.hpp"

namespace sluice::odoo {
namespace {

using testing::HasSubstr;
using testing::Not;

/// An http server that answers `/jsonrpc` as scripted and keeps what it was asked.
class ClientTest : public testing::Test {
protected:
    ClientTest()
        : server(http::ListenTcp{}, {},
                 [this](http::ServerRequest request, http::Respond respond) { respond(handle(std::move(request))); }) {
        EXPECT_TRUE(server.start());
    }
    ~ClientTest() override { server.stop(0); }

    Client client() { return Client(account(), session); }
    Account account() {
        return {.endpoint = *http::Endpoint::parse("http://127.0.0.1:" + std::to_string(server.port())),
                .database = "my db",
                .login = "svc",
                .api_key = Secret("top-secret"),
                .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
    }
    static http::Response json(const std::string& members) {
        return http::json_response(200, R"({"jsonrpc":"2.0",)" + members + "}");
    }

    static http::Response error(const std::string& id, const std::string& name) {
        return json(id + R"(,"error":{"code":200,"message":"Odoo Server Error","data":{"name":")" + name +
                    R"(","debug":"Traceback /srv","message":"no"}})");
    }

    http::Response handle(http::ServerRequest request) {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
        if (request.target.starts_with("/web/login")) return login_page;
        const auto document = json::Document::parse(request.body);
        const auto id = R"("id":)" + std::string(document->root().find("id")->raw());
        if (document->root().at_pointer("/params/service")->text() == "common") {
            ++logins;
            return login_error.empty() ? json(id + R"(,"result":)" + login_result) : error(id, login_error);
        }
        return reply ? reply(id) : json(id + R"(,"result":42)");
    }

    std::mutex mutex;
    std::vector<http::ServerRequest> requests;
    http::Response login_page{
        .status = 200, .headers = {{"Set-Cookie", "session_id=cookie1; HttpOnly; Path=/"}}, .body = "<html>"};
    std::string login_result = "7", login_error;
    std::function<http::Response(const std::string& id)> reply;
    int logins = 0;
    std::shared_ptr<SharedSession> session = make_shared_session();
    http::Server server;
};

TEST_F(ClientTest, LogsInOnceAndCarriesDatabaseAndCookie) {
    auto one = client();
    auto other = client();
    for (auto* lane : {&one, &other, &one}) {
        const auto answer = lane->call("res.partner", "search_count", "[[]]", "{}");
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->root().as_int64(), 42);
    }
    EXPECT_EQ(logins, 1);
    ASSERT_EQ(requests.size(), 5U);
    EXPECT_EQ(requests.front().target, "/web/login?db=my%20db&debug=1");
    EXPECT_EQ(requests.front().method, "GET");
    EXPECT_EQ(http::find_header(requests.back().headers, "Cookie"), "session_id=cookie1");
    EXPECT_EQ(http::find_header(requests.back().headers, "X-Odoo-Database"), "my db");
    EXPECT_EQ(http::find_header(requests.back().headers, "Content-Type"), "application/json");
    EXPECT_THAT(requests.back().body, HasSubstr(R"(["my db",7,"top-secret","res.partner","search_count",[[]])"));
}

TEST_F(ClientTest, NoCookieIsNoError) {
    login_page = {.status = 404, .headers = {}, .body = "no web module"};
    auto lane = client();
    ASSERT_TRUE(lane.call("res.partner", "search_count", "[[]]", "{}"));
    ASSERT_TRUE(lane.call("res.partner", "search_count", "[[]]", "{}"));
    EXPECT_EQ(requests.size(), 4U) << "one page, one login, two calls";
    EXPECT_EQ(http::find_header(requests.back().headers, "Cookie"), "");
}

TEST_F(ClientTest, ACookieTheServerSetsReplacesOurs) {
    reply = [](const std::string& id) {
        auto response = json(id + R"(,"result":1)");
        response.headers.emplace_back("Set-Cookie", "session_id=cookie2; Path=/");
        return response;
    };
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(http::find_header(requests.back().headers, "Cookie"), "session_id=cookie2");
}

TEST_F(ClientTest, ARefusedLoginIsAuthAndNotRepeated) {
    login_result = "false";
    auto lane = client();
    const auto answer = lane.call("m", "f", "[]", "{}");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::auth);
    EXPECT_THAT(answer.error().message, HasSubstr("`svc`"));
    EXPECT_THAT(answer.error().message, Not(HasSubstr("top-secret")));
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::auth);
    EXPECT_EQ(logins, 1);
    EXPECT_TRUE(lane.probe()) << "a refusal is an answer of the database";

    login_result = "7";
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::auth) << "not before somebody resumes";
    session->allow_login();
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 3) << "first call, probe, last call";
}

TEST_F(ClientTest, ALoginThatFailsOtherwiseIsTheAccountsProblemNotTheRecords) {
    auto lane = client();
    login_error = "odoo.exceptions.UserError";
    const auto answer = lane.call("m", "f", "[]", "{}");
    EXPECT_EQ(answer.error().failure, Failure::auth);
    EXPECT_THAT(answer.error().message, HasSubstr("the login of `svc` to database `my db`"));
    session->allow_login();
    login_error = "psycopg2.errors.SerializationFailure";
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::retry);
    login_error.clear();
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}")) << "only a refusal is remembered";
}

TEST_F(ClientTest, ArgumentsThatAreNoneAreNotSent) {
    auto lane = client();
    EXPECT_EQ(lane.call("m", "f", "{}", "{}").error().failure, Failure::invalid);
    EXPECT_TRUE(requests.empty());
}

TEST_F(ClientTest, AKeyThatStopsWorkingMakesTheNextCallLogIn) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    reply = [](const std::string& id) { return error(id, "odoo.exceptions.AccessDenied"); };
    const auto denied = lane.call("m", "f", "[]", "{}");
    ASSERT_FALSE(denied);
    EXPECT_EQ(denied.error().failure, Failure::auth);
    EXPECT_THAT(denied.error().message, HasSubstr("m.f: "));
    EXPECT_THAT(denied.error().message, Not(HasSubstr("Traceback")));
    EXPECT_TRUE(lane.probe());
    reply = nullptr;
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 2) << "first call and probe; the last call has the probe's";
}

TEST_F(ClientTest, AReadIsNeverOfUnknownOutcomeAWriteIs) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    reply = [](const std::string&) { return http::Response{.status = 502, .headers = {}, .body = "bad gateway"}; };
    EXPECT_EQ(lane.call("m", "read", "[[1]]", "{}").error().failure, Failure::retry);
    const auto write = lane.call("m", "write", "[[1],{}]", "{}");
    EXPECT_EQ(write.error().failure, Failure::unknown);
    EXPECT_TRUE(write.error().disconnected);
}

TEST_F(ClientTest, ProbeIsFalseWhereTheDatabaseDoesNotAnswer) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_TRUE(lane.probe());
    EXPECT_THAT(requests.back().body, HasSubstr(R"("res.users","search_count",[[["id","=",7]]])"));
    reply = [](const std::string& id) { return error(id, "psycopg2.OperationalError"); };
    EXPECT_FALSE(lane.probe());
    server.stop(0);
    EXPECT_FALSE(lane.probe());
}

TEST_F(ClientTest, ACancelledClientSendsNothingUntilReset) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    const auto before = requests.size();
    lane.cancel();
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::cancelled);
    EXPECT_EQ(requests.size(), before);
    lane.reset();
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
}

}  // namespace
}  // namespace sluice::odoo
