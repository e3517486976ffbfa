#include "core/odoo/session.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "core/odoo/client.hpp"

namespace sluice::odoo {
namespace {

const std::atomic<bool> never = false;

SharedSession::Login gives(std::int64_t uid) {
    return [uid]() -> Result<Grant> { return Grant{.uid = uid}; };
}

SharedSession::Login refuses(int& logins) {
    return [&logins]() -> Result<Grant> {
        ++logins;
        return fail(Failure::auth, "refused");
    };
}

/// A login that another thread waits for and lets go on.
class HeldLogin {
public:
    Result<Grant> run(Result<Grant> outcome) {
        begun_.set_value();
        may_end_.get_future().wait();
        return outcome;
    }
    void wait_until_begun() { begun_.get_future().wait(); }
    void end() { may_end_.set_value(); }

private:
    std::promise<void> begun_, may_end_;
};

TEST(SharedSession, LanesShareOneLogin) {
    SharedSession session;
    std::atomic<int> logins = 0, right = 0;
    std::vector<std::thread> lanes;
    for (int i = 0; i < 20; ++i) {
        lanes.emplace_back([&] {
            const auto grant = session.enter([&]() -> Result<Grant> { return ++logins, Grant{.uid = 7}; }, never);
            if (grant && grant->uid == 7 && grant->number == 1) ++right;
        });
    }
    for (auto& lane : lanes) lane.join();
    EXPECT_EQ(logins, 1);
    EXPECT_EQ(right, 20);
}

TEST(SharedSession, ARefusalIsEverybodysUntilALoginIsAllowed) {
    SharedSession session;
    HeldLogin held;
    int logins = 0;
    std::thread first([&] {
        const auto grant = session.enter([&] { return held.run(fail(Failure::auth, "refused")); }, never);
        EXPECT_EQ(grant.error().failure, Failure::auth);
    });
    held.wait_until_begun();
    std::thread second([&] { EXPECT_EQ(session.enter(refuses(logins), never).error().message, "refused"); });
    const std::atomic<bool> cancelled = true;
    EXPECT_EQ(session.enter(gives(1), cancelled).error().failure, Failure::cancelled);
    held.end();
    first.join();
    second.join();
    EXPECT_EQ(session.enter(refuses(logins), never).error().failure, Failure::auth);
    EXPECT_EQ(logins, 0) << "nobody asks again";

    session.allow_login();
    EXPECT_EQ(session.enter(refuses(logins), never).error().failure, Failure::auth);
    EXPECT_EQ(logins, 1);
    session.allow_login();
    EXPECT_EQ(session.enter(gives(9), never)->uid, 9);
    EXPECT_EQ(session.known()->uid, 9);
}

TEST(SharedSession, AnOutageIsSharedByThoseWhoWaitedAndTriedAgainByOthers) {
    SharedSession session;
    const auto down = [] { return Result<Grant>(fail(Failure::retry, "down")); };
    EXPECT_EQ(session.enter(down, never).error().failure, Failure::retry);
    EXPECT_EQ(session.enter(gives(7), never)->uid, 7);
}

TEST(SharedSession, WhereTheOneWhoLogsInIsCancelledAnotherOneDoes) {
    SharedSession session;
    HeldLogin held;
    std::thread first([&] {
        const auto grant = session.enter([&] { return held.run(fail(Failure::cancelled, "stopped")); }, never);
        EXPECT_EQ(grant.error().failure, Failure::cancelled);
    });
    held.wait_until_begun();
    std::thread second([&] { EXPECT_EQ(session.enter(gives(7), never)->uid, 7); });
    held.end();
    first.join();
    second.join();
}

TEST(SharedSession, WakeEndsAWaitThatIsCancelled) {
    SharedSession session;
    HeldLogin held;
    std::thread first([&] { EXPECT_TRUE(session.enter([&] { return held.run(Grant{.uid = 7}); }, never)); });
    held.wait_until_begun();
    std::atomic<bool> cancelled = false;
    std::thread second([&] { EXPECT_EQ(session.enter(gives(1), cancelled).error().failure, Failure::cancelled); });
    cancelled = true;
    session.wake();
    second.join();
    held.end();
    first.join();
}

TEST(SharedSession, OnlyTheGrantThatIsThereIsWithdrawn) {
    SharedSession session;
    const auto first = session.enter(gives(7), never);
    session.withdraw(first->number);
    EXPECT_FALSE(session.known());
    const auto second = session.enter(gives(7), never);
    EXPECT_NE(second->number, first->number);
    session.withdraw(first->number);
    ASSERT_TRUE(session.known()) << "another lane renewed it meanwhile";

    session.change_session_id(first->number, Secret("old"));
    EXPECT_EQ(session.known()->session_id.reveal(), "");
    session.change_session_id(second->number, Secret("new"));
    EXPECT_EQ(session.known()->session_id.reveal(), "new");
}

TEST(SharedSession, AProbesLoginIsKeptWhereThereIsNone) {
    SharedSession session;
    int logins = 0;
    EXPECT_FALSE(session.enter(refuses(logins), never));
    session.offer(Grant{.uid = 7});
    EXPECT_EQ(session.enter(refuses(logins), never)->uid, 7);
    session.offer(Grant{.uid = 8});
    EXPECT_EQ(session.known()->uid, 7);
    EXPECT_EQ(logins, 1);
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
    const std::string long_one(84, 'Z');
    EXPECT_EQ(cookie("session_id=" + long_one), long_one) << "18 and 19";
    // Odoo 17 answers /web/session/destroy so: the old one is over, and there is another one.
    EXPECT_EQ(session_cookie_of({.status = 200,
                                 .headers = {{"Set-Cookie", "session_id=; Max-Age=0"}, {"Set-Cookie", "session_id=ab"}},
                                 .body = {}}),
              "ab");
}

}  // namespace
}  // namespace sluice::odoo
