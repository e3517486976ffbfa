// A server that applies a call and dies, and a host that is killed between the send and the answer: whatever the
// method, the protocol and the version, the outcome is unknown, the call is not sent a second time, and the next
// attempt's look at Odoo tells whether it was applied.

#include <gmock/gmock.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <tuple>

#include "core/base/crash_point.hpp"
#include "tests/core/odoo/risky_calls.hpp"

namespace sluice::odoo {
namespace {

using sim::FaultKind;
using test::RiskyCalls;

/// A process of its own that makes one call and is killed within. Forked before the simulator has threads.
class Victim {
public:
    Victim() {
        EXPECT_EQ(::pipe(pipe_), 0);
        process_ = ::fork();
        if (process_ == 0) run();
        ::close(pipe_[0]);
    }
    Victim(Victim&& other) noexcept : process_(std::exchange(other.process_, 0)) {
        std::swap(pipe_[1], other.pipe_[1]);
    }
    Victim& operator=(Victim&&) = delete;
    ~Victim() {
        if (process_ > 0) end("");
    }

    /// True where it was killed at that place of the call.
    bool dies(CrashPoint point, const std::string& url, const std::string& database, ProtocolName protocol,
              const ProbedCall& call) {
        json::Writer job;
        job.begin_array().string(std::string(to_string(point)) + "@" + call.model + "." + call.method + ":1");
        job.string(url).string(database).integer(static_cast<int>(protocol));
        job.string(call.model).string(call.method).string(call.args).string(call.kwargs).end_array();
        const int status = end(std::string(job.text()));
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

private:
    int end(std::string job) {
        job += '\n';
        EXPECT_EQ(::write(pipe_[1], job.data(), job.size()), static_cast<ssize_t>(job.size()));
        ::close(pipe_[1]);
        int status = 0;
        ::waitpid(std::exchange(process_, 0), &status, 0);
        return status;
    }
    [[noreturn]] void run() {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that crashes leaves nobody behind
        ::close(pipe_[1]);
        std::string text;
        char bytes[4'096];
        // To the end of the line, not of the pipe: the other victims hold its other end, too.
        for (ssize_t got = 0; !text.ends_with('\n') && (got = ::read(pipe_[0], bytes, sizeof bytes)) > 0;)
            text.append(bytes, static_cast<std::size_t>(got));
        const auto job = json::Document::parse(text);
        if (job) {
            const auto part = [&](std::size_t at) { return std::string(job->root().at(at).text()); };
            ::setenv("SLUICE_CRASH_AT", part(0).c_str(), 1);
            arm_crash_points_from_environment();
            const auto protocol = static_cast<ProtocolName>(job->root().at(3).as_int64().value_or(0));
            Client client(RiskyCalls::account(part(1), part(2), protocol), make_shared_session());
            static_cast<void>(client.call(part(4), part(5), part(6), part(7)));
        }
        ::_exit(0);
    }

    int pipe_[2] = {-1, -1};
    pid_t process_ = 0;
};

class UnknownOutcome : public testing::TestWithParam<std::tuple<ProtocolName, int>> {
protected:
    static int version() { return std::get<1>(GetParam()); }

    /// Two for each of the calls; first of all members, for it forks.
    std::vector<Victim> victims = std::vector<Victim>(12);
    RiskyCalls calls{std::get<0>(GetParam()), std::get<1>(GetParam())};
    sim::OdooSimulator& odoo = calls.odoo;
};

TEST_P(UnknownOutcome, OfAServerThatDiesIsSaidAndFoundOutByTheNextAttempt) {
    for (const auto& risky : calls.all()) {
        for (const auto kind : {FaultKind::die_before_apply, FaultKind::die_after_apply, FaultKind::truncate,
                                FaultKind::lost_commit, FaultKind::html_page}) {
            SCOPED_TRACE(risky.name + " under " + std::string(fault_name(kind)));
            const auto call = risky.arrange();
            ASSERT_FALSE(calls.is_applied(call));
            const auto name = call.model + "." + call.method;
            const auto before = odoo.calls(name);
            odoo.inject({.kind = kind, .model = call.model, .method = call.method, .status = 502});
            const auto lost = call_once(calls.client, call);
            odoo.clear_faults();
            ASSERT_FALSE(lost);
            EXPECT_EQ(lost.error().failure, Failure::unknown) << lost.error().message;
            EXPECT_EQ(odoo.calls(name), before + 1) << "it was sent again";
            const bool ran = kind != FaultKind::die_before_apply && kind != FaultKind::html_page;
            EXPECT_EQ(calls.is_applied(call), ran);

            const auto next = call_once(calls.client, call);
            ASSERT_TRUE(next) << next.error().message;
            EXPECT_EQ(*next, ran ? Once::applied : Once::called);
            EXPECT_EQ(odoo.calls(name), before + (ran ? 1 : 2));
            EXPECT_TRUE(calls.is_applied(call));
        }
    }
    EXPECT_EQ(odoo.not_claimed(), 0);
}

TEST_P(UnknownOutcome, OfAHostThatIsKilledIsFoundOutByTheNextProcess) {
    std::size_t victim = 0;
    for (const auto& risky : calls.all()) {
        for (const auto point : {CrashPoint::odoo_before_send, CrashPoint::odoo_after_send}) {
            SCOPED_TRACE(risky.name + " at " + std::string(to_string(point)));
            const auto call = risky.arrange();
            const auto name = call.model + "." + call.method;
            const auto before = odoo.calls(name);
            ASSERT_TRUE(victims.at(victim++).dies(point, odoo.url(), odoo.database(), calls.protocol(), call));
            const bool sent = point == CrashPoint::odoo_after_send;
            // Odoo works on for itself. A look that comes too early would be wrong: that is what the flow's back-off,
            // and Odoo's own lock of the record, are for.
            for (int looks = 0; sent && looks < 10'000 && !calls.is_applied(call);) ++looks;

            Client reborn(RiskyCalls::account(odoo.url(), odoo.database(), calls.protocol()), make_shared_session());
            const auto next = call_once(reborn, call);
            ASSERT_TRUE(next) << next.error().message;
            EXPECT_EQ(*next, sent ? Once::applied : Once::called);
            EXPECT_EQ(odoo.calls(name), before + 1);
            EXPECT_TRUE(calls.is_applied(call));
        }
    }
}

TEST_P(UnknownOutcome, ACallThatLeadsElsewhereIsNoSuccess) {
    auto call = calls.confirm();
    call.applied.domain = R"([["id","=",-1]])";
    const auto done = call_once(calls.client, call);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().failure, Failure::rejected);
    EXPECT_THAT(done.error().message, testing::HasSubstr("probe"));
}

TEST_P(UnknownOutcome, WithoutALookNothingIsCalled) {
    auto call = calls.confirm();
    call.applied.domain = R"([["nonesuch","=",1]])";
    EXPECT_FALSE(call_once(calls.client, call));
    odoo.inject({.kind = FaultKind::html_page, .model = "sale.order", .method = "search_count", .status = 502});
    EXPECT_FALSE(call_once(calls.client, calls.confirm()));
    EXPECT_EQ(odoo.calls("sale.order.action_confirm"), 0);
}

/// Why nobody may repeat these blindly.
TEST_P(UnknownOutcome, WhatTheSecondTimeDoes) {
    const auto twice = [&](const ProbedCall& call) {
        for (int time = 0; time < 2; ++time) calls.result(call.model, call.method, call.args, call.kwargs);
        return call;
    };
    const auto paid = twice(calls.pay());
    EXPECT_EQ(calls.result("account.payment", "search_count", "[" + paid.applied.domain + "]"), "2") << "money, twice";
    twice(calls.adjust());
    const auto level =
        calls.result("stock.quant", "search_read", R"([[["product_id","=",40],["location_id.usage","=","internal"]]])",
                     R"({"fields":["quantity"]})");
    EXPECT_EQ(level.find(R"("quantity": 0.0)") != std::string::npos, version() == 19) << level;
}

INSTANTIATE_TEST_SUITE_P(Odoo, UnknownOutcome,
                         testing::Values(std::tuple(ProtocolName::jsonrpc, 16), std::tuple(ProtocolName::jsonrpc, 17),
                                         std::tuple(ProtocolName::web_session, 17),
                                         std::tuple(ProtocolName::jsonrpc, 19), std::tuple(ProtocolName::json2, 19)),
                         [](const auto& given) {
                             const auto protocol = std::get<0>(given.param);
                             return std::string(protocol == ProtocolName::jsonrpc ? "jsonrpc"
                                                : protocol == ProtocolName::json2 ? "json2_"
                                                                                  : "web_session") +
                                    std::to_string(std::get<1>(given.param));
                         });

}  // namespace
}  // namespace sluice::odoo
