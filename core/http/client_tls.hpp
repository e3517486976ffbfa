#pragma once
// The client's side of TLS: which authorities count, our own certificate, and whose certificate the server must show.

#include <boost/asio/ssl/context.hpp>
#include <string>

#include "core/http/client.hpp"

namespace sluice::http {

/// Sets the context up; "" or what is wrong with the files, for the operator.
std::string prepare_tls(boost::asio::ssl::context& context, const TlsFiles& files);

/// The session's certificate must be for this name or address, and the name is sent along (SNI). False where OpenSSL
/// cannot do that.
bool verify_host(SSL* session, const std::string& host);

}  // namespace sluice::http
