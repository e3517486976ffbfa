// What a proxy, a starting server or a broken line answers, from a real socket, to a read and to a write: the class of
// each, by status and content type. Nothing of such an answer may be told to anybody.

#include <gmock/gmock.h>

#include <map>

#include "core/odoo/client.hpp"
#include "core/odoo/session.hpp"
#include "tests/core/http/raw_socket.hpp"

namespace sluice::odoo {
namespace {

using http::test::RawSocket;
using http::test::ScriptedServer;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view secret = "s3cr3t-of-the-proxy";

std::string page(int status, std::string_view type, std::string_view body, std::string_view more = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Type: " + std::string(type) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(more) + "\r\n" +
           std::string(body);
}

ScriptedServer::Script saying(std::string bytes) {
    return [bytes = std::move(bytes)](RawSocket& socket) {
        socket.read_message();
        socket.write(bytes);
    };
}
/// Says this much and then nothing more, until the client gives up.
ScriptedServer::Script hanging_after(std::string bytes) {
    return [bytes = std::move(bytes)](RawSocket& socket) {
        socket.read_message();
        socket.write(bytes);
        socket.read_all();
    };
}

struct Case {
    std::string name;
    ScriptedServer::Script script;
    std::string read, write;  ///< "class" or "class, disconnected"
    std::int64_t total_ms = 30'000;
};

const std::string html = "<html><body>" + std::string(secret) + "</body></html>";
const std::string lost_read = "retry, disconnected", lost_write = "unknown, disconnected";

std::vector<Case> cases() {
    const auto html_page = [](int status) { return saying(page(status, "text/html; charset=utf-8", html)); };
    const std::string cut_json = R"({"jsonrpc": "2.0", "id": 1, "resu)";
    std::vector<Case> all = {
        {"reset",
         [](RawSocket& socket) {
             socket.read_message();
             socket.reset();
         },
         lost_read, lost_write},
        {"closed", [](RawSocket& socket) { socket.read_message(); }, lost_read, lost_write},
        {"half_a_header", saying("HTTP/1.1 200 OK\r\nContent-Le"), lost_read, lost_write},
        {"half_a_body",
         saying("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n" + cut_json),
         lost_read, lost_write},
        {"no_http", saying("SSH-2.0-OpenSSH_9.2\r\n"), lost_read, lost_write},
        {"hanging", hanging_after(""), lost_read, lost_write, 300},
        {"hanging_in_the_header", hanging_after("HTTP/1.1 200 OK\r\nCont"), lost_read, lost_write, 300},
        {"hanging_in_the_body",
         hanging_after("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n" + cut_json),
         lost_read, lost_write, 300},
        {"truncated_json", saying(page(200, "application/json", cut_json)), "retry", "unknown"},
        {"empty_body", saying(page(200, "application/json", "")), "retry", "unknown"},
        {"empty_page", saying(page(200, "text/html", "")), "retry", "retry"},
        {"login_page_of_a_proxy", html_page(200), "retry", "retry"},
        {"redirect", saying(page(302, "text/html", html, "Location: https://elsewhere.example/\r\n")),
         "retry, disconnected", "retry, disconnected"},
        {"page_400", html_page(400), "rejected", "rejected"},
        {"page_401", html_page(401), "auth", "auth"},
        {"page_403", html_page(403), "retry, disconnected", "retry, disconnected"},
        {"page_404", html_page(404), "retry, disconnected", "retry, disconnected"},
        {"page_407", html_page(407), "auth", "auth"},
        {"page_408", html_page(408), "retry", "retry"},
        {"page_413", html_page(413), "rejected", "rejected"},
        {"page_429", saying(page(429, "text/html", html, "Retry-After: 7\r\n")), "rate_limited", "rate_limited"},
        {"page_500", html_page(500), lost_read, lost_write},
        {"page_502", html_page(502), lost_read, lost_write},
        {"page_503", html_page(503), "retry, disconnected", "retry, disconnected"},
        {"page_504", html_page(504), lost_read, lost_write},
        {"empty_502", saying(page(502, "text/html", "")), lost_read, lost_write},
        {"empty_503", saying(page(503, "text/plain", "")), "retry, disconnected", "retry, disconnected"},
        {"gateways_json_502", saying(page(502, "application/json", R"({"message": "upstream"})")), lost_read,
         lost_write},
        {"gateways_json_504", saying(page(504, "application/json", R"({"error": "timeout"})")), lost_read, lost_write},
        // An error of Odoo keeps its class under any status: 500 may be the data's.
        {"error_of_another_id",
         saying(
             page(200, "application/json", R"({"jsonrpc": "2.0", "id": 77, "error": {"code": 200, "message": "x"}})")),
         "retry", "unknown"},
    };
    return all;
}

class BrokenAnswers : public testing::TestWithParam<ProtocolName> {
protected:
    static Account account(http::Endpoint endpoint, std::int64_t total_ms) {
        return {.endpoint = std::move(endpoint),
                .database = "db",
                .login = "svc",
                .protocol = GetParam(),
                .api_key = Secret("the-key"),
                .password = Secret("the-password"),
                .timeouts = {.connect_ms = 5'000, .total_ms = total_ms}};
    }
    /// Logged in, with a cookie: the one connection is the call's.
    static std::shared_ptr<SharedSession> session() {
        auto session = make_shared_session();
        const bool web = GetParam() == ProtocolName::web_session;
        session->offer({.uid = 7,
                        .session_id = Secret(web ? std::string(40, 'a') : std::string()),
                        .number = 0,
                        .protocol = GetParam()});
        session->wants_cookie();
        session->set_cookie("cookie");
        return session;
    }
    static std::string outcome(Client& client, bool reads) {
        const auto answer = reads ? client.call("res.partner", "read", "[[1]]", R"({"fields":["name"]})")
                                  : client.call("res.partner", "write", R"([[1],{"name":"x"}])", "{}");
        if (answer) return "answered " + std::string(answer->root().raw());
        EXPECT_THAT(answer.error().message, Not(HasSubstr(std::string(secret))));
        EXPECT_THAT(answer.error().message, Not(HasSubstr("the-")));
        // Or the login's: a page of 404 may mean that a web session is gone, and it is renewed.
        EXPECT_THAT(answer.error().message, testing::AnyOf(HasSubstr("res.partner."), HasSubstr("the login of `svc`")));
        return std::string(to_string(answer.error().failure)) + (answer.error().disconnected ? ", disconnected" : "");
    }
};

TEST_P(BrokenAnswers, HaveTheirClass) {
    for (const auto& one : cases()) {
        // JSON-2 wraps nothing: another's id cannot be told.
        if (GetParam() == ProtocolName::json2 && one.name == "error_of_another_id") continue;
        for (const bool reads : {true, false}) {
            ScriptedServer server({one.script, one.script});
            Client client(account(server.endpoint(), one.total_ms), session());
            EXPECT_EQ(outcome(client, reads), reads ? one.read : one.write) << one.name;
        }
    }
}

TEST_P(BrokenAnswers, ARefusedConnectionSentNothing) {
    http::Endpoint nobody;
    { nobody = ScriptedServer({}).endpoint(); }
    Client client(account(nobody, 5'000), session());
    EXPECT_EQ(outcome(client, true), "retry, disconnected");
    EXPECT_EQ(outcome(client, false), "retry, disconnected");
}

TEST_P(BrokenAnswers, WaitAsLongAsTheyAsk) {
    ScriptedServer server({saying(page(503, "text/html", html, "Retry-After: 7\r\n"))});
    Client client(account(server.endpoint(), 30'000), session());
    const auto answer = client.call("res.partner", "write", R"([[1],{"name":"x"}])", "{}");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().retry_after_ms, 7'000);
}

/// FACTS 2: prefork workers answer as HTTP/1.0 and say nothing of the connection.
TEST_P(BrokenAnswers, AnAnswerInHttp10EndsItsConnection) {
    bool used_again = false;
    const auto answer = [&](RawSocket& socket) {
        const auto request = socket.read_message();
        const auto asked = json::Document::parse(request.substr(request.find("\r\n\r\n") + 4));
        const auto id = asked->root().find("id");
        const auto body =
            id ? R"({"jsonrpc": "2.0", "id": )" + std::string(id->raw()) + R"(, "result": true})" : std::string("true");
        socket.write("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                     std::to_string(body.size()) + "\r\n\r\n" + body);
        used_again |= !socket.read_all().empty();  // the client closes first: nothing occupies a worker
    };
    ScriptedServer server({answer, answer});
    Client client(account(server.endpoint(), 30'000), session());
    EXPECT_EQ(outcome(client, false), "answered true");
    EXPECT_EQ(outcome(client, false), "answered true");
    EXPECT_FALSE(used_again);
}

// FACTS 2: a server that does not keep alive closes each connection; what it answered next is not lost on a dead one.
TEST_P(BrokenAnswers, NoConnectionIsKeptAgainstAServerThatCloses) {
    const std::string body =
        GetParam() == ProtocolName::json2 ? "true" : R"({"jsonrpc": "2.0", "id": 1, "result": true})";
    const std::string second =
        GetParam() == ProtocolName::json2 ? "true" : R"({"jsonrpc": "2.0", "id": 2, "result": true})";
    ScriptedServer server({saying(page(200, "application/json", body, "Connection: close\r\n")),
                           saying(page(200, "application/json", second, "Connection: close\r\n"))});
    Client client(account(server.endpoint(), 30'000), session());
    EXPECT_EQ(outcome(client, false), "answered true");
    EXPECT_EQ(outcome(client, false), "answered true");
}

TEST_P(BrokenAnswers, OneConnectionIsUsedAgainWhereTheServerKeepsIt) {
    const auto answers = [](RawSocket& socket) {
        for (const auto* id : {"1", "2", "3"}) {
            socket.read_message();
            const std::string body = GetParam() == ProtocolName::json2
                                         ? "true"
                                         : R"({"jsonrpc": "2.0", "id": )" + std::string(id) + R"(, "result": true})";
            socket.write(page(200, "application/json", body));
        }
    };
    ScriptedServer server({answers});
    Client client(account(server.endpoint(), 30'000), session());
    for (int i = 0; i < 3; ++i) EXPECT_EQ(outcome(client, false), "answered true");
}

INSTANTIATE_TEST_SUITE_P(Odoo, BrokenAnswers,
                         testing::Values(ProtocolName::jsonrpc, ProtocolName::json2, ProtocolName::web_session),
                         [](const testing::TestParamInfo<ProtocolName>& given) {
                             return given.param == ProtocolName::json2     ? "json2"
                                    : given.param == ProtocolName::jsonrpc ? "jsonrpc"
                                                                           : "web_session";
                         });

}  // namespace
}  // namespace sluice::odoo
