#include "core/http/client_connection.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>
#include <vector>

#include "core/http/client_tls.hpp"
#include "core/http/proxy_tunnel.hpp"

namespace sluice::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Peer = asio::generic::stream_protocol::endpoint;
using SteadyClock = std::chrono::steady_clock;
using RequestMessage = bhttp::request<bhttp::span_body<const char>>;

namespace {

std::string describe(const error_code& error) {
    if (error == asio::error::eof || error == bhttp::error::end_of_stream) return "closed without an answer";
    if (error == bhttp::error::partial_message || error == asio::ssl::error::stream_truncated) {
        return "closed in the middle of the answer";
    }
    if (error.category() == make_error_code(bhttp::error::bad_version).category()) {
        return fmt::format("the answer is not HTTP/1.1 ({})", error.message());
    }
    return error.message();
}

bool is_too_large(const error_code& error) {
    return error == bhttp::error::body_limit || error == bhttp::error::header_limit ||
           error == bhttp::error::buffer_overflow;
}

RequestMessage make_message(const Request& request, const Endpoint& endpoint) {
    RequestMessage message;
    message.version(11);
    message.method_string(request.method);
    message.target(endpoint.base_path + request.target);
    message.set(bhttp::field::host, endpoint.authority());
    for (const auto& [name, value] : request.headers) message.insert(name, value);
    message.body() = {request.body.data(), request.body.size()};
    // A bodyless GET has no Content-Length; a bodyless POST says 0, or some servers wait for a body.
    const bool has_body =
        !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (has_body) message.content_length(request.body.size());
    return message;
}

}  // namespace

struct ClientConnection::Impl {
    Impl(const Endpoint& to, std::size_t response_limit)
        : endpoint(to), max_response_bytes(response_limit), resolver(context), socket(context) {
        if (!endpoint.tls) return;
        tls_context.emplace(asio::ssl::context::tls_client);
        tls_problem = prepare_tls(*tls_context, endpoint.tls_files);
    }

    /// Why running must end before the operation did.
    StepEnd interruption(Deadline deadline) const {
        if (cancelled.load()) return StepEnd::cancelled;
        return SteadyClock::now() >= deadline ? StepEnd::timed_out : StepEnd::done;
    }

    /// Starts an asynchronous operation and runs it to its end, which closing the socket brings about at once.
    template <class Start>
    StepEnd run(Deadline deadline, error_code& error, const Start& start) {
        bool completed = false;
        context.restart();
        start([&](const error_code& result, const auto&...) {
            error = result;
            completed = true;
        });
        StepEnd why = StepEnd::done;
        while (!completed) {  // NOLINT(bugprone-infinite-loop): the handler, which runs in here, ends it
            if (why == StepEnd::done) {
                why = interruption(deadline);
                if (why != StepEnd::done) close_socket();
            }
            if (why == StepEnd::done) {
                context.run_one_until(deadline);
            } else {
                context.run_one();
            }
        }
        if (!error) return StepEnd::done;
        return why == StepEnd::done ? StepEnd::failed : why;
    }

    /// Calls `use` with what carries HTTP's bytes.
    template <class Use>
    void with_stream(const Use& use) {
        if (tls) {
            use(*tls);
        } else {
            use(socket);
        }
    }

    void close_socket() {
        error_code ignored;
        socket.close(ignored);
    }

    Step ended(StepEnd end, const error_code& error, std::string_view doing) const {
        switch (end) {
            case StepEnd::done:
                return {};
            case StepEnd::timed_out:
                return {end, fmt::format("{}: no end within the time limit", doing)};
            case StepEnd::cancelled:
                return {end, fmt::format("{}: cancelled", doing)};
            default:
                return {end, fmt::format("{}: {}", doing, describe(error))};
        }
    }

    Step resolve(Deadline deadline, std::vector<Peer>& peers);
    Step connect(Deadline deadline, const std::vector<Peer>& peers);
    Step open_tunnel(Deadline deadline);
    Step shake_hands(Deadline deadline);
    Step wait_for_answer(Deadline deadline, beast::flat_buffer& buffer);

    const Endpoint endpoint;
    const std::size_t max_response_bytes;
    std::atomic<bool> cancelled = false;
    SteadyClock::time_point last_used;
    asio::io_context context;
    asio::ip::tcp::resolver resolver;
    Socket socket;
    std::optional<asio::ssl::context> tls_context;
    std::string tls_problem;
    std::optional<asio::ssl::stream<Socket&>> tls;
};

