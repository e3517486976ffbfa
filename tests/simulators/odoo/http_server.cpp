#include "tests/simulators/odoo/http_server.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <stdexcept>
#include <system_error>

namespace sluice::sim {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr int kPollMs = 20;
constexpr std::uint64_t kBodyLimit = 128ULL * 1024 * 1024;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    }
    return out;
}

HttpRequest to_request(const http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = std::string(message.method_string());
    const std::string_view target(message.target().data(), message.target().size());
    const auto mark = target.find('?');
    request.path = percent_decoded(target.substr(0, mark));
    std::string_view rest = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    while (!rest.empty()) {
        const auto end = rest.find('&');
        const auto pair = rest.substr(0, end);
        const auto equals = pair.find('=');
        request.query[percent_decoded(pair.substr(0, equals))] =
            equals == std::string_view::npos ? std::string() : percent_decoded(pair.substr(equals + 1));
        rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    }
    for (const auto& field : message) {
        request.headers[lower_case({field.name_string().data(), field.name_string().size()})] =
            std::string(field.value().data(), field.value().size());
    }
    request.body = message.body();
    return request;
}

std::string_view reason(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 302:
            return "FOUND";
        case 303:
            return "SEE OTHER";
        case 400:
            return "BAD REQUEST";
        case 403:
            return "FORBIDDEN";
        case 404:
            return "NOT FOUND";
        case 405:
            return "METHOD NOT ALLOWED";
        case 415:
            return "UNSUPPORTED MEDIA TYPE";
        case 500:
            return "INTERNAL SERVER ERROR";
        case 502:
            return "BAD GATEWAY";
        case 503:
            return "SERVICE UNAVAILABLE";
        default:
            return "STATUS";
    }
}

}  // namespace

struct HttpServer::Connection {
    explicit Connection(int fd) : socket(context) { socket.assign(tcp::v4(), fd); }

    asio::io_context context{1};
    tcp::socket socket;
    std::thread thread;
    bool done = false;  // guarded by HttpServer::mutex_
};

HttpServer::HttpServer(std::uint16_t port, bool keep_alive, Hooks hooks)
    : keep_alive_(keep_alive), hooks_(std::move(hooks)) {
    listener_ = open_listener(port);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    if (::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::system_error(errno, std::generic_category(), "getsockname");
    }
    port_ = ntohs(address.sin_port);
    accept_thread_ = std::thread([this] { accept_loop(); });
}

HttpServer::~HttpServer() {
    stopping_ = true;
    accept_thread_.join();
    reap(true);
}

int HttpServer::open_listener(std::uint16_t port) const {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "socket");
    const int on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, 128) != 0) {
        const int error = errno;
        ::close(fd);
        throw std::system_error(error, std::generic_category(), "bind to port " + std::to_string(port));
    }
    return fd;
}

void HttpServer::set_listening(bool open) {
    std::unique_lock lock(mutex_);
    want_open_ = open;
    listening_changed_.wait(lock, [&] { return is_open_ == open || stopping_; });
}

void HttpServer::accept_loop() {
    while (!stopping_) {
        {
            const std::lock_guard lock(mutex_);
            if (want_open_ != is_open_) {
                if (is_open_) {
                    ::close(listener_);
                    listener_ = -1;
                } else {
                    listener_ = open_listener(port_);
                }
                is_open_ = want_open_;
                listening_changed_.notify_all();
            }
        }
        reap(false);
        pollfd waiting{listener_, POLLIN, 0};  // a negative fd is ignored
        if (::poll(&waiting, 1, kPollMs) <= 0 || listener_ < 0) continue;
        const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        if (hooks_.refuse && hooks_.refuse()) {
            const linger reset{1, 0};
            ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
            ::close(fd);
            continue;
        }
        const int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const std::lock_guard lock(mutex_);
        auto& connection = *connections_.emplace_back(std::make_unique<Connection>(fd));
        connection.thread = std::thread([this, &connection] {
            serve(connection);
            const std::lock_guard done_lock(mutex_);
            boost::system::error_code ignored;
            connection.socket.shutdown(tcp::socket::shutdown_both, ignored);
            connection.socket.close(ignored);
            connection.done = true;
        });
    }
    if (listener_ >= 0) ::close(listener_);
    listening_changed_.notify_all();
}

void HttpServer::reap(bool all) {
    std::list<std::unique_ptr<Connection>> finished;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = connections_.begin(); at != connections_.end();) {
            auto& connection = **at;
            if (all && !connection.done) ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
            const auto next = std::next(at);
            if (all || connection.done) finished.splice(finished.end(), connections_, at);
            at = next;
        }
    }
    for (auto& connection : finished) connection->thread.join();
}

void HttpServer::serve(Connection& connection) {
    boost::beast::flat_buffer buffer;
    while (!stopping_) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(kBodyLimit);
        boost::system::error_code error;
        http::read_header(connection.socket, buffer, parser, error);
        if (error) return;
        if (parser.get()[http::field::expect] == "100-continue") {
            asio::write(connection.socket, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), error);
            if (error) return;
        }
        http::read(connection.socket, buffer, parser, error);
        if (error) return;
        const bool keep_alive = keep_alive_ && parser.get().keep_alive();
        const auto request = to_request(parser.get());
        const auto reply = hooks_.handle(request);
        switch (reply.ending) {
            case HttpReply::Ending::close:
                return;
            case HttpReply::Ending::hang:
                hang(connection, reply.hang_generation);
                return;
            default:
                break;
        }
        if (!send(connection, reply, keep_alive, request.method == "HEAD") || !keep_alive) return;
    }
}

bool HttpServer::send(Connection& connection, const HttpReply& reply, bool keep_alive, bool head) {
    std::string text = "HTTP/1.1 " + std::to_string(reply.status) + " " + std::string(reason(reply.status)) + "\r\n";
    const auto header = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    header("Server", "Werkzeug/2.2.2 Python/3.11.2");
    header("Date", http_date(hooks_.clock()));
    header("Content-Length", std::to_string(reply.body.size()));
    if (!reply.content_type.empty()) header("Content-Type", reply.content_type);
    for (const auto& [name, value] : reply.headers) header(name, value);
    if (hooks_.no_sniff()) header("X-Content-Type-Options", "nosniff");
    if (!keep_alive) header("Connection", "close");
    text += "\r\n";
    const bool half = reply.ending == HttpReply::Ending::half_body;
    if (!head) text.append(reply.body, 0, half ? reply.body.size() / 2 : reply.body.size());
    boost::system::error_code error;
    asio::write(connection.socket, asio::buffer(text), error);
    return !error && !half;
}

void HttpServer::hang(const Connection& connection, std::int64_t generation) {
    auto& socket = const_cast<tcp::socket&>(connection.socket);
    while (!stopping_ && hooks_.keep_hanging(generation)) {
        pollfd waiting{socket.native_handle(), POLLIN | POLLRDHUP, 0};
        if (::poll(&waiting, 1, kPollMs) > 0 && (waiting.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0) return;
    }
}

}  // namespace sluice::sim
