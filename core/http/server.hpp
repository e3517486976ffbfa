#pragma once
// An HTTP/1.1 server on TCP or a Unix socket: ingress and the admin API both stand on it.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "core/http/client.hpp"

namespace sluice::http {

struct ServerLimits {
    std::size_t max_header_bytes = 16 * 1024;
    std::size_t max_body_bytes =
        2 * 1024 * 1024;  ///< beyond it: 413, decided from Content-Length before the body is read where there is one
    std::int64_t header_timeout_ms = 10'000;  ///< a client slower than this to send a whole header is closed (408)
    std::int64_t body_timeout_ms = 10'000;    ///< likewise its body
    std::int64_t idle_timeout_ms = 60'000;    ///< between requests of one connection
    std::int64_t write_timeout_ms = 60'000;   ///< a client slower than this to take a whole answer is closed
    int max_connections = 1'024;              ///< beyond it: 503 with Retry-After and closed
};

struct ListenTcp {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
};
struct ListenUnix {
    std::filesystem::path path;
};  ///< made with mode 0600; a stale socket file is replaced, a live one is an error

struct ServerRequest {
    std::string method, target;  ///< target as sent, query included
    Headers headers;
    std::string body;
    std::string peer;                 ///< "127.0.0.1:4711" or "unix"
    std::optional<::uid_t> peer_uid;  ///< whose process connected, where the kernel says it (a Unix socket)
};

/// Answers exactly once, from any thread, then or later; a second call does nothing, and so does one after the client
/// went or the server stopped. Where the last copy goes without a call, the client gets 500. Content-Length, Connection
/// and Transfer-Encoding are the server's own; a Response's are left out.
using Respond = std::function<void(Response)>;
/// Runs on the server's thread and must not block; keep `respond` to answer later.
using RequestHandler = std::function<void(ServerRequest, Respond)>;

/// One thread runs all connections. Lifecycle: construct, start(), stop(), destroy.
/// Malformed requests get 400, slow ones 408, too large headers 431, bodies 413, without reaching the handler. Requests
/// of one connection reach the handler one after the other, also when pipelined. A limit of time holds for its whole
/// phase, however the bytes drip.
class Server {
public:
    Server(std::variant<ListenTcp, ListenUnix> listen, ServerLimits limits, RequestHandler handler);
    ~Server();
    /// Binds and serves. Failure::invalid names the address and the cause.
    Result<void> start();
    /// The port bound (TCP), also for port 0.
    std::uint16_t port() const;
    /// Accepts nothing more, lets requests already with the handler be answered for up to `grace_ms`, closes. Blocks;
    /// not from the handler. Without effect where not started; a stopped server is not started again.
    void stop(std::int64_t grace_ms);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// A plain JSON answer.
Response json_response(int status, std::string body);

}  // namespace sluice::http
