#pragma once
// A blocking HTTP/1.1 client for lanes: one owner, one thread, except cancel().

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/headers.hpp"
#include "core/base/result.hpp"

namespace sluice::http {

struct Timeouts {
    std::int64_t connect_ms = 10'000;
    std::int64_t first_byte_ms = 0;   ///< from the last byte sent to the first received; 0: total_ms alone counts
    std::int64_t total_ms = 120'000;  ///< from the first byte sent to the last received
    bool operator==(const Timeouts&) const = default;
};

struct Request {
    std::string method = "GET";
    std::string target = "/";  ///< path and query
    Headers headers;           ///< Host, Content-Length and Connection are the client's own
    std::string body;
    Timeouts timeouts;
    /// May be sent a second time on a fresh connection where a reused one died before the first response byte.
    bool idempotent = false;
};

struct Response {
    int status = 0;
    Headers headers;
    std::string body;
};

/// An HTTP proxy that opens a tunnel (CONNECT), for http and https alike.
struct Proxy {
    std::string host;  ///< without brackets
    std::string port;
    std::string authorization;  ///< of Proxy-Authorization, a secret; "": none
    /// "http://host:port"; Failure::invalid as Endpoint::parse, also for https and a path.
    static Result<Proxy> parse(std::string_view url);
    bool operator==(const Proxy&) const = default;
};

/// PEM files, read when a Client is made; "" where there is none. One that cannot be used fails every connection.
struct TlsFiles {
    std::string ca;           ///< the authorities that count, instead of the system's
    std::string certificate;  ///< ours, with its chain, for a server that asks for one
    std::string key;          ///< of that certificate, without a passphrase
    bool operator==(const TlsFiles&) const = default;
};

/// Where requests go: "http://host:port/base/path", https, or a Unix socket.
struct Endpoint {
    bool tls = false;
    std::string host;       ///< without brackets
    std::string port;       ///< "8069"
    std::string base_path;  ///< "" or "/odoo", no trailing slash; put before every target
    std::string
        unix_socket;  ///< a socket file's path: spoken to instead of host and port (plain HTTP, `Host: localhost`)
    std::optional<Proxy> proxy;  ///< spoken to first; not for a Unix socket
    TlsFiles tls_files;
    bool operator==(const Endpoint&) const = default;
    /// Failure::invalid, saying what is wrong, where the text is no http(s) URL or carries user info, a query or a
    /// fragment.
    static Result<Endpoint> parse(std::string_view url);
    /// "odoo.example:8069", "[::1]:8069" or "unix:/run/sluice.sock": how messages name the other side.
    std::string name() const;
    /// What the Host header says: "odoo.example" where the port is the scheme's own, else "odoo.example:8069" (RFC
    /// 9110, 7.2).
    std::string authority() const;
};

/// Told of the moments around the bytes of one request; for crash points. Called on the thread of send(), again for a
/// request that is sent a second time. Must not throw.
class SendObserver {
public:
    virtual ~SendObserver() = default;
    virtual void before_send() {}   ///< connected; no byte of the request is written
    virtual void after_send() {}    ///< the whole request is handed to the kernel
    virtual void after_answer() {}  ///< the whole answer is read
};

/// One connection at a time to one endpoint, kept alive where the server keeps it, thrown away after any failure.
/// Errors: nothing sent -> Failure::retry with `disconnected`; bytes sent and no whole answer -> Failure::unknown with
/// `disconnected`; cancelled before bytes were sent -> Failure::cancelled, after -> Failure::unknown (a cancel is no
/// `disconnected`). A response beyond the limit is Failure::rejected, a request that is no HTTP (a line break in a
/// header) Failure::invalid. A proxy that refuses the tunnel is Failure::retry with `disconnected`: nothing of the
/// request was sent. Messages name the endpoint and the cause, never a header or a body. Redirects are answers
/// like any other. Over TLS the certificate and the host are verified against the given authorities, or the system's
/// (OpenSSL's defaults, so SSL_CERT_FILE counts).
class Client {
public:
    static constexpr std::size_t default_max_response_bytes = 64 * 1024 * 1024;

    explicit Client(Endpoint endpoint, std::size_t max_response_bytes = default_max_response_bytes);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// `observer` may be null and is used during the call only.
    Result<Response> send(const Request& request, SendObserver* observer = nullptr);
    /// Makes a running send() return at once, and every later one, until reset(). Any thread. (A look-up of the host's
    /// name is left behind at once, but the destructor waits for the system's resolver to give up.)
    void cancel();
    /// Ends cancel(). Any thread.
    void reset();
    const Endpoint& endpoint() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
