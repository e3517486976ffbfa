#include "core/http/server_connection.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/write.hpp>

#include "core/http/field_syntax.hpp"
#include "core/http/listen.hpp"

// co_await stands alone in its statement everywhere: g++ 12 miscompiles it inside conditions.

namespace sluice::http {

namespace asio = boost::asio;
namespace bhttp = boost::beast::http;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

namespace {

/// The least a read of a request's first bytes asks for.
constexpr std::size_t first_read_bytes = 4 * 1024;

/// The status for a request whose head broke a rule the parser does not know; 0 where it is good.
int judge_head(const bhttp::request_header<>& head, bool is_chunked) {
    if (head.version() == 11 && head.count(bhttp::field::host) != 1) return 400;
    // A body whose length only one of two readers understands is how requests are smuggled past a proxy.
    const auto encodings = head.count(bhttp::field::transfer_encoding);
    if (encodings > 0) {
        const bool plain = encodings == 1 && boost::beast::iequals(head[bhttp::field::transfer_encoding], "chunked");
        if (!plain || !is_chunked || head.version() == 10) return 400;
    }
    if (head.count(bhttp::field::content_length) > 1) return 400;
    return 0;
}

int status_for(const error_code& error, bool timed_out) {
    if (timed_out) return 408;
    if (error == bhttp::error::body_limit) return 413;
    if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) return 431;
    if (error == bhttp::error::end_of_stream) return 0;
    const bool is_protocol_error = error.category() == make_error_code(bhttp::error::bad_version).category();
    return is_protocol_error ? 400 : 0;
}

/// What the server says by itself, before any handler.
Response refusal(int status, const ServerLimits& limits) {
    const auto say = [status](const std::string& text) {
        return json_response(status, "{\"error\":\"" + text + "\"}");
    };
    switch (status) {
        case 408:
            return say("the request did not arrive in time");
        case 413:
            return say("the body is larger than " + std::to_string(limits.max_body_bytes) + " bytes");
        case 417:
            return say("of the expectations only 100-continue is known");
        case 431:
            return say("the headers are larger than " + std::to_string(limits.max_header_bytes) + " bytes");
        case 503:
            return say("more than " + std::to_string(limits.max_connections) + " connections");
        default:
            return say("not a well-formed HTTP request");
    }
}

/// A Response as Beast writes it; 500 where the handler's own is no HTTP.
bhttp::response<bhttp::span_body<const char>> make_message(const Response& answer, unsigned version, bool keep_alive) {
    bhttp::response<bhttp::span_body<const char>> message;
    message.version(version);
    bool well_formed = answer.status >= 200 && answer.status <= 599;
    for (const auto& [name, value] : answer.headers) {
        well_formed = well_formed && is_token(name) && is_field_value(value);
    }
    message.result(well_formed ? static_cast<unsigned>(answer.status) : 500U);
    message.keep_alive(keep_alive);
    if (well_formed) {
        for (const auto& [name, value] : answer.headers) {
            if (!is_framing_header(name)) message.insert(name, value);
        }
        message.body() = {answer.body.data(), answer.body.size()};
    }
    // 204 and 304 have no body, and 204 no Content-Length (RFC 9110, 8.6).
    if (message.result_int() == 204 || message.result_int() == 304) {
        message.body() = {};
    } else {
        message.content_length(message.body().size());
    }
    return message;
}

}  // namespace

ServerConnection::ServerConnection(ServerSocket socket, ServerShared& shared)
    : shared_(shared), socket_(std::move(socket)), limit_(socket_.get_executor()), answered_(socket_.get_executor()) {
    error_code error;
    peer_ = peer_name(socket_.remote_endpoint(error));
    peer_uid_ = peer_uid(socket_.native_handle());
}

asio::awaitable<void> ServerConnection::serve() {
    const auto self = shared_from_this();
    for (bool is_first = true;; is_first = false) {
        Parser parser;
        parser.header_limit(static_cast<std::uint32_t>(shared_.limits.max_header_bytes));
        parser.body_limit(shared_.limits.max_body_bytes);
        const Got got = co_await read_request(parser, is_first);
        if (got == Got::end || !socket_.is_open()) break;
        if (got != Got::good) {
            const Response answer = refusal(static_cast<int>(got), shared_.limits);
            const bool written = co_await write(answer, parser, false);
            if (written) co_await linger();
            break;
        }

        busy_ = true;
        answer_.reset();
        answered_.expires_at(asio::steady_timer::time_point::max());
        auto& message = parser.get();
        ServerRequest request{.method = std::string(message.method_string()),
                              .target = std::string(message.target()),
                              .body = std::move(message.body()),
                              .peer = peer_,
                              .peer_uid = peer_uid_};
        for (const auto& field : message) {
            request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        }
        try {
            shared_.handler(std::move(request), make_respond(shared_.mailbox, weak_from_this()));
        } catch (...) {
            // A handler that throws has dropped its Respond (500) or kept a copy that will answer.
        }
        if (!answer_) {
            error_code woken;
            co_await answered_.async_wait(redirect_error(use_awaitable, woken));
        }
        if (!answer_ || !socket_.is_open()) break;

        const bool keep_alive = message.keep_alive() && !shared_.stopping;
        const bool written = co_await write(*answer_, parser, keep_alive);
        answer_.reset();
        busy_ = false;
        if (!written) break;
        if (!keep_alive || shared_.stopping) {
            // Bytes of requests that will not be read would turn the close into a reset.
            if (buffer_.size() > 0) co_await linger();
            break;
        }
    }
    close();
}

