#include "core/http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/core/http/raw_socket.hpp"

namespace sluice::http {
namespace {

using test::answering;
using test::answering_and_keeping;
using test::RawSocket;
using test::ScriptedServer;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string ok_kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void expect_failure(const Result<Response>& result, Failure failure, bool disconnected, const std::string& cause) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, failure) << result.error().message;
    EXPECT_EQ(result.error().disconnected, disconnected) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(cause));
    EXPECT_THAT(result.error().message, StartsWith("127.0.0.1:"));
}

TEST(HttpClient, SendsARequestAndReadsTheAnswer) {
    std::string seen;
    ScriptedServer server({[&](RawSocket& socket) {
        seen = socket.read_message();
        socket.write("HTTP/1.1 201 Created\r\nX-One: 1\r\nX-Two: 2\r\nContent-Length: 5\r\n\r\nhello");
    }});
    auto endpoint = server.endpoint();
    endpoint.base_path = "/odoo";
    Client client(endpoint);
    const auto response = client.send({.method = "POST",
                                       .target = "/jsonrpc?x=1",
                                       .headers = {{"Content-Type", "application/json"}, {"X-Odoo-Database", "lab"}},
                                       .body = "{}"});
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "hello");
    EXPECT_EQ(find_header(response->headers, "x-two"), "2");
    EXPECT_EQ(seen, "POST /odoo/jsonrpc?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                        "\r\nContent-Type: application/json\r\nX-Odoo-Database: lab\r\nContent-Length: 2\r\n\r\n{}");
}

TEST(HttpClient, BodylessPostSaysItsLengthAndGetDoesNot) {
    std::string get, post;
    ScriptedServer server({[&](RawSocket& socket) {
        get = socket.read_message();
        socket.write(ok_kept);
        post = socket.read_message();
        socket.write(ok_kept);
    }});
    Client client(server.endpoint());
    ASSERT_TRUE(client.send({}));
    ASSERT_TRUE(client.send({.method = "POST"}));
    EXPECT_THAT(get, Not(HasSubstr("Content-Length")));
    EXPECT_THAT(post, HasSubstr("Content-Length: 0\r\n"));
}

