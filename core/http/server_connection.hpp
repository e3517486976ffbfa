#pragma once
// One connection of a Server: reads requests, hands them over, writes answers. Server's thread only, except the Respond
// it gives out.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/http/reply.hpp"
#include "core/http/server.hpp"

namespace sluice::http {

using ServerSocket =
    boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

/// What all connections of one server share. Outlives them.
struct ServerShared {
    ServerLimits limits;
    RequestHandler handler;
    std::shared_ptr<Mailbox> mailbox;
    bool stopping = false;
};

/// Lifecycle: make_shared, serve() or refuse() once; both end when the connection is closed. close() from outside ends
/// them soon.
class ServerConnection final : public ReplySink, public std::enable_shared_from_this<ServerConnection> {
public:
    /// How long a closing connection reads on, so that the answer is not lost to a reset caused by unread bytes.
    static constexpr std::int64_t linger_ms = 2'000;
    /// `Retry-After` of a refused connection, seconds.
    static constexpr int refused_retry_after_s = 1;

    ServerConnection(ServerSocket socket, ServerShared& shared);

    /// Serves requests until either side is done.
    boost::asio::awaitable<void> serve();
    /// Answers 503 without reading a request.
    boost::asio::awaitable<void> refuse();

    /// A request is with the handler, or its answer is being written.
    bool is_busy() const { return busy_; }
    void close();
    /// Closes and drops what the client has not taken yet, which the kernel would keep for it otherwise.
    void abort();
    void take_answer(Response answer) override;

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    /// `end`: closed, nothing to answer. `good`: a whole request. Else the status to answer with.
    enum class Got : int { end = 0, good = 1 };
    enum class OnTimeout { stop_reading, close, abort };

    boost::asio::awaitable<Got> read_request(Parser& parser, bool is_first);
    boost::asio::awaitable<Got> read_body(Parser& parser);
    boost::asio::awaitable<bool> write(const Response& answer, const Parser& parser, bool keep_alive);
    boost::asio::awaitable<void> linger();
    void arm(std::int64_t limit_ms, OnTimeout action);
    void disarm();

    ServerShared& shared_;
    ServerSocket socket_;
    boost::asio::steady_timer limit_;
    boost::asio::steady_timer answered_;
    boost::beast::flat_buffer buffer_;
    std::optional<Response> answer_;
    std::string peer_;
    std::optional<::uid_t> peer_uid_;
    std::uint64_t limit_turn_ = 0;
    bool timed_out_ = false;
    bool busy_ = false;
};

}  // namespace sluice::http
