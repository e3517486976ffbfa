#include "core/odoo/session.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "core/odoo/client.hpp"

namespace sluice::odoo {
namespace {

TEST(SharedSession, LanesShareOneLogin) {
    SharedSession session;
    const std::atomic<bool> never = false;
    std::atomic<int> logins = 0, right = 0;
    std::vector<std::thread> lanes;
    for (int i = 0; i < 20; ++i) {
        lanes.emplace_back([&] {
            const auto uid = session.uid([&]() -> Result<std::int64_t> { return ++logins, 7; }, never);
            if (uid && *uid == 7) ++right;
        });
    }
    for (auto& lane : lanes) lane.join();
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(right, 20);
}

TEST(SharedSession, ThoseWhoWaitedShareTheRefusal) {
    SharedSession session;
    const std::atomic<bool> never = false;
    std::promise<void> may_answer;
    std::promise<void> asked;
    int logins = 0;
    std::thread first([&] {
        const auto uid = session.uid(
            [&]() -> Result<std::int64_t> {
                ++logins;
                asked.set_value();
                may_answer.get_future().wait();
                return fail(Failure::auth, "refused");
            },
            never);
        EXPECT_EQ(uid.error().failure, Failure::auth);
    });
    asked.get_future().wait();
    std::atomic<bool> cancelled = true;
    EXPECT_EQ(session.uid([]() -> Result<std::int64_t> { return 1; }, cancelled).error().failure, Failure::cancelled);
    may_answer.set_value();
    first.join();
    EXPECT_EQ(logins, 1);
    // Nobody is logging in now: the next call tries again.
    EXPECT_EQ(*session.uid([]() -> Result<std::int64_t> { return 9; }, never), 9);
    EXPECT_EQ(session.known_uid(), 9);
    session.forget_uid();
    EXPECT_EQ(session.known_uid(), std::nullopt);
}

TEST(SharedSession, AsksForACookieOnceAndAgainAfterItsCalls) {
    SharedSession session;
    EXPECT_TRUE(session.wants_cookie());
    EXPECT_FALSE(session.wants_cookie()) << "another lane is asking already";
    session.set_cookie("abc");
    EXPECT_EQ(session.cookie(), "abc");
    int calls = 1;
    while (!session.wants_cookie()) ++calls;
    EXPECT_EQ(calls, SharedSession::calls_per_cookie);
    session.set_cookie("");
    for (calls = 1; !session.wants_cookie();) ++calls;
    EXPECT_EQ(calls, SharedSession::calls_after_no_cookie);
}

TEST(SharedSession, TakesOnlyACookieThatCouldBeOne) {
    const auto cookie = [](std::string value) {
        return session_cookie_of({.status = 200, .headers = {{"Set-Cookie", std::move(value)}}, .body = {}});
    };
    EXPECT_EQ(cookie("session_id=41e818-_x; Expires=Tue, 23 Nov 2027 23:03:16 GMT; HttpOnly; Path=/"), "41e818-_x");
    EXPECT_EQ(cookie("frontend_lang=en_US; Path=/"), "");
    EXPECT_EQ(cookie("session_id=; Path=/"), "");
    EXPECT_EQ(cookie("session_id=a b"), "");
    EXPECT_EQ(cookie("session_id=" + std::string(300, 'a')), "");
}

}  // namespace
}  // namespace sluice::odoo
