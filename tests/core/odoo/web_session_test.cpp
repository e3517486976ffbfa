// The client over a web session, against a server that answers as scripted.

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <mutex>
#include <thread>

#include "core/http/server.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/session.hpp"

namespace sluice::odoo {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view expired =
    R"({"jsonrpc":"2.0","id":null,"error":{"code":100,"message":"Odoo Session Expired","data":)"
    R"({"name":"odoo.http.SessionExpiredException","debug":"Traceback","message":"Session expired"}}})";

/// Each login gives another session, "session-1" and so on; `knows` says which of them the server has.
class WebSessionTest : public testing::Test {
protected:
    WebSessionTest()
        : server(http::ListenTcp{}, {},
                 [this](http::ServerRequest request, http::Respond respond) { respond(handle(request)); }) {
        EXPECT_TRUE(server.start());
    }
    ~WebSessionTest() override { server.stop(0); }

    Client client() {
        return Client({.endpoint = *http::Endpoint::parse("http://127.0.0.1:" + std::to_string(server.port())),
                       .database = "db",
                       .login = "svc",
                       .protocol = ProtocolName::web_session,
                       .password = Secret("top-secret"),
                       .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}},
                      session);
    }
    static http::Response json(const std::string& id, const std::string& member) {
        return http::json_response(200, R"({"jsonrpc":"2.0","id":)" + id + "," + member + "}");
    }
    static http::Response error(const std::string& id, const std::string& name) {
        return json(id, R"("error":{"code":200,"message":"Odoo Server Error","data":{"name":")" + name +
                            R"(","debug":"Traceback","message":"no"}})");
    }

    http::Response handle(const http::ServerRequest& request) {
        const std::lock_guard lock(mutex);
        const auto document = json::Document::parse(request.body);
        const std::string id(document->root().find("id")->raw());
        if (request.target == "/web/session/authenticate") {
            ++logins;
            if (!login_error.empty()) return error(id, login_error);
            auto response = json(id, R"("result":{"uid":7})");
            given = "session-" + std::to_string(logins);
            response.headers.emplace_back("Set-Cookie", "session_id=" + given + "; HttpOnly; Path=/");
            return response;
        }
        ++calls;
        last_cookie = http::find_header(request.headers, "Cookie");
        if (reply) return reply(id);
        if (last_cookie != "session_id=" + known()) return http::json_response(200, std::string(expired));
        auto response = json(id, R"("result":42)");
        if (!change_to.empty()) {
            response.headers.emplace_back("Set-Cookie", "session_id=" + change_to + "; Path=/");
            given = change_to;
        }
        return response;
    }
    std::string known() const { return forgotten ? "" : given; }

    std::mutex mutex;
    std::string given, change_to, last_cookie, login_error;
    bool forgotten = false;
    std::function<http::Response(const std::string& id)> reply;
    int logins = 0, calls = 0;
    std::shared_ptr<SharedSession> session = make_shared_session();
    http::Server server;
};

TEST_F(WebSessionTest, LogsInOnceForAllClientsOfTheAccount) {
    auto one = client();
    auto other = client();
    for (auto* lane : {&one, &other, &one}) {
        const auto answer = lane->call("m", "f", "[]", "{}");
        ASSERT_TRUE(answer) << answer.error().message;
        EXPECT_EQ(answer->root().as_int64(), 42);
    }
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(last_cookie, "session_id=session-1");
}

TEST_F(WebSessionTest, AnUnknownSessionIsRenewedAndTheCallSentAgain) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    given = "of somebody else";
    const auto answer = lane.call("m", "write", "[[1],{}]", "{}");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(logins, 2);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(last_cookie, "session_id=session-2");
}

TEST_F(WebSessionTest, ASecondUnknownSessionIsARetryAndNoLoop) {
    auto lane = client();
    forgotten = true;
    const auto answer = lane.call("m", "write", "[[1],{}]", "{}");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::retry);
    EXPECT_FALSE(answer.error().disconnected);
    EXPECT_THAT(answer.error().message, HasSubstr("several Odoo servers"));
    EXPECT_THAT(answer.error().message, Not(HasSubstr("session-")));
    EXPECT_EQ(logins, 2);
    EXPECT_EQ(calls, 2);
    ASSERT_FALSE(lane.call("m", "write", "[[1],{}]", "{}"));
    EXPECT_EQ(logins, 3) << "one for each call";
    forgotten = false;
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 3);
}

