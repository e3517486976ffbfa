// The server as well-behaved clients see it: framing, answers, life and end.

#include "core/http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>

#include "tests/core/http/server_fixture.hpp"

namespace sluice::http {
namespace {

using test::RawSocket;
using test::Served;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(HttpServer, HandsARequestOverAsItWasSent) {
    ServerRequest seen;
    Served served([&](ServerRequest request, const Respond& respond) {
        seen = std::move(request);
        respond(json_response(202, "{}"));
    });
    RawSocket socket = served.connect();
    socket.write("POST /in/shop?a=1&b=%20 HTTP/1.1\r\nHost: x\r\nX-Topic: orders/create\r\nContent-Length: 3\r\n\r\n");
    socket.write(std::string_view("a\0b", 3));
    socket.finish_sending();
    const std::string answer = socket.read_all();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 202 Accepted\r\n"));
    EXPECT_THAT(answer, HasSubstr("Content-Type: application/json\r\n"));
    EXPECT_THAT(answer, EndsWith("Content-Length: 2\r\n\r\n{}"));
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/in/shop?a=1&b=%20");
    EXPECT_EQ(find_header(seen.headers, "x-topic"), "orders/create");
    EXPECT_EQ(seen.body, std::string_view("a\0b", 3));
    EXPECT_THAT(seen.peer, StartsWith("127.0.0.1:"));
}

TEST(HttpServer, OurClientAndServerSpeakAndKeepOneConnection) {
    std::mutex mutex;
    std::vector<std::string> peers;
    Served served([&](ServerRequest request, const Respond& respond) {
        {
            const std::lock_guard lock(mutex);
            peers.push_back(request.peer);
        }
        respond(Response{.status = 200, .body = request.body});
    });
    Client client({.host = "127.0.0.1", .port = std::to_string(served->port())});
    const std::string large(1024 * 1024, 'x');
    for (const std::string& body : {std::string("one"), large, std::string()}) {
        const auto response = client.send({.method = "POST", .body = body});
        ASSERT_TRUE(response) << response.error().message;
        EXPECT_EQ(response->body, body);
    }
    EXPECT_EQ(peers.at(0), peers.at(2));
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
    Served served([&](ServerRequest request, Respond respond) {
        // Answered from another thread, so that the order is the server's work.
        std::thread([respond = std::move(respond), target = request.target] {
            respond(Response{.status = 200, .body = target});
        }).detach();
    });
    RawSocket socket = served.connect();
    std::string requests;
    for (int i = 0; i < 20; ++i) requests += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
    socket.write(requests);
    for (int i = 0; i < 20; ++i) EXPECT_THAT(socket.read_message(), EndsWith("\r\n\r\n/" + std::to_string(i)));
}

TEST(HttpServer, KeepsAndClosesAsTheVersionSays) {
    Served served;
    EXPECT_THAT(served.exchange("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(served.exchange("GET /a HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 OK\r\n"));
    RawSocket kept = served.connect();
    for (int i = 0; i < 2; ++i) {
        kept.write("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_THAT(kept.read_message(), HasSubstr("Connection: keep-alive\r\n"));
    }
}

TEST(HttpServer, ReadsAChunkedBody) {
    Served served;
    EXPECT_THAT(served.exchange("POST /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
                                "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
                EndsWith("POST /c abcde"));
}

TEST(HttpServer, SaysContinueToWhoAsks) {
    Served served;
    RawSocket socket = served.connect();
    socket.write("POST /c HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("ok");
    EXPECT_THAT(socket.read_message(), EndsWith("POST /c ok"));
    EXPECT_EQ(served.status_of("POST /c HTTP/1.1\r\nHost: x\r\nExpect: more\r\nContent-Length: 2\r\n\r\n"), 417);
}

TEST(HttpServer, AHeadAnswerHasALengthAndNoBody) {
    Served served;
    const std::string answer = served.exchange("HEAD /h HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, A204HasNeitherBodyNorLength) {
    Served served([](const ServerRequest&, const Respond& respond) { respond({.status = 204, .body = "ignored"}); });
    const std::string answer = served.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST(HttpServer, AnAnswerThatIsNoHttpBecomes500) {
    const Response cases[] = {
        {.status = 200, .headers = {{"X", "a\r\nSet-Cookie: forged"}}},
        {.status = 200, .headers = {{"X y", "a"}}},
        {.status = 0},
        {.status = 100},
        {.status = 1000},
    };
    for (const Response& bad : cases) {
        Served served([&](const ServerRequest&, const Respond& respond) { respond(bad); });
        const std::string answer = served.exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        EXPECT_EQ(Served::status(answer), 500);
        EXPECT_THAT(answer, Not(HasSubstr("forged")));
    }
}

TEST(HttpServer, TheFirstAnswerCounts) {
    Served served([](const ServerRequest&, const Respond& respond) {
        respond({.status = 200, .body = "first"});
        respond({.status = 200, .body = "second"});
    });
    RawSocket socket = served.connect();
    for (int i = 0; i < 2; ++i) {
        socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        EXPECT_THAT(socket.read_message(), EndsWith("first"));
    }
}

TEST(HttpServer, AHandlerThatDropsItsAnswerOrThrowsMeans500) {
    Served dropping([](const ServerRequest&, const Respond&) {});
    Served throwing([](const ServerRequest&, const Respond&) { throw std::runtime_error("handler"); });
    for (Served* served : {&dropping, &throwing}) {
        RawSocket socket = served->connect();
        for (int i = 0; i < 2; ++i) {
            socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
            EXPECT_EQ(Served::status(socket.read_message()), 500);
        }
    }
}

TEST(HttpServer, AnAnswerAfterTheClientWentIsHarmless) {
    std::promise<Respond> given;
    Served served([&](const ServerRequest& request, const Respond& respond) {
        if (request.target == "/late") {
            given.set_value(respond);
        } else {
            respond({.status = 200});
        }
    });
    {
        RawSocket socket = served.connect();
        socket.write("GET /late HTTP/1.1\r\nHost: x\r\n\r\n");
        const Respond late = given.get_future().get();
        socket.reset();
        late({.status = 200});
    }
    EXPECT_EQ(served.status_of("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 200);
}

TEST(HttpServer, AnAnswerAfterTheServerIsGoneIsHarmless) {
    std::promise<Respond> given;
    Respond late;
    {
        Served served([&](const ServerRequest&, Respond respond) { given.set_value(std::move(respond)); });
        RawSocket client = served.connect();
        client.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
        late = given.get_future().get();
        served->stop(0);
        EXPECT_EQ(client.read_all(), "");
    }
    late({.status = 200});
    late = nullptr;
}

TEST(HttpServer, StopLetsOutstandingRequestsBeAnswered) {
    std::promise<Respond> given;
    Served served([&](const ServerRequest&, Respond respond) { given.set_value(std::move(respond)); });
    RawSocket idle = served.connect();
    RawSocket busy = served.connect();
    busy.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const Respond respond = given.get_future().get();
    const auto port = served->port();
    std::thread stopping([&] { served->stop(60'000); });
    EXPECT_EQ(idle.read_all(), "");  // closed: the stop has begun
    EXPECT_FALSE(RawSocket::connect_tcp(port).is_open());
    respond({.status = 200, .body = "done"});
    const std::string answer = busy.read_all();
    EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(answer, EndsWith("done"));
    stopping.join();
}

TEST(HttpServer, ServesManyConnectionsAtOnce) {
    constexpr int many = 200;
    std::mutex mutex;
    std::vector<std::pair<std::string, Respond>> waiting;
    std::promise<void> all_arrived;
    Served served([&](const ServerRequest& request, const Respond& respond) {
        const std::lock_guard lock(mutex);
        waiting.emplace_back(request.target, respond);
        if (waiting.size() == many) all_arrived.set_value();
    });
    std::vector<RawSocket> sockets;
    for (int i = 0; i < many; ++i) {
        sockets.push_back(served.connect());
        sockets.back().write("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    all_arrived.get_future().wait();
    std::thread answering([&] {
        const std::lock_guard lock(mutex);
        for (const auto& [target, respond] : waiting) respond({.status = 200, .body = target});
    });
    for (int i = 0; i < many; ++i) {
        EXPECT_THAT(sockets[static_cast<std::size_t>(i)].read_message(), EndsWith("\r\n\r\n/" + std::to_string(i)));
    }
    answering.join();
}

TEST(HttpServer, ATakenPortOrABadAddressIsAClearError) {
    Served served;
    Server second(ListenTcp{.port = served->port()}, {}, test::echo);
    const auto taken = second.start();
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().failure, Failure::invalid);
    EXPECT_EQ(taken.error().message,
              "cannot listen on 127.0.0.1:" + std::to_string(served->port()) + ": Address already in use");
    Server named(ListenTcp{.address = "localhost"}, {}, test::echo);
    EXPECT_THAT(named.start().error().message, HasSubstr("must be an IP address"));
}

TEST(HttpServer, AServerThatNeverStartedEndsQuietly) {
    Server server(ListenTcp{}, {}, test::echo);
    server.stop(0);
}

TEST(HttpServer, IsNotStartedTwice) {
    Served served;
    EXPECT_EQ(served->start().error().failure, Failure::invalid);
    served->stop(0);
    EXPECT_EQ(served->start().error().failure, Failure::invalid);
}

}  // namespace
}  // namespace sluice::http