Step ClientConnection::Impl::resolve(Deadline deadline, std::vector<Peer>& peers) {
    if (!endpoint.unix_socket.empty()) {
        if (endpoint.unix_socket.size() >= sizeof(sockaddr_un::sun_path)) {
            return {StepEnd::failed, fmt::format("connect: a socket's path has at most {} bytes, this one {}",
                                                 sizeof(sockaddr_un::sun_path) - 1, endpoint.unix_socket.size())};
        }
        peers.emplace_back(asio::local::stream_protocol::endpoint(endpoint.unix_socket));
        return {};
    }
    struct Lookup {
        bool completed = false;
        error_code error;
        asio::ip::tcp::resolver::results_type found;
    };
    // Shared, because getaddrinfo() cannot be interrupted: an abandoned look-up ends into nothing.
    const auto lookup = std::make_shared<Lookup>();
    context.restart();
    const auto& host = endpoint.proxy ? endpoint.proxy->host : endpoint.host;
    const auto& port = endpoint.proxy ? endpoint.proxy->port : endpoint.port;
    resolver.async_resolve(host, port, asio::ip::tcp::resolver::numeric_service,
                           [lookup](const error_code& error, asio::ip::tcp::resolver::results_type found) {
                               lookup->completed = true;
                               lookup->error = error;
                               lookup->found = std::move(found);
                           });
    while (!lookup->completed) {
        const StepEnd why = interruption(deadline);
        if (why != StepEnd::done) {
            resolver.cancel();
            return ended(why, {}, "look up the host");
        }
        context.run_one_until(deadline);
    }
    if (lookup->error) return ended(StepEnd::failed, lookup->error, "look up the host");
    for (const auto& entry : lookup->found) peers.emplace_back(entry.endpoint());
    return {};
}

Step ClientConnection::Impl::connect(Deadline deadline, const std::vector<Peer>& peers) {
    Step last{StepEnd::failed, "connect: the host has no address"};
    for (std::size_t i = 0; i < peers.size(); ++i) {
        // Each address gets an equal part of what is left, so that a silent first one does not use up the others' time.
        const auto now = SteadyClock::now();
        const auto share = (deadline - now) / static_cast<std::int64_t>(peers.size() - i);
        error_code error;
        close_socket();
        const StepEnd end = run(now + share, error, [&](auto on_end) { socket.async_connect(peers[i], on_end); });
        last = ended(end, error, "connect");
        if (end == StepEnd::cancelled) return last;
        if (end == StepEnd::done) {
            if (endpoint.unix_socket.empty()) socket.set_option(asio::ip::tcp::no_delay(true), error);
            return last;
        }
    }
    return last;
}

Step ClientConnection::Impl::open_tunnel(Deadline deadline) {
    const std::string request = tunnel_request(endpoint);
    error_code error;
    StepEnd end = run(deadline, error, [&](auto on_end) { asio::async_write(socket, asio::buffer(request), on_end); });
    if (end != StepEnd::done) return ended(end, error, "send to the proxy");
    beast::flat_buffer buffer;
    bhttp::response_parser<bhttp::empty_body> parser;
    parser.header_limit(max_response_header_bytes);
    end = run(deadline, error, [&](auto on_end) { bhttp::async_read_header(socket, buffer, parser, on_end); });
    if (end != StepEnd::done) return ended(end, error, "wait for the proxy");
    const auto status = static_cast<int>(parser.get().result_int());
    // Who serves the tunnel's other end speaks after us only.
    if (status / 100 == 2 && buffer.size() == 0) return {};
    return {StepEnd::failed, tunnel_refusal(*endpoint.proxy, status)};
}

Step ClientConnection::Impl::shake_hands(Deadline deadline) {
    if (!tls_problem.empty()) return {StepEnd::failed, tls_problem};
    tls.emplace(socket, *tls_context);
    SSL* const session = tls->native_handle();
    if (!verify_host(session, endpoint.host)) return {StepEnd::failed, "TLS: the host's name cannot be verified"};
    error_code error;
    const StepEnd end =
        run(deadline, error, [&](auto on_end) { tls->async_handshake(asio::ssl::stream_base::client, on_end); });
    const long verdict = SSL_get_verify_result(session);
    if (end == StepEnd::failed && verdict != X509_V_OK) {
        return {end, fmt::format("TLS: certificate refused: {}", X509_verify_cert_error_string(verdict))};
    }
    return ended(end, error, "TLS");
}

Step ClientConnection::Impl::wait_for_answer(Deadline deadline, beast::flat_buffer& buffer) {
    constexpr std::size_t some = 4'096;
    error_code error;
    StepEnd end = StepEnd::done;
    with_stream([&](auto& stream) {
        end = run(deadline, error, [&](auto on_end) {
            stream.async_read_some(buffer.prepare(some),
                                   [&buffer, on_end](const error_code& result, std::size_t bytes) {
                                       buffer.commit(bytes);
                                       on_end(result);
                                   });
        });
    });
    return ended(end, error, "wait for the answer's first byte");
}

