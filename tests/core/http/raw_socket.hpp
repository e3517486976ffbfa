#pragma once
// Plain blocking sockets: the other side of the client and the server under test, able to misbehave.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/http/client.hpp"

namespace sluice::http::test {

/// One connected socket, closed with the object.
class RawSocket {
public:
    explicit RawSocket(int descriptor) : descriptor_(descriptor) {}
    RawSocket(RawSocket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)), unread_(std::move(other.unread_)) {}
    RawSocket& operator=(RawSocket&&) = delete;
    ~RawSocket() { close(); }

    static RawSocket connect_tcp(std::uint16_t port) {
        const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
            ::close(descriptor);
            return RawSocket(-1);
        }
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        return RawSocket(descriptor);
    }

    bool is_open() const { return descriptor_ >= 0; }
    int descriptor() const { return descriptor_; }

    /// False where the other side is gone.
    bool write(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// Everything up to and with `mark`; what there was where the other side closed before.
    std::string read_until(std::string_view mark) {
        for (;;) {
            if (const auto at = unread_.find(mark); at != std::string::npos) return take(at + mark.size());
            if (!fill()) return take(unread_.size());
        }
    }
    std::string read_exactly(std::size_t bytes) {
        while (unread_.size() < bytes && fill()) {
        }
        return take(std::min(bytes, unread_.size()));
    }
    /// Everything until the other side closes.
    std::string read_all() {
        while (fill()) {
        }
        return take(unread_.size());
    }
    /// One message with a Content-Length (or none, then without a body).
    std::string read_message() {
        std::string head = read_until("\r\n\r\n");
        const auto at = head.find("Content-Length: ");
        if (at == std::string::npos) return head;
        return head + read_exactly(std::stoul(head.substr(at + 16)));
    }

    void finish_sending() { ::shutdown(descriptor_, SHUT_WR); }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }
    /// Closes so that the other side sees ECONNRESET.
    void reset() {
        const linger at_once{.l_onoff = 1, .l_linger = 0};
        ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
        close();
    }

private:
    bool fill() {
        char bytes[16 * 1024];
        const auto got = ::recv(descriptor_, bytes, sizeof(bytes), 0);
        if (got <= 0) return false;
        unread_.append(bytes, static_cast<std::size_t>(got));
        return true;
    }
    std::string take(std::size_t bytes) {
        std::string taken = unread_.substr(0, bytes);
        unread_.erase(0, bytes);
        return taken;
    }

    int descriptor_;
    std::string unread_;
};

/// A listening TCP socket on 127.0.0.1 whose connections run the scripts one after the other, each until it returns.
class ScriptedServer {
public:
    using Script = std::function<void(RawSocket&)>;

    explicit ScriptedServer(std::vector<Script> scripts) {
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        const bool up = ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                        ::listen(listener_, 16) == 0 &&
                        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        port_ = up ? ntohs(address.sin_port) : 0;
        thread_ = std::thread([this, scripts = std::move(scripts)] {
            for (const auto& script : scripts) {
                RawSocket connection(::accept(listener_, nullptr, nullptr));
                if (!connection.is_open()) return;
                script(connection);
            }
        });
    }
    ~ScriptedServer() {
        ::shutdown(listener_, SHUT_RDWR);  // ends a waiting accept()
        thread_.join();
        ::close(listener_);
    }

    std::uint16_t port() const { return port_; }
    Endpoint endpoint() const { return Endpoint{.host = "127.0.0.1", .port = std::to_string(port_)}; }

private:
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::thread thread_;
};

/// A script that reads one request and sends `answer`.
inline ScriptedServer::Script answering(std::string answer) {
    return [answer = std::move(answer)](RawSocket& socket) {
        socket.read_message();
        socket.write(answer);
    };
}

/// A script that reads one request, sends `answer` and waits for the client to close.
inline ScriptedServer::Script answering_and_keeping(std::string answer) {
    return [answer = std::move(answer)](RawSocket& socket) {
        socket.read_message();
        socket.write(answer);
        socket.read_all();
    };
}

}  // namespace sluice::http::test
