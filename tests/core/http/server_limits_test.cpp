// The server against clients that are broken, slow, greedy or hostile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "tests/core/http/server_fixture.hpp"

namespace sluice::http {
namespace {

using test::RawSocket;
using test::Served;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A handler that must not be reached.
void unreachable(const ServerRequest& request, const Respond& respond) {
    ADD_FAILURE() << "reached the handler: " << request.target;
    respond({.status = 200});
}

TEST(HttpServerLimits, RefusesWhatIsNoHttp) {
    const Served served(unreachable);
    const std::string host = "Host: x\r\n";
    const std::string cases[] = {
        "nonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET  / HTTP/1.1\r\n" + host + "\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" + host + host + "\r\n",
        "GET / HTTP/1.1\r\n" + host + "No Colon\r\n\r\n",
        "GET / HTTP/1.1\r\n" + host + "Bad\x01Name: 1\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 1x\r\n\r\nx",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/2.0\r\n" + host + "\r\n",
        "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    };
    for (const std::string& bytes : cases) {
        const std::string answer = served.exchange(bytes);
        EXPECT_THAT(answer, StartsWith("HTTP/1.1 400 Bad Request\r\n")) << bytes;
        EXPECT_THAT(answer, HasSubstr("Connection: close\r\n")) << bytes;
    }
    EXPECT_EQ(served.status_of("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(HttpServerLimits, ARequestCutOffIsNotHandedOver) {
    const Served served(unreachable);
    for (const std::string_view bytes : {"GET / HT", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"}) {
        RawSocket socket = served.connect();
        socket.write(bytes);
        socket.finish_sending();
        EXPECT_EQ(Served::status(socket.read_all()), 400);
    }
    RawSocket silent = served.connect();
    silent.finish_sending();
    EXPECT_EQ(silent.read_all(), "");
}

TEST(HttpServerLimits, TooLargeHeadersAre431) {
    const Served served(unreachable, {.max_header_bytes = 1000});
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\n";
    EXPECT_EQ(served.status_of(start + "X: " + std::string(2'000, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(served.status_of("GET /" + std::string(100'000, 'x')), 431);
    std::string many = start;
    for (int i = 0; i < 500; ++i) many += "X: y\r\n";
    EXPECT_EQ(served.status_of(many + "\r\n"), 431);
    const Served good(test::echo, {.max_header_bytes = 1000});
    EXPECT_EQ(good.status_of(start + "Connection: close\r\nX: " + std::string(900, 'x') + "\r\n\r\n"), 200);
}

TEST(HttpServerLimits, TooLargeBodiesAre413BeforeTheyAreRead) {
    const Served served(unreachable, {.max_body_bytes = 1000});
    const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
    // No byte of the body is sent, and no 100 Continue invites it.
    EXPECT_THAT(served.exchange(start + "Content-Length: 1001\r\n\r\n"),
                AllOf(StartsWith("HTTP/1.1 413"), HasSubstr(R"({"error":"the body is larger than 1000 bytes"})")));
    EXPECT_THAT(served.exchange(start + "Expect: 100-continue\r\nContent-Length: 1001\r\n\r\n"),
                StartsWith("HTTP/1.1 413"));
    EXPECT_EQ(served.status_of(start + "Transfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x')), 413);
    const Served good(test::echo, {.max_body_bytes = 1000});
    EXPECT_EQ(good.status_of(start + "Connection: close\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x')),
              200);
}

TEST(HttpServerLimits, AClientThatSendsItsWholeTooLargeBodyStillReadsTheAnswer) {
    const Served served(unreachable, {.max_body_bytes = 1000});
    RawSocket socket = served.connect();
    const std::string body(4 * 1024 * 1024, 'x');
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    EXPECT_TRUE(socket.write(body));
    socket.finish_sending();
    EXPECT_EQ(Served::status(socket.read_all()), 413);
}

TEST(HttpServerLimits, ASilentClientIsClosed) {
    const Served served(unreachable, {.header_timeout_ms = 20});
    EXPECT_EQ(served.status_of(""), 408);
    EXPECT_EQ(served.status_of("GET / HTTP/1.1\r\nHost"), 408);
}

TEST(HttpServerLimits, ASilentBodyIsClosed) {
    const Served served(unreachable, {.body_timeout_ms = 20});
    const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
    EXPECT_EQ(served.status_of(start + "Content-Length: 2\r\n\r\nx"), 408);
    EXPECT_EQ(served.status_of(start + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"), 408);
}

/// Writes one byte after the other until the server closes; true where it did, false where it took `most` bytes.
bool is_stopped_while_dripping(RawSocket& socket, std::size_t most) {
    for (std::size_t i = 0; i < most; ++i) {
        if (!socket.write("x")) return true;
        pollfd closed{.fd = socket.descriptor(), .events = POLLRDHUP, .revents = 0};
        if (::poll(&closed, 1, 1) > 0) return true;
    }
    return false;
}

TEST(HttpServerLimits, DrippingDoesNotExtendTheHeadersTime) {
    const Served served(unreachable, {.header_timeout_ms = 50});
    RawSocket socket = served.connect();
    socket.write("GET /");
    EXPECT_TRUE(is_stopped_while_dripping(socket, 10'000));
}

TEST(HttpServerLimits, DrippingDoesNotExtendTheBodysTime) {
    const Served served(unreachable, {.body_timeout_ms = 50});
    RawSocket socket = served.connect();
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    EXPECT_TRUE(is_stopped_while_dripping(socket, 100'000));
}

TEST(HttpServerLimits, AnIdleConnectionIsClosedWithoutAWord) {
    const Served served(test::echo, {.idle_timeout_ms = 20});
    RawSocket socket = served.connect();
    socket.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(Served::status(socket.read_message()), 200);
    EXPECT_EQ(socket.read_all(), "");
}

TEST(HttpServerLimits, AClientThatDoesNotReadItsAnswerIsClosed) {
    std::atomic<int> requests = 0;
    Served served(
        [&](const ServerRequest&, const Respond& respond) {
            ++requests;
            respond({.status = 200, .body = std::string(32 * 1024 * 1024, 'x')});
        },
        {.write_timeout_ms = 20});
    RawSocket socket = served.connect();
    socket.write("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n");
    pollfd closed{.fd = socket.descriptor(), .events = POLLRDHUP, .revents = 0};
    EXPECT_EQ(::poll(&closed, 1, 60'000), 1);
    EXPECT_EQ(requests, 1);
}

TEST(HttpServerLimits, ConnectionsBeyondTheLimitAreToldSo) {
    Served served(test::echo, {.max_connections = 2});
    RawSocket first = served.connect();
    RawSocket second = served.connect();
    for (RawSocket* socket : {&first, &second}) {
        socket->write("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_EQ(Served::status(socket->read_message()), 200);
    }
    const std::string refused = served.exchange("GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(refused, StartsWith("HTTP/1.1 503"));
    EXPECT_THAT(refused, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(refused, EndsWith(R"({"error":"more than 2 connections"})"));
    // A place that comes free is given out again, once the server has seen the end of its connection.
    first.finish_sending();
    EXPECT_EQ(first.read_all(), "");
    int status = 503;
    while (status == 503) status = served.status_of("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(status, 200);
}

TEST(HttpServerLimits, StopEndsConnectionsThatAreBeingRefusedOrRead) {
    Served served(unreachable, {.max_connections = 1});
    RawSocket reading = served.connect();
    reading.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_THAT(reading.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 100"));
    RawSocket refused = served.connect();
    EXPECT_EQ(Served::status(refused.read_all()), 503);
    served->stop(60'000);
    EXPECT_EQ(reading.read_all(), "");
}

}  // namespace
}  // namespace sluice::http
