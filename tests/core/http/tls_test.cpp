// The client against TLS servers of the test's own making.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/http/tls_server.hpp"

namespace sluice::http {
namespace {

using test::https;
using test::ScriptedServer;
using test::TlsServer;
using test::Trusted;
using ::testing::HasSubstr;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpClientTls, RefusesASelfSignedCertificateBeforeARequestLeaves) {
    TlsServer tls("DNS:localhost,IP:127.0.0.1");
    {
        ScriptedServer server({tls.script({ok})});
        Client client(https(server, "127.0.0.1"));
        const auto result = client.send({.headers = {{"Authorization", "Bearer secret"}}});
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().failure, Failure::retry);
        EXPECT_TRUE(result.error().disconnected);
        EXPECT_THAT(result.error().message, HasSubstr("certificate refused: self-signed certificate"));
    }
    EXPECT_EQ(tls.requests, 0);
}

TEST(HttpClientTls, SpeaksToATrustedServerAndKeepsTheConnection) {
    TlsServer tls("DNS:localhost");
    const Trusted trusted(tls.certificate.get());
    {
        ScriptedServer server({tls.script({ok, ok})});
        Client client(https(server, "localhost"));
        for (int i = 0; i < 2; ++i) {
            const auto result = client.send({});
            ASSERT_TRUE(result) << result.error().message;
            EXPECT_EQ(result->body, "ok");
        }
    }
    EXPECT_EQ(tls.server_name, "localhost");
    EXPECT_EQ(tls.requests, 2);
}

TEST(HttpClientTls, VerifiesAnAddressAsAnAddress) {
    TlsServer tls("IP:127.0.0.1");
    const Trusted trusted(tls.certificate.get());
    {
        ScriptedServer server({tls.script({ok})});
        Client client(https(server, "127.0.0.1"));
        const auto result = client.send({});
        ASSERT_TRUE(result) << result.error().message;
    }
    EXPECT_EQ(tls.server_name, "");
}

TEST(HttpClientTls, RefusesACertificateForAnotherHost) {
    TlsServer tls("DNS:elsewhere.example");
    const Trusted trusted(tls.certificate.get());
    for (const char* host : {"localhost", "127.0.0.1"}) {
        ScriptedServer server({tls.script({ok})});
        Client client(https(server, host));
        const auto result = client.send({});
        ASSERT_FALSE(result);
        EXPECT_THAT(result.error().message, HasSubstr("mismatch"));
    }
    EXPECT_EQ(tls.requests, 0);
}

TEST(HttpClientTls, ABodyThatMayBeCutOffIsNoAnswer) {
    // Without a length only TLS's close_notify tells the end from an attacker's cut.
    TlsServer tls("IP:127.0.0.1");
    const Trusted trusted(tls.certificate.get());
    ScriptedServer server({tls.script({"HTTP/1.1 200 OK\r\n\r\nhalf"})});
    Client client(https(server, "127.0.0.1"));
    const auto result = client.send({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::unknown);
    EXPECT_TRUE(result.error().disconnected);
}

}  // namespace
}  // namespace sluice::http
