#include "host/plugins/replies.hpp"

#include <gtest/gtest.h>

#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

TEST(Replies, AReplyLivesUntilItIsReleased) {
    Replies replies;
    const auto* first = replies.keep(Answer::ok("short"));
    for (int count = 0; count < 100; ++count) replies.keep(Answer::ok("other"));
    EXPECT_EQ(to_view(first->body), "short") << "others do not move it";
    const auto held = replies.held_bytes();
    replies.release(first);
    EXPECT_EQ(replies.held_bytes(), held - 5);
    replies.release(first);
    replies.release(nullptr);
    replies.release(internal_error_reply());
    EXPECT_EQ(replies.held_bytes(), held - 5);
}

TEST(Replies, AFailureCarriesClassMessageAndAdvice) {
    Replies replies;
    const auto* reply =
        replies.keep(Answer::failed({.failure = Failure::rate_limited, .message = "slow", .retry_after_ms = 9}));
    EXPECT_EQ(reply->struct_size, sizeof(sluice_reply));
    EXPECT_EQ(reply->code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(to_view(reply->message), "slow");
    EXPECT_EQ(reply->retry_after_ms, 9);
    EXPECT_EQ(reply->http_status, 0);
}

TEST(Replies, HeldBytesAreBounded) {
    Replies replies;
    std::vector<const sluice_reply*> held;
    for (int count = 0; count < 4; ++count)
        held.push_back(replies.keep(Answer::ok(std::string(max_held_reply_bytes / 4, 'x'))));
    EXPECT_EQ(replies.keep(Answer::ok("x")), too_many_replies_reply());
    replies.release(held[0]);
    EXPECT_EQ(replies.keep(Answer::ok("x"))->code, SLUICE_OK);
}

TEST(Printable, CutsBetweenCharactersAndReplacesControls) {
    EXPECT_EQ(printable("a\x1b[1mb\n", 100), "a?[1mb\n");
    EXPECT_EQ(printable("aü", 2), "a...");
    EXPECT_EQ(printable("aü", 3), "aü");
    EXPECT_EQ(printable("a\xff", 9), "a?");
}

}  // namespace
}  // namespace sluice::host