asio::awaitable<void> ServerConnection::refuse() {
    const auto self = shared_from_this();
    Response answer = refusal(503, shared_.limits);
    answer.headers.emplace_back("Retry-After", std::to_string(refused_retry_after_s));
    const Parser nothing_read;
    const bool written = co_await write(answer, nothing_read, false);
    if (written) co_await linger();
    close();
}

asio::awaitable<ServerConnection::Got> ServerConnection::read_request(Parser& parser, bool is_first) {
    error_code error;
    if (!is_first && buffer_.size() == 0) {
        arm(shared_.limits.idle_timeout_ms, OnTimeout::close);
        const auto space = buffer_.prepare(first_read_bytes);
        const std::size_t bytes = co_await socket_.async_read_some(space, redirect_error(use_awaitable, error));
        disarm();
        if (error) co_return Got::end;
        buffer_.commit(bytes);
    }
    arm(shared_.limits.header_timeout_ms, OnTimeout::stop_reading);
    co_await bhttp::async_read_header(socket_, buffer_, parser, redirect_error(use_awaitable, error));
    disarm();
    if (error) co_return static_cast<Got>(status_for(error, timed_out_));
    const int refused = judge_head(parser.get(), parser.chunked());
    if (refused != 0) co_return static_cast<Got>(refused);
    const Got got = co_await read_body(parser);
    co_return got;
}

asio::awaitable<ServerConnection::Got> ServerConnection::read_body(Parser& parser) {
    error_code error;
    const auto& head = parser.get();
    arm(shared_.limits.body_timeout_ms, OnTimeout::stop_reading);
    const bool expects = head.version() == 11 && head.count(bhttp::field::expect) > 0;
    if (expects && !boost::beast::iequals(head[bhttp::field::expect], "100-continue")) {
        disarm();
        co_return static_cast<Got>(417);
    }
    if (expects && !parser.is_done()) {
        const bhttp::response<bhttp::empty_body> go_on(bhttp::status::continue_, 11);
        bhttp::response_serializer<bhttp::empty_body> serializer(go_on);
        co_await bhttp::async_write(socket_, serializer, redirect_error(use_awaitable, error));
    }
    if (!error && !parser.is_done()) {
        co_await bhttp::async_read(socket_, buffer_, parser, redirect_error(use_awaitable, error));
    }
    disarm();
    if (error) co_return static_cast<Got>(status_for(error, timed_out_));
    co_return Got::good;
}

asio::awaitable<bool> ServerConnection::write(const Response& answer, const Parser& parser, bool keep_alive) {
    const auto& request = parser.get();
    const auto message = make_message(answer, request.version() == 10 ? 10 : 11, keep_alive);
    bhttp::response_serializer<bhttp::span_body<const char>> serializer(message);
    error_code error;
    arm(shared_.limits.write_timeout_ms, OnTimeout::abort);
    if (request.method() == bhttp::verb::head) {
        co_await bhttp::async_write_header(socket_, serializer, redirect_error(use_awaitable, error));
    } else {
        co_await bhttp::async_write(socket_, serializer, redirect_error(use_awaitable, error));
    }
    disarm();
    co_return !error;
}

asio::awaitable<void> ServerConnection::linger() {
    error_code error;
    socket_.shutdown(asio::socket_base::shutdown_send, error);
    arm(linger_ms, OnTimeout::close);
    buffer_.clear();
    while (!error) {
        const auto space = buffer_.prepare(first_read_bytes);
        co_await socket_.async_read_some(space, redirect_error(use_awaitable, error));
    }
    disarm();
}

void ServerConnection::arm(std::int64_t limit_ms, OnTimeout action) {
    timed_out_ = false;
    const auto turn = ++limit_turn_;
    limit_.expires_after(std::chrono::milliseconds(limit_ms));
    limit_.async_wait([self = shared_from_this(), turn, action](const error_code& error) {
        if (error || turn != self->limit_turn_) return;
        self->timed_out_ = true;
        error_code ignored;
        // Cancelling ends the read that waits now, the shutdown every later one: without it a client that drips bytes
        // could meet the moment between two reads and be read on without a limit.
        if (action == OnTimeout::stop_reading) {
            self->socket_.shutdown(asio::socket_base::shutdown_receive, ignored);
            self->socket_.cancel(ignored);
        } else if (action == OnTimeout::close) {
            self->close();
        } else {
            self->abort();
        }
    });
}

void ServerConnection::disarm() {
    ++limit_turn_;
    limit_.cancel();
}

void ServerConnection::close() {
    error_code ignored;
    socket_.close(ignored);
    limit_.cancel();
    answered_.cancel();
}

void ServerConnection::abort() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    close();
}

void ServerConnection::take_answer(Response answer) {
    answer_ = std::move(answer);
    answered_.cancel();
}

}  // namespace sluice::http