TEST(HttpClient, ReadsEveryFraming) {
    const std::pair<std::string, std::string> cases[] = {
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: v\r\n\r\n", "abcde"},
        {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok"},
        {"HTTP/1.0 200 OK\r\n\r\nuntil the end", "until the end"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end", "until the end"},
        {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok_kept, "ok"},
        {"HTTP/1.1 204 No Content\r\n\r\n", ""},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", ""},
    };
    for (const auto& [answer, body] : cases) {
        ScriptedServer server({answering(answer)});
        Client client(server.endpoint());
        const auto response = client.send({});
        ASSERT_TRUE(response) << answer << response.error().message;
        EXPECT_EQ(response->body, body) << answer;
    }
}

TEST(HttpClient, AnAnswerToHeadHasNoBody) {
    ScriptedServer server({[](RawSocket& socket) {
        socket.read_message();
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
        socket.read_message();
        socket.write(ok_kept);
    }});
    Client client(server.endpoint());
    ASSERT_TRUE(client.send({.method = "HEAD"}));
    EXPECT_EQ(client.send({})->body, "ok");
}

TEST(HttpClient, DoesNotFollowRedirects) {
    ScriptedServer server(
        {answering("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")});
    Client client(server.endpoint());
    EXPECT_EQ(client.send({})->status, 302);
}

TEST(HttpClient, RefusedConnectionIsARetry) {
    Endpoint endpoint;
    {
        const ScriptedServer gone({});
        endpoint = gone.endpoint();
    }
    Client client(endpoint);
    expect_failure(client.send({}), Failure::retry, true, "connect: Connection refused");
}

TEST(HttpClient, UnknownHostIsARetryThatNamesIt) {
    Client client({.host = "no-such-host.invalid", .port = "80"});
    const auto result = client.send({});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, Failure::retry);
    EXPECT_TRUE(result.error().disconnected);
    EXPECT_THAT(result.error().message, StartsWith("no-such-host.invalid:80: look up the host: "));
}

TEST(HttpClient, NoWholeAnswerIsUnknown) {
    const std::pair<std::string, std::string> cases[] = {
        {"", "closed without an answer"},
        {"HTTP/1.1 200 O", "closed in the middle of the answer"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", "closed in the middle of the answer"},
        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "closed in the middle of the answer"},
        {"HTTP/1.1 100 Continue\r\n\r\n", "closed without an answer"},
        {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "the answer is not HTTP/1.1"},
        {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", "status"},
        {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!", "the answer is not HTTP/1.1"},
    };
    for (const auto& [answer, cause] : cases) {
        ScriptedServer server({answering(answer)});
        Client client(server.endpoint());
        SCOPED_TRACE(answer);
        expect_failure(client.send({.method = "POST", .body = "x"}), Failure::unknown, true, cause);
    }
}

TEST(HttpClient, AResetAfterTheRequestIsUnknown) {
    ScriptedServer server({[](RawSocket& socket) {
        socket.read_message();
        socket.reset();
    }});
    Client client(server.endpoint());
    expect_failure(client.send({.method = "POST", .body = "x"}), Failure::unknown, true, "reset");
}

TEST(HttpClient, EndlessInterimAnswersEnd) {
    std::string interim;
    for (int i = 0; i < 100; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    ScriptedServer server({answering_and_keeping(interim)});
    Client client(server.endpoint());
    expect_failure(client.send({}), Failure::unknown, true, "status");
}

TEST(HttpClient, ATimeoutAfterSendingIsUnknown) {
    ScriptedServer server({[](RawSocket& socket) { socket.read_all(); }});
    Client client(server.endpoint());
    expect_failure(client.send({.timeouts = {.total_ms = 30}}), Failure::unknown, true, "time limit");
}

TEST(HttpClient, AnAnswerThatDripsIsUnderTheSameLimit) {
    ScriptedServer server({[](RawSocket& socket) {
        socket.read_message();
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
        while (socket.write("x")) {
        }
    }});
    Client client(server.endpoint(), std::size_t{2} * 1024 * 1024 * 1024);
    expect_failure(client.send({.timeouts = {.total_ms = 50}}), Failure::unknown, true, "time limit");
}

TEST(HttpClient, AConnectThatHangsIsARetry) {
    // The kernel completes the TCP connect from the backlog; TLS then waits for a server that says nothing.
    ScriptedServer server({[](RawSocket& socket) { socket.read_all(); }});
    auto endpoint = server.endpoint();
    endpoint.tls = true;
    Client client(endpoint);
    expect_failure(client.send({.timeouts = {.connect_ms = 30}}), Failure::retry, true, "TLS: no end within");
}

TEST(HttpClient, CancelledBeforeSendingIsCancelledUntilReset) {
    ScriptedServer server({answering(ok_kept)});
    Client client(server.endpoint());
    client.cancel();
    expect_failure(client.send({}), Failure::cancelled, false, "cancelled");
    expect_failure(client.send({}), Failure::cancelled, false, "cancelled");
    client.reset();
    EXPECT_TRUE(client.send({}));
}

TEST(HttpClient, CancelledWhileWaitingIsUnknown) {
    std::promise<void> arrived;
    ScriptedServer server({[&](RawSocket& socket) {
                               socket.read_message();
                               arrived.set_value();
                               socket.read_all();
                           },
                           answering(ok_kept)});
    Client client(server.endpoint());
    std::thread other([&] {
        arrived.get_future().wait();
        client.cancel();
    });
    expect_failure(client.send({}), Failure::unknown, false, "cancelled");
    other.join();
    client.reset();
    EXPECT_TRUE(client.send({}));
}

TEST(HttpClient, CancelledWhileConnectingIsCancelled) {
    std::promise<void> arrived;
    ScriptedServer server({[&](RawSocket& socket) {
        arrived.set_value();
        socket.read_all();
    }});
    auto endpoint = server.endpoint();
    endpoint.tls = true;
    Client client(endpoint);
    std::thread other([&] {
        arrived.get_future().wait();
        client.cancel();
    });
    expect_failure(client.send({}), Failure::cancelled, false, "cancelled");
    other.join();
}

TEST(HttpClient, CancelRacingWithCallsNeverHangs) {
    std::vector<ScriptedServer::Script> scripts(50, [](RawSocket& socket) {
        while (!socket.read_message().empty() && socket.write(ok_kept)) {
        }
    });
    ScriptedServer server(scripts);
    Client client(server.endpoint());
    for (int i = 0; i < 40; ++i) {
        std::thread other([&] { client.cancel(); });
        const auto result = client.send({});
        EXPECT_TRUE(result || !result.error().disconnected) << result.error().message;
        other.join();
        client.reset();
    }
}

TEST(HttpClient, RefusesAnAnswerBeyondTheLimit) {
    const std::string cases[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'),
        "HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
    };
    for (const std::string& answer : cases) {
        ScriptedServer server({answering(answer)});
        Client client(server.endpoint(), 1000);
        SCOPED_TRACE(answer.substr(0, 40));
        expect_failure(client.send({}), Failure::rejected, false, "larger than 1000 bytes");
    }
    ScriptedServer server({answering("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))});
    Client client(server.endpoint(), 1000);
    EXPECT_TRUE(client.send({}));
}

TEST(HttpClient, TakesARefusalThatComesBeforeTheRequestsEnd) {
    ScriptedServer server({[](RawSocket& socket) {
        socket.read_until("\r\n\r\n");
        socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        socket.finish_sending();
        socket.read_all();
    }});
    Client client(server.endpoint());
    EXPECT_EQ(client.send({.method = "POST", .body = std::string(8 * 1024 * 1024, 'x')})->status, 413);
}

TEST(HttpClient, RefusesWhatWouldForgeAMessage) {
    const Request cases[] = {
        {.method = "GET /x HTTP/1.1\r\n"},
        {.target = "no-slash"},
        {.target = "/a b"},
        {.target = "/a\r\nX: y"},
        {.headers = {{"X\r\nY", "1"}}},
        {.headers = {{"X", "secret\r\nY: 1"}}},
        {.headers = {{"Host", "elsewhere"}}},
        {.headers = {{"content-length", "5"}}},
        {.headers = {{"Transfer-Encoding", "chunked"}}},
    };
    Client client({.host = "127.0.0.1", .port = "1"});
    for (const Request& request : cases) {
        const auto result = client.send(request);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().failure, Failure::invalid) << result.error().message;
        EXPECT_THAT(result.error().message, Not(HasSubstr("secret")));
    }
}

}  // namespace
}  // namespace sluice::http
