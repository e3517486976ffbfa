#include "tests/bench/webhook_load.hpp"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>

#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::bench {
namespace {

using Time = std::chrono::steady_clock;

int connect_to(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return descriptor;
    ::close(descriptor);
    return -1;
}

/// Bytes of the answer that begins here, 0 while it is not whole. Every answer has a Content-Length.
std::size_t answer_bytes(std::string_view bytes) {
    const auto head = bytes.find("\r\n\r\n");
    if (head == std::string_view::npos) return 0;
    const auto field = bytes.find("ontent-Length: ");
    if (field == std::string_view::npos || field > head) return 0;
    std::size_t length = 0;
    for (auto i = field + 15; bytes[i] >= '0' && bytes[i] <= '9'; ++i) length = length * 10 + (bytes[i] - '0');
    return bytes.size() >= head + 4 + length ? head + 4 + length : 0;
}

struct Connection {
    int descriptor = -1;
    std::string received;
    Time::time_point sent;
};

}  // namespace

WebhookLoad::WebhookLoad(std::int64_t first, int count) {
    requests_.reserve(static_cast<std::size_t>(count));
    for (std::int64_t number = first; number < first + count; ++number) {
        std::string body = fmt::format(R"({{"id":{},"updated_at":"2026-01-02T03:04:05Z","note":")", number);
        body += std::string(body_bytes - body.size() - 2, 'x') + "\"}";
        requests_.push_back(
            fmt::format("POST /webhooks/shop HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Vendor-Topic: orders/create\r\n"
                        "X-Vendor-Webhook-Id: {}\r\nX-Vendor-Hmac: {}\r\nContent-Length: {}\r\n\r\n{}",
                        number, host::sign(body), body.size(), body));
    }
}

LoadResult WebhookLoad::run(std::uint16_t port, int count) const {
    LoadResult result;
    std::vector<double> latencies_ms;
    latencies_ms.reserve(requests_.size());
    std::vector<Connection> connections(static_cast<std::size_t>(count));
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    std::size_t next = 0, answered = 0;
    const auto send_next = [&](Connection& connection) {
        if (next == requests_.size()) return;
        const auto& request = requests_[next++];
        connection.sent = Time::now();
        if (::send(connection.descriptor, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size())) {
            ++answered;
            ++result.refused;
        }
    };
    for (auto& connection : connections) {
        connection.descriptor = connect_to(port);
        epoll_event event{.events = EPOLLIN, .data = {.ptr = &connection}};
        ::epoll_ctl(poll, EPOLL_CTL_ADD, connection.descriptor, &event);
    }
    const auto begin = Time::now();
    for (auto& connection : connections) send_next(connection);
    std::array<epoll_event, 64> events;
    std::array<char, 16'384> buffer;
    while (answered < requests_.size()) {
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 10'000);
        if (ready <= 0) break;
        for (int i = 0; i < ready; ++i) {
            auto& connection = *static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr);
            const auto got = ::recv(connection.descriptor, buffer.data(), buffer.size(), 0);
            if (got <= 0) {
                ::epoll_ctl(poll, EPOLL_CTL_DEL, connection.descriptor, nullptr);
                ++answered;
                ++result.refused;
                continue;
            }
            connection.received.append(buffer.data(), static_cast<std::size_t>(got));
            const auto bytes = answer_bytes(connection.received);
            if (bytes == 0) continue;
            ++(connection.received.starts_with("HTTP/1.1 200") ? result.accepted : result.refused);
            latencies_ms.push_back(std::chrono::duration<double, std::milli>(Time::now() - connection.sent).count());
            connection.received.erase(0, bytes);
            ++answered;
            send_next(connection);
        }
    }
    result.seconds = std::chrono::duration<double>(Time::now() - begin).count();
    for (auto& connection : connections) ::close(connection.descriptor);
    ::close(poll);
    std::ranges::sort(latencies_ms);
    if (!latencies_ms.empty()) {
        result.p50_ms = latencies_ms[latencies_ms.size() / 2];
        result.p99_ms = latencies_ms[latencies_ms.size() * 99 / 100];
    }
    return result;
}

}  // namespace sluice::bench
