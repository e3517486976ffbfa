#pragma once
// TLS servers and certificates of the test's own making.

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/http/client.hpp"
#include "tests/core/http/raw_socket.hpp"

namespace sluice::http::test {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

inline Key make_key() {
    return {EVP_EC_gen("P-256"), &EVP_PKEY_free};
}

/// A self-signed certificate for `names` ("DNS:localhost,IP:127.0.0.1"), good for an hour.
inline Certificate make_certificate(EVP_PKEY* key, const char* names) {
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

/// A PEM file of the test's own, removed with the object.
class PemFile {
public:
    explicit PemFile(X509* certificate) : PemFile([&](std::FILE* file) { PEM_write_X509(file, certificate); }) {}
    explicit PemFile(EVP_PKEY* key)
        : PemFile([&](std::FILE* file) { PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr); }) {}
    ~PemFile() { std::filesystem::remove(path_); }
    PemFile(const PemFile&) = delete;
    PemFile& operator=(const PemFile&) = delete;
    const std::string& path() const { return path_; }

private:
    template <class Write>
    explicit PemFile(const Write& write) {
        path_ = ::testing::TempDir() + "sluice-pem-XXXXXX";
        std::FILE* const file = ::fdopen(::mkstemp(path_.data()), "w");
        write(file);
        std::fclose(file);
    }
    std::string path_;
};

/// Makes the certificate a system authority for as long as it lives: OpenSSL reads SSL_CERT_FILE when a Client is made.
class Trusted {
public:
    explicit Trusted(X509* certificate) : file_(certificate) { ::setenv("SSL_CERT_FILE", file_.path().c_str(), 1); }
    ~Trusted() { ::unsetenv("SSL_CERT_FILE"); }
    Trusted(const Trusted&) = delete;
    Trusted& operator=(const Trusted&) = delete;

private:
    const PemFile file_;
};

/// Give its script to a ScriptedServer.
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

inline Endpoint https(const ScriptedServer& server, std::string host) {
    return Endpoint{.tls = true, .host = std::move(host), .port = std::to_string(server.port())};
}

}  // namespace sluice::http::test
