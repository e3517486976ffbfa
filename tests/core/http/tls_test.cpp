// The client against TLS servers of the test's own making.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "core/http/client.hpp"
#include "tests/core/http/raw_socket.hpp"

namespace sluice::http {
namespace {

using test::RawSocket;
using test::ScriptedServer;
using ::testing::HasSubstr;

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Key make_key() {
    return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

/// A self-signed certificate for `names` ("DNS:localhost,IP:127.0.0.1"), good for an hour.
Certificate make_certificate(EVP_PKEY* key, const char* names) {
    Certificate certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

/// Makes the certificate a system authority for as long as it lives: OpenSSL reads SSL_CERT_FILE when a Client is made.
class Trusted {
public:
    explicit Trusted(X509* certificate) {
        std::string name = ::testing::TempDir() + "sluice-ca-XXXXXX";
        std::FILE* const file = ::fdopen(::mkstemp(name.data()), "w");
        PEM_write_X509(file, certificate);
        std::fclose(file);
        path_ = name;
        ::setenv("SSL_CERT_FILE", name.c_str(), 1);
    }
    ~Trusted() {
        ::unsetenv("SSL_CERT_FILE");
        std::filesystem::remove(path_);
    }
    Trusted(const Trusted&) = delete;
    Trusted& operator=(const Trusted&) = delete;

private:
    std::filesystem::path path_;
};

struct TlsServer {
    explicit TlsServer(const char* names) : certificate(make_certificate(key.get(), names)) {
        SSL_CTX_use_certificate(context.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context.get(), key.get());
        SSL_CTX_callback_ctrl(context.get(), SSL_CTRL_SET_TLSEXT_SERVERNAME_CB,
                              reinterpret_cast<void (*)()>(&TlsServer::take_server_name));
        SSL_CTX_set_tlsext_servername_arg(context.get(), this);
    }
    static int take_server_name(SSL* session, int*, void* self) {
        const char* const name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name);
        static_cast<TlsServer*>(self)->server_name = name != nullptr ? name : "";
        return SSL_TLSEXT_ERR_OK;
    }
    /// Shakes hands and answers `answers` one request each; closes without close_notify.
    ScriptedServer::Script script(std::vector<std::string> answers) {
        return [this, answers = std::move(answers)](RawSocket& socket) {
            const std::unique_ptr<SSL, decltype(&SSL_free)> session(SSL_new(context.get()), &SSL_free);
            SSL_set_fd(session.get(), socket.descriptor());
            if (SSL_accept(session.get()) != 1) return;
            for (const std::string& answer : answers) {
                std::string request;
                char byte = 0;
                while (!request.ends_with("\r\n\r\n")) {
                    if (SSL_read(session.get(), &byte, 1) != 1) return;
                    request += byte;
                }
                ++requests;
                SSL_write(session.get(), answer.data(), static_cast<int>(answer.size()));
            }
        };
    }

    Key key = make_key();
    Certificate certificate;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_server_method()), &SSL_CTX_free};
    std::string server_name;
    int requests = 0;
};

Endpoint https(const ScriptedServer& server, std::string host) {
    return Endpoint{.tls = true, .host = std::move(host), .port = std::to_string(server.port())};
}

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
