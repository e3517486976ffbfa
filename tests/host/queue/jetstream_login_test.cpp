// Logging in, and TLS, against real servers.

#include <gmock/gmock.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>

#include "host/queue/jetstream.hpp"
#include "tests/host/queue/nats_server.hpp"

namespace sluice::host {
namespace {

using test::NatsServer;
using testing::HasSubstr;
using testing::Not;

class JetStreamLogin : public testing::Test {
protected:
    void SetUp() override {
        if (!test::find_nats_server()) GTEST_SKIP() << "nats-server is not installed (Debian's package nats-server)";
    }
    /// There is no stream: whoever hears of that has been let in.
    static Error error_of(const NatsAccount& account) {
        const auto opened = make_jetstream(account, {.stream = "ORDERS", .consumer = "odoo"}, "sluice test")->open({});
        EXPECT_FALSE(opened);
        return opened ? Error{} : opened.error();
    }
    static void expect_let_in(const NatsAccount& account) {
        EXPECT_THAT(error_of(account).message, HasSubstr("there is no stream ORDERS"));
    }
};

TEST_F(JetStreamLogin, UserAndPassword) {
    const NatsServer server({"--user", "svc", "--pass", "sesame"});
    auto account = server.account();
    EXPECT_EQ(error_of(account).failure, Failure::auth);
    account.user = "svc";
    account.password = Secret("wrong-secret");
    const auto refused = error_of(account);
    EXPECT_EQ(refused.failure, Failure::auth);
    EXPECT_THAT(refused.message, Not(HasSubstr("wrong-secret")));
    account.password = Secret("sesame");
    expect_let_in(account);
}

TEST_F(JetStreamLogin, Token) {
    const NatsServer server({"--auth", "sesame"});
    auto account = server.account();
    account.token = Secret("wrong");
    EXPECT_EQ(error_of(account).failure, Failure::auth);
    account.token = Secret("sesame");
    expect_let_in(account);
}

/// docs/configuration.md, [nats.NAME]
TEST_F(JetStreamLogin, TheRightsTheReferenceNamesAreEnough) {
    std::string made = std::filesystem::path(testing::TempDir()) / "sluice-rights-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(made.data());
    std::ofstream(folder / "rights.conf") << R"(authorization { users = [
  { user: admin, password: admin }
  { user: svc, password: sesame, permissions: {
      publish: [ "$JS.API.CONSUMER.INFO.ORDERS.odoo", "$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.odoo",
                 "$JS.API.CONSUMER.MSG.NEXT.ORDERS.odoo", "$JS.ACK.>" ]
      subscribe: [ "_INBOX.>" ] } }
] }
)";
    const NatsServer server({"-c", (folder / "rights.conf").string()});
    test::NatsClient client("nats://admin:admin@127.0.0.1:" + server.port());
    client.add_stream("ORDERS", "orders.>");
    client.publish("orders.new", "1");
    auto account = server.account();
    account.user = "svc";
    account.password = Secret("sesame");
    const auto stream = make_jetstream(account, {.stream = "ORDERS", .consumer = "odoo"}, "sluice test");
    const auto opened = stream->open({});
    ASSERT_TRUE(opened) << opened.error().message;
    const auto batch = stream->fetch(10, 20'000);
    ASSERT_TRUE(batch) << batch.error().message;
    EXPECT_EQ(batch->size(), 1U);
    EXPECT_TRUE(stream->acknowledge());
    client.wait_until_nothing_pends("ORDERS", "odoo");
    std::filesystem::remove_all(folder);
}

/// A self-signed certificate for "localhost", and its key, as files in `folder`.
void make_certificate(const std::filesystem::path& folder) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("Test"), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:localhost");
    X509_add_ext(certificate.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
    std::FILE* file = std::fopen((folder / "cert.pem").c_str(), "w");
    PEM_write_X509(file, certificate.get());
    std::fclose(file);
    file = std::fopen((folder / "key.pem").c_str(), "w");
    PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
}

TEST_F(JetStreamLogin, TlsChecksTheServersCertificateAndName) {
    std::string made = std::filesystem::path(testing::TempDir()) / "sluice-tls-XXXXXX";
    const std::filesystem::path folder = ::mkdtemp(made.data());
    make_certificate(folder);
    {
        const NatsServer server(
            {"--tls", "--tlscert", (folder / "cert.pem").string(), "--tlskey", (folder / "key.pem").string()});
        expect_let_in({.urls = {server.url("tls", "localhost")}, .ca_file = (folder / "cert.pem").string()});
        EXPECT_EQ(error_of({.urls = {server.url("tls", "localhost")}}).failure, Failure::invalid)
            << "nobody vouches for it";
        EXPECT_EQ(error_of({.urls = {server.url("tls")}, .ca_file = (folder / "cert.pem").string()}).failure,
                  Failure::invalid)
            << "the certificate is for localhost, not for 127.0.0.1";
    }
    const NatsServer plain;
    EXPECT_EQ(error_of({.urls = {plain.url("tls", "localhost")}, .ca_file = (folder / "cert.pem").string()}).failure,
              Failure::invalid)
        << "a server that offers no TLS is not spoken to without";
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace sluice::host