TEST_F(WebSessionTest, ASessionThatGotAnotherIdIsFollowed) {
    change_to = "changed";
    auto lane = client();
    auto other = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    change_to.clear();
    ASSERT_TRUE(other.call("m", "f", "[]", "{}"));
    EXPECT_EQ(last_cookie, "session_id=changed");
    EXPECT_EQ(logins, 1);
}

TEST_F(WebSessionTest, AWrongPasswordIsAskedOnceUntilALoginIsAllowed) {
    login_error = "odoo.exceptions.AccessDenied";
    auto lane = client();
    auto other = client();
    for (auto* one : {&lane, &other, &lane}) {
        const auto answer = one->call("m", "f", "[]", "{}");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().failure, Failure::auth);
        EXPECT_EQ(answer.error().message,
                  "Odoo refused the login of `svc` to database `db`: check the login and its password (an API key is "
                  "none)");
    }
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(calls, 0);
    login_error.clear();
    session->allow_login();
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 2);
}

TEST_F(WebSessionTest, APasswordThatWasChangedIsFoundAtTheRenewal) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    given = "gone";
    login_error = "odoo.exceptions.AccessDenied";
    EXPECT_EQ(lane.call("m", "write", "[[1],{}]", "{}").error().failure, Failure::auth);
    EXPECT_EQ(lane.call("m", "write", "[[1],{}]", "{}").error().failure, Failure::auth);
    EXPECT_EQ(logins, 2);
    EXPECT_EQ(calls, 2);
}

TEST_F(WebSessionTest, AnUnknownDatabaseIsTheConfigurationsNotTheRecords) {
    login_error = "odoo.exceptions.AccessError";  // "Database not found."
    auto lane = client();
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::auth);
}

TEST_F(WebSessionTest, AnOutageDuringTheRenewalIsAnOutage) {
    auto lane = client();
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    given = "gone";
    login_error = "psycopg2.OperationalError";
    const auto answer = lane.call("m", "write", "[[1],{}]", "{}");
    EXPECT_EQ(answer.error().failure, Failure::retry);
    EXPECT_TRUE(answer.error().disconnected);
    EXPECT_FALSE(lane.probe());
    login_error.clear();
    EXPECT_TRUE(lane.probe());
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 4) << "first call, renewal, two probes";
}

TEST_F(WebSessionTest, DeniedAccessIsOfTheSessionUnlessANewOneIsDeniedToo) {
    auto lane = client();
    int denials = 1;
    reply = [&](const std::string& id) {
        return denials-- > 0 ? error(id, "odoo.exceptions.AccessDenied") : json(id, R"("result":1)");
    };
    ASSERT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 2);
    denials = 2;
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::auth);
    EXPECT_EQ(logins, 3);
}

TEST_F(WebSessionTest, ProbesByTheSessionOrByALogin) {
    auto lane = client();
    EXPECT_TRUE(lane.probe());
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(calls, 0);
    EXPECT_TRUE(lane.probe());
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(calls, 1);
    given = "gone";
    EXPECT_TRUE(lane.probe());
    EXPECT_EQ(logins, 2);
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 2) << "the probe's session is everybody's";
    reply = [](const std::string&) { return http::Response{.status = 502, .headers = {}, .body = "<html>"}; };
    EXPECT_FALSE(lane.probe());
    EXPECT_EQ(logins, 2);
}

TEST_F(WebSessionTest, CancelEndsTheWaitForAnothersLogin) {
    std::promise<void> begun, may_end;
    const std::atomic<bool> never = false;
    std::thread first([&] {
        (void)session->enter(
            [&]() -> Result<Grant> {
                begun.set_value();
                may_end.get_future().wait();
                return fail(Failure::retry, "no");
            },
            never);
    });
    begun.get_future().wait();
    auto lane = client();
    auto waiting = std::async(std::launch::async, [&] { return lane.call("m", "write", "[[1],{}]", "{}"); });
    lane.cancel();
    EXPECT_EQ(waiting.get().error().failure, Failure::cancelled);
    may_end.set_value();
    first.join();
    EXPECT_EQ(lane.call("m", "f", "[]", "{}").error().failure, Failure::cancelled);
    lane.reset();
    EXPECT_TRUE(lane.call("m", "f", "[]", "{}"));
    EXPECT_EQ(logins, 1);
}

}  // namespace
}  // namespace sluice::odoo
