// Authorities and certificates from files, against TLS servers of the test's own making.

#include <gmock/gmock.h>

#include "tests/core/http/tls_server.hpp"

namespace sluice::http {
namespace {

using test::https;
using test::make_certificate;
using test::make_key;
using test::PemFile;
using test::ScriptedServer;
using test::TlsServer;
using test::Trusted;
using ::testing::HasSubstr;

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST(HttpClientTlsFiles, AGivenAuthorityIsTrusted) {
    TlsServer tls("DNS:localhost");
    const PemFile authority(tls.certificate.get());
    ScriptedServer server({tls.script({ok})});
    auto endpoint = https(server, "localhost");
    endpoint.tls_files.ca = authority.path();
    Client client(endpoint);
    const auto result = client.send({});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->body, "ok");
}

// A given authority replaces the system's: who names one means it.
TEST(HttpClientTlsFiles, TheSystemsAuthoritiesCountNoMoreThen) {
    TlsServer tls("DNS:localhost"), other("DNS:localhost");
    const Trusted trusted(tls.certificate.get());
    const PemFile authority(other.certificate.get());
    ScriptedServer server({tls.script({ok})});
    auto endpoint = https(server, "localhost");
    endpoint.tls_files.ca = authority.path();
    Client client(endpoint);
    const auto result = client.send({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::retry);
    EXPECT_THAT(result.error().message, HasSubstr("certificate refused"));
}

class ClientCertificate : public ::testing::Test {
protected:
    /// A server that takes only clients who show this certificate.
    ClientCertificate() : tls("DNS:localhost"), authority(tls.certificate.get()) {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(tls.context.get()), certificate.get());
        SSL_CTX_set_verify(tls.context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
        // With 1.3 the client would be told of a refusal with its first answer only.
        SSL_CTX_set_max_proto_version(tls.context.get(), TLS1_2_VERSION);
    }
    Result<Response> send(TlsFiles files) {
        ScriptedServer server({tls.script({ok})});
        auto endpoint = https(server, "localhost");
        files.ca = authority.path();
        endpoint.tls_files = std::move(files);
        Client client(endpoint);
        return client.send({});
    }

    test::Key key = make_key();
    test::Certificate certificate = make_certificate(key.get(), "DNS:client.example");
    TlsServer tls;
    PemFile authority;
};

TEST_F(ClientCertificate, IsShownToAServerThatAsks) {
    const PemFile certificate_file(certificate.get()), key_file(key.get());
    const auto result = send({.ca = {}, .certificate = certificate_file.path(), .key = key_file.path()});
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->body, "ok");
}

TEST_F(ClientCertificate, WithoutOneNothingIsSent) {
    const auto result = send({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::retry) << result.error().message;
    EXPECT_EQ(tls.requests, 0);
}

TEST_F(ClientCertificate, FilesThatCannotBeUsedAreNamed) {
    const PemFile certificate_file(certificate.get()), key_file(key.get()), other_key(make_key().get());
    const auto refused = [&](TlsFiles files, const std::string& file) {
        const auto result = send(std::move(files));
        ASSERT_FALSE(result) << file;
        EXPECT_EQ(result.error().failure, Failure::retry);
        EXPECT_THAT(result.error().message, HasSubstr(file));
    };
    refused({.ca = {}, .certificate = "/nonesuch.pem", .key = key_file.path()}, "/nonesuch.pem");
    refused({.ca = {}, .certificate = certificate_file.path(), .key = other_key.path()}, other_key.path());
    EXPECT_EQ(tls.requests, 0);
}

}  // namespace
}  // namespace sluice::http
