// The client behind an HTTP proxy (CONNECT), and the limits of time for a first byte and of size.

#include <gmock/gmock.h>

#include "core/base/crypto.hpp"
#include "tests/core/http/tls_server.hpp"

namespace sluice::http {
namespace {

using test::https;
using test::PemFile;
using test::RawSocket;
using test::ScriptedServer;
using test::TlsServer;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const std::string established = "HTTP/1.1 200 Connection established\r\n\r\n";

/// A proxy and what is behind it in one: it opens the tunnel and goes on with `then` on the same connection.
ScriptedServer::Script tunnel(std::string& heard, ScriptedServer::Script then) {
    return [&heard, then = std::move(then)](RawSocket& socket) {
        heard = socket.read_until("\r\n\r\n");
        socket.write(established);
        then(socket);
    };
}

Endpoint behind(const ScriptedServer& proxy, std::string authorization = {}) {
    return {.host = "odoo.example",
            .port = "8069",
            .proxy = Proxy{.host = "127.0.0.1", .port = std::to_string(proxy.port()), .authorization = authorization}};
}

TEST(Proxy, IsAskedForATunnel) {
    std::string heard;
    ScriptedServer server({tunnel(heard, test::answering(ok))});
    Client client(behind(server, "Basic c2VjcmV0"));
    const auto result = client.send({});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->body, "ok");
    EXPECT_EQ(heard,
              "CONNECT odoo.example:8069 HTTP/1.1\r\nHost: odoo.example:8069\r\n"
              "Proxy-Authorization: Basic c2VjcmV0\r\n\r\n");
}

TEST(Proxy, NeverSeesWhatIsSaidOverTls) {
    TlsServer tls("DNS:odoo.example");
    const PemFile authority(tls.certificate.get());
    std::string heard;
    ScriptedServer server({tunnel(heard, tls.script({ok}))});
    auto endpoint = behind(server, "Basic c2VjcmV0");
    endpoint.tls = true;
    endpoint.tls_files.ca = authority.path();
    Client client(endpoint);
    const auto result = client.send({.headers = {{"Authorization", "Bearer key"}}});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_THAT(heard, Not(HasSubstr("Bearer")));
    EXPECT_EQ(tls.server_name, "odoo.example");
    EXPECT_EQ(tls.requests, 1);
}

TEST(Proxy, ARefusalSentNothingAndIsNamed) {
    const std::vector<std::pair<std::string, std::string>> refusals = {
        {"HTTP/1.1 407 Login\r\nContent-Length: 0\r\n\r\n", "user and password"},
        {"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nsorry", "answered 502 to CONNECT"},
        {"HTTP/1.1 200 OK\r\n\r\nearly", "answered 200"},
        {"", "wait for the proxy"}};
    for (const auto& [answer, why] : refusals) {
        ScriptedServer server({[&answer](RawSocket& socket) {
            socket.read_until("\r\n\r\n");
            socket.write(answer);
        }});
        Client client(behind(server, "Basic c2VjcmV0"));
        const auto result = client.send({.method = "POST", .body = "order"});
        ASSERT_FALSE(result) << answer;
        EXPECT_EQ(result.error().failure, Failure::retry) << answer;
        EXPECT_TRUE(result.error().disconnected);
        EXPECT_THAT(result.error().message, HasSubstr(why));
        EXPECT_THAT(result.error().message, Not(HasSubstr("c2VjcmV0")));
    }
}

TEST(Proxy, OneTunnelServesSeveralCalls) {
    std::string heard;
    ScriptedServer server({tunnel(heard, [](RawSocket& socket) {
        for (int i = 0; i < 3; ++i) {
            socket.read_message();
            socket.write(ok);
        }
    })});
    Client client(behind(server));
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.send({}));
    EXPECT_THAT(heard, Not(HasSubstr("Proxy-Authorization")));
}

TEST(Proxy, Urls) {
    EXPECT_EQ(Proxy::parse("http://proxy.example:3128")->port, "3128");
    EXPECT_EQ(Proxy::parse("http://proxy.example")->port, "80");
    for (const char* url : {"https://proxy:3128", "http://proxy/path", "proxy:3128", "http://user:secret@proxy:3128"}) {
        const auto refused = Proxy::parse(url);
        ASSERT_FALSE(refused) << url;
        EXPECT_EQ(refused.error().failure, Failure::invalid);
        EXPECT_THAT(refused.error().message, Not(HasSubstr("secret")));
    }
}

// A server that never begins to answer is given up long before the time for a whole call.
TEST(FirstByte, HasATimeOfItsOwn) {
    ScriptedServer server({test::answering_and_keeping("")});
    Client client(server.endpoint());
    const auto result = client.send({.timeouts = {.first_byte_ms = 50, .total_ms = 3'600'000}});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::unknown);
    EXPECT_TRUE(result.error().disconnected);
    EXPECT_THAT(result.error().message, HasSubstr("first byte"));
}

// Once it answers, only the whole call's time counts.
TEST(FirstByte, AnAnswerThatHasBegunMayTakeLonger) {
    ScriptedServer server({test::answering_and_keeping("HTTP/1.1 200 OK\r\n")});
    Client client(server.endpoint());
    const auto result = client.send({.timeouts = {.first_byte_ms = 20, .total_ms = 400}});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error().message, Not(HasSubstr("first byte")));
}

}  // namespace
}  // namespace sluice::http
