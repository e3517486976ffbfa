#include "core/http/client_tls.hpp"

#include <fmt/format.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/address.hpp>

namespace sluice::http {

namespace asio = boost::asio;
using boost::system::error_code;

std::string prepare_tls(asio::ssl::context& context, const TlsFiles& files) {
    const auto problem = [](std::string_view what, const std::string& file, const error_code& error) {
        return fmt::format("TLS: the {} in {} cannot be used: {}", what, file, error.message());
    };
    error_code error;
    context.set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
    context.set_verify_mode(asio::ssl::verify_peer, error);
    if (files.ca.empty()) {
        context.set_default_verify_paths(error);
    } else {
        context.load_verify_file(files.ca, error);
        if (error) return problem("authorities", files.ca, error);
    }
    if (files.certificate.empty()) return {};
    context.use_certificate_chain_file(files.certificate, error);
    if (error) return problem("certificate", files.certificate, error);
    // A key with a passphrase is an error here, not a question on the terminal.
    context.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); },
                                  error);
    context.use_private_key_file(files.key, asio::ssl::context::pem, error);
    return error ? problem("key", files.key, error) : std::string();
}

bool verify_host(SSL* session, const std::string& host) {
    error_code no_address;
    const auto address = asio::ip::make_address(host, no_address);
    if (!no_address) return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), address.to_string().c_str()) == 1;
    return SSL_set1_host(session, host.c_str()) == 1 &&
           SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

}  // namespace sluice::http