ClientConnection::ClientConnection(const Endpoint& endpoint, std::size_t max_response_bytes)
    : impl_(std::make_unique<Impl>(endpoint, max_response_bytes)) {}

ClientConnection::~ClientConnection() = default;

bool ClientConnection::is_usable() const {
    if (!impl_->socket.is_open() || SteadyClock::now() - impl_->last_used > max_idle) return false;
    char unused = 0;
    const auto got = ::recv(impl_->socket.native_handle(), &unused, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Step ClientConnection::open(Deadline deadline) {
    close();
    std::vector<Peer> peers;
    Step step = impl_->resolve(deadline, peers);
    if (step.done()) step = impl_->connect(deadline, peers);
    if (step.done() && impl_->endpoint.proxy) step = impl_->open_tunnel(deadline);
    if (step.done() && impl_->endpoint.tls) step = impl_->shake_hands(deadline);
    if (!step.done()) close();
    return step;
}

Step ClientConnection::write(const Request& request, Deadline deadline, bool& bytes_sent) {
    const RequestMessage message = make_message(request, impl_->endpoint);
    bhttp::request_serializer<bhttp::span_body<const char>> serializer(message);
    std::size_t written = 0;
    error_code error;
    StepEnd end = StepEnd::done;
    impl_->with_stream([&](auto& stream) {
        end = impl_->run(deadline, error, [&](auto on_end) {
            bhttp::async_write(stream, serializer, [&written, on_end](const error_code& result, std::size_t bytes) {
                written = bytes;
                on_end(result);
            });
        });
    });
    // TLS counts a record only when all of it is written, so there no count proves that nothing went out.
    bytes_sent = bytes_sent || written > 0 || impl_->tls.has_value();
    return impl_->ended(end, error, "send");
}

Step ClientConnection::read(const Request& request, Deadline deadline, Response& response, bool& answer_begun) {
    beast::flat_buffer buffer;
    if (request.timeouts.first_byte_ms > 0) {
        const auto limit = SteadyClock::now() + std::chrono::milliseconds(request.timeouts.first_byte_ms);
        const Step begun = impl_->wait_for_answer(std::min(deadline, limit), buffer);
        if (!begun.done()) {
            close();
            return begun;
        }
    }
    for (int interim = 0; interim <= max_interim_responses; ++interim) {
        bhttp::response_parser<bhttp::string_body> parser;
        parser.header_limit(max_response_header_bytes);
        parser.body_limit(impl_->max_response_bytes);
        if (request.method == "HEAD") parser.skip(true);
        error_code error;
        StepEnd end = StepEnd::done;
        impl_->with_stream([&](auto& stream) {
            end = impl_->run(deadline, error, [&](auto on_end) { bhttp::async_read(stream, buffer, parser, on_end); });
        });
        answer_begun = answer_begun || parser.got_some() || buffer.size() > 0;
        if (end != StepEnd::done) {
            close();
            if (end == StepEnd::failed && is_too_large(error)) {
                return {StepEnd::too_large, fmt::format("the answer is larger than {} bytes, or its headers than {}",
                                                        impl_->max_response_bytes, max_response_header_bytes)};
            }
            return impl_->ended(end, error, "wait for the answer");
        }
        auto& message = parser.get();
        const unsigned status = message.result_int();
        // 101 switches to a protocol nobody asked for.
        if (status >= 100 && status < 200 && status != 101) continue;
        if (status < 200 || status > 599) break;
        // Bytes beyond the answer belong to nothing that was asked.
        if (!parser.keep_alive() || buffer.size() > 0) close();
        impl_->last_used = SteadyClock::now();
        response.status = static_cast<int>(status);
        response.headers.clear();
        for (const auto& field : message) {
            response.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
        }
        response.body = std::move(message.body());
        return {};
    }
    close();
    return {StepEnd::failed, "wait for the answer: its status is none of HTTP's final ones"};
}

void ClientConnection::close() {
    impl_->tls.reset();
    impl_->close_socket();
}

void ClientConnection::cancel() {
    impl_->cancelled.store(true);
    // Wakes a running step. One that is left over wakes a later step for nothing, which does no harm.
    asio::post(impl_->context, [] {});
}

void ClientConnection::reset() {
    impl_->cancelled.store(false);
}

bool ClientConnection::is_cancelled() const {
    return impl_->cancelled.load();
}

}  // namespace sluice::http
