#pragma once
// A running Server with a handler the test gives, and small readers of answers.

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "core/http/server.hpp"
#include "tests/core/http/raw_socket.hpp"

namespace sluice::http::test {

/// Answers "METHOD TARGET BODY".
inline void echo(ServerRequest request, const Respond& respond) {
    respond(Response{.status = 200, .body = request.method + " " + request.target + " " + request.body});
}

class Served {
public:
    explicit Served(RequestHandler handler = echo, ServerLimits limits = {})
        : server_(ListenTcp{}, limits, std::move(handler)) {
        const auto started = server_.start();
        EXPECT_TRUE(started) << started.error().message;
    }
    Server& operator*() { return server_; }
    Server* operator->() { return &server_; }
    RawSocket connect() const { return RawSocket::connect_tcp(server_.port()); }
    /// Sends bytes on a fresh connection and reads until the server closes it.
    std::string exchange(std::string_view bytes) const {
        RawSocket socket = connect();
        socket.write(bytes);
        return socket.read_all();
    }
    /// The status of the one answer to these bytes; 0 where the server closed without one.
    int status_of(std::string_view bytes) const { return status(exchange(bytes)); }
    static int status(const std::string& answer) {
        return answer.starts_with("HTTP/1.") ? std::stoi(answer.substr(9, 3)) : 0;
    }

private:
    Server server_;
};

}  // namespace sluice::http::test
