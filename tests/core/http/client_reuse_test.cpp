// The client's kept connection: when it is used again, and what may be sent a second time.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client.hpp"
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
const std::string ok_closing = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

void expect_failure(const Result<Response>& result, Failure failure, bool disconnected, const std::string& cause) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().failure, failure) << result.error().message;
    EXPECT_EQ(result.error().disconnected, disconnected) << result.error().message;
    EXPECT_THAT(result.error().message, HasSubstr(cause));
    EXPECT_THAT(result.error().message, StartsWith("127.0.0.1:"));
}

TEST(HttpClientReuse, ReusesAKeptConnection) {
    ScriptedServer server({[](RawSocket& socket) {
        while (!socket.read_message().empty() && socket.write(ok_kept)) {
        }
    }});  // a second connection would wait for ever
    Client client(server.endpoint());
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(client.send({.timeouts = {.total_ms = 5'000}}));
    }
}

TEST(HttpClientReuse, ConnectsAnewWhereTheServerCloses) {
    for (const std::string& answer : {ok_closing, std::string("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")}) {
        ScriptedServer server({answering_and_keeping(answer), answering_and_keeping(answer)});
        Client client(server.endpoint());
        EXPECT_TRUE(client.send({.method = "POST", .body = "1"}));
        EXPECT_TRUE(client.send({.method = "POST", .body = "2"}));
    }
}

TEST(HttpClientReuse, NoticesThatAnIdleConnectionDied) {
    std::promise<void> closed;
    ScriptedServer server({[&](RawSocket& socket) {
                               socket.read_message();
                               socket.write(ok_kept);
                               socket.close();
                               closed.set_value();
                           },
                           answering(ok_kept)});
    Client client(server.endpoint());
    ASSERT_TRUE(client.send({.method = "POST", .body = "1"}));
    closed.get_future().wait();
    EXPECT_TRUE(client.send({.method = "POST", .body = "2"}));
}

TEST(HttpClientReuse, BytesNobodyAskedForEndTheConnection) {
    ScriptedServer server({answering_and_keeping(ok_kept + "HTTP/1.1 500 Stray\r\n\r\n"), answering(ok_kept)});
    Client client(server.endpoint());
    ASSERT_EQ(client.send({})->status, 200);
    EXPECT_EQ(client.send({})->status, 200);
}

/// Answers the first request, and drops the connection on the second without a byte.
void die_on_second(RawSocket& socket) {
    socket.read_message();
    socket.write(ok_kept);
    socket.read_message();
}

TEST(HttpClientReuse, RepeatsOnAFreshConnectionOnlyWhatIsIdempotent) {
    {
        ScriptedServer server({die_on_second, answering(ok_kept)});
        Client client(server.endpoint());
        ASSERT_TRUE(client.send({}));
        EXPECT_TRUE(client.send({.idempotent = true}));
    }
    {
        ScriptedServer server({die_on_second});
        Client client(server.endpoint());
        ASSERT_TRUE(client.send({}));
        expect_failure(client.send({.method = "POST", .body = "x"}), Failure::unknown, true, "closed");
    }
}

TEST(HttpClientReuse, RepeatsOnceAndNotAfterTheFirstByteOfAnAnswer) {
    {
        ScriptedServer server({die_on_second, [](RawSocket& socket) { socket.read_message(); }});
        Client client(server.endpoint());
        ASSERT_TRUE(client.send({}));
        expect_failure(client.send({.idempotent = true}), Failure::unknown, true, "closed without an answer");
    }
    {
        ScriptedServer server({[](RawSocket& socket) {
            socket.read_message();
            socket.write(ok_kept);
            socket.read_message();
            socket.write("HTTP/1.1 200");
        }});
        Client client(server.endpoint());
        ASSERT_TRUE(client.send({}));
        expect_failure(client.send({.idempotent = true}), Failure::unknown, true, "in the middle");
    }
    {
        ScriptedServer server({[](RawSocket& socket) { socket.read_message(); }});
        Client client(server.endpoint());
        expect_failure(client.send({.idempotent = true}), Failure::unknown, true, "closed without an answer");
    }
}

class Recorder final : public SendObserver {
public:
    void before_send() override { seen += "before "; }
    void after_send() override { seen += "sent "; }
    void after_answer() override { seen += "answered "; }
    std::string seen;
};

TEST(HttpClientReuse, TellsTheObserverWhereItIs) {
    ScriptedServer server({die_on_second, answering(ok_kept), [](RawSocket& socket) { socket.read_message(); }});
    Client client(server.endpoint());
    Recorder whole, repeated, unanswered, unconnected;
    ASSERT_TRUE(client.send({}, &whole));
    EXPECT_EQ(whole.seen, "before sent answered ");
    ASSERT_TRUE(client.send({.idempotent = true}, &repeated));
    EXPECT_EQ(repeated.seen, "before sent before sent answered ");
    ASSERT_FALSE(client.send({.method = "POST"}, &unanswered));
    EXPECT_THAT(unanswered.seen, ::testing::EndsWith("before sent "));
    Client nowhere({.unix_socket = ::testing::TempDir() + "no-such-socket"});
    ASSERT_FALSE(nowhere.send({}, &unconnected));
    EXPECT_EQ(unconnected.seen, "");
}

}  // namespace
}  // namespace sluice::http
