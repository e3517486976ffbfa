// Many dead letters at once, against a host that answers what the test says.

#include "host/cli/dead_letter_steps.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <sstream>

#include "host/cli/command_line.hpp"

namespace sluice::host {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Steps : public testing::Test {
protected:
    /// The host's next answer; "" is an error that was told.
    void answers(std::string json) { answers_.push_back(std::move(json)); }
    void of_group(std::int64_t count) { answers(fmt::format(R"({{"groups":[{{"count":{}}}]}})", count)); }
    void oldest(std::int64_t seq) {
        answers(fmt::format(R"({{"events":[{{"seq":{},"attempts":1}}],"next":null}})", seq));
    }
    void state(const std::string& state, const std::string& outcome, std::int64_t seq = 12) {
        answers(fmt::format(R"({{"events":[{{"seq":{},"state":"{}","outcome":"{}"}}]}})", seq, state, outcome));
    }

    std::vector<std::string> asked;
    std::int64_t waited_ms = 0;
    std::ostringstream out, errors;
    DeadLetterSteps steps{[this](std::string_view method, const std::string& target,
                                 const std::string& body) -> std::optional<json::Document> {
                              asked.push_back(fmt::format("{} {}{}{}", method, target, body.empty() ? "" : " ", body));
                              if (answers_.empty()) return {};
                              const auto answer = answers_.front();
                              answers_.pop_front();
                              if (answer.empty()) return {};
                              return std::move(*json::Document::parse(answer));
                          },
                          [this](std::int64_t ms) { waited_ms += ms; }, out, errors};
    const Selection cause{.fingerprint = "0f3a"};

private:
    std::deque<std::string> answers_;
};

TEST_F(Steps, TheRestFollowsACanaryThatEndsDone) {
    of_group(1'202);
    oldest(12);
    answers(R"({"seq":12,"done":"replayed"})");
    state("ready", "");
    state("claimed", "");
    state("done", "created sale.order 7");
    answers(R"({"replayed":[13,14],"passed_over":1,"next":14})");
    answers(R"({"replayed":[15],"passed_over":0,"next":null})");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_done);
    EXPECT_THAT(
        asked,
        ElementsAre("GET /v0/dead-letters/groups?limit=1000&fingerprint=0f3a",
                    "GET /v0/dead-letters?limit=1000&after=0&fingerprint=0f3a", "POST /v0/dead-letters/12/replay",
                    "GET /v0/events?after=11&limit=1", "GET /v0/events?after=11&limit=1",
                    "GET /v0/events?after=11&limit=1",
                    R"(POST /v0/dead-letters/replay {"fingerprint":"0f3a","all":false,"after":0,"limit":1000})",
                    R"(POST /v0/dead-letters/replay {"fingerprint":"0f3a","all":false,"after":14,"limit":1000})"));
    EXPECT_EQ(out.str(),
              "event 12 is replayed as a canary for 1202 dead letters\n"
              "event 12 is done: created sale.order 7\n"
              "2 dead letters replayed so far\n"
              "3 dead letters replayed\n"
              "1 passed over: they came unreadable and cannot be delivered\n");
    EXPECT_EQ(waited_ms, 2 * DeadLetterSteps::poll_ms);
    EXPECT_EQ(steps.summary(), R"({"changed":3,"passed_over":1,"canary":12})");
}

TEST_F(Steps, ACanaryThatFailsAgainLeavesTheOthersAlone) {
    of_group(3);
    oldest(12);
    answers("{}");
    state("dead", "rejected: no product");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_EQ(errors.str(), "event 12 failed again: rejected: no product; the others are left as they are\n");
    EXPECT_EQ(asked.size(), 4U) << "nothing more was asked for";
}

TEST_F(Steps, ACanaryThatTakesTooLongIsNoCanary) {
    of_group(3);
    oldest(12);
    answers("{}");
    for (int i = 0; i < 3; ++i) state("ready", "retry: Odoo is busy");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 2 * DeadLetterSteps::poll_ms), exit_failed);
    EXPECT_THAT(errors.str(),
                HasSubstr("event 12 is ready after 1 s, its last attempt: retry: Odoo is busy; the others"));
}

TEST_F(Steps, WhatIsSupersededOrGoneSaysNothingAboutTheCause) {
    of_group(3);
    oldest(12);
    answers("{}");
    state("superseded", "superseded by event 20");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(errors.str(), HasSubstr("is superseded (superseded by event 20)"));
    of_group(3);
    oldest(12);
    answers("{}");
    state("done", "", 13);
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(errors.str(), HasSubstr("event 12 is gone"));
}

TEST_F(Steps, ACanaryThatWasNotTriedIsFollowedByTheNextOldest) {
    const std::string stale = "stale: revision 3 is older than 4, which is applied";
    of_group(3);
    oldest(12);
    answers("{}");
    state("done", stale);
    oldest(13);
    answers("{}");
    state("dead", "rejected: no product", 13);
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(out.str(), HasSubstr("that says nothing about its cause: the next oldest is taken\n"
                                     "event 13 is replayed as a canary for 2 dead letters\n"));
    EXPECT_EQ(errors.str(), "event 13 failed again: rejected: no product; the others are left as they are\n");

    of_group(100);
    for (int i = 0; i < DeadLetterSteps::max_canaries; ++i) {
        oldest(12);
        answers("{}");
        state("done", stale);
    }
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(errors.str(), HasSubstr("10 canaries were not tried"));
    EXPECT_THAT(asked, Not(Contains(StartsWith("POST /v0/dead-letters/replay"))));
}

TEST_F(Steps, WhereEveryOneIsStaleThereIsNothingToRelease) {
    of_group(1);
    oldest(12);
    answers("{}");
    state("done", "stale: revision 3 is older than 4, which is applied");
    answers(R"({"events":[],"next":null})");
    answers(R"({"replayed":[],"passed_over":0,"next":null})");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_done);
    EXPECT_THAT(out.str(), HasSubstr("no other is left"));
}

TEST_F(Steps, ACanaryInShadowModeReleasesNobody) {
    of_group(3);
    oldest(12);
    answers("{}");
    state("done", "shadow: would create new sale.order");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(errors.str(), HasSubstr("event 12 is done in shadow mode: nothing was written"));
    EXPECT_EQ(asked.size(), 4U) << "nothing more was asked for";
}

TEST_F(Steps, TheCanaryAloneOrNoneAtAll) {
    of_group(3);
    oldest(12);
    answers("{}");
    state("done", "ok");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::only, 60'000), exit_done);
    EXPECT_EQ(asked.size(), 4U);
    asked.clear();
    of_group(3);
    answers(R"({"replayed":[12,13,14],"passed_over":0,"next":null})");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::none, 60'000), exit_done);
    EXPECT_EQ(asked.size(), 2U);
}

TEST_F(Steps, WhatCannotBeDeliveredIsNoCanary) {
    of_group(2);
    answers(R"({"events":[{"seq":3,"attempts":0}],"next":3})");
    answers(R"({"events":[{"seq":4,"attempts":0}],"next":null})");
    EXPECT_EQ(steps.replay({.all = true}, DeadLetterSteps::Canary::first, 60'000), exit_failed);
    EXPECT_THAT(errors.str(), HasSubstr("none of the 2 dead letters can be delivered; discard them"));
    EXPECT_EQ(asked.back(), "GET /v0/dead-letters?limit=1000&after=3");
}

TEST_F(Steps, ACauseThatIsSeveralLinesOfGroupsIsNotTouchedUntilItIsSaidWhich) {
    const std::string several = R"({"groups":[{"connector":"shop-a","flow":"order","count":2},
        {"connector":"shop-b","flow":"refund","count":1}]})";
    for (const auto canary : {DeadLetterSteps::Canary::first, DeadLetterSteps::Canary::none}) {
        answers(several);
        EXPECT_EQ(steps.replay(cause, canary, 60'000), exit_failed);
    }
    answers(several);
    EXPECT_EQ(steps.discard(cause, "junk"), exit_failed);
    EXPECT_THAT(asked, Each(StartsWith("GET /v0/dead-letters/groups")));
    EXPECT_THAT(errors.str(), StartsWith("0f3a is the cause of 2 groups; add one of:\n"
                                         "  --connector shop-a --flow order  (2 dead letters)\n"
                                         "  --connector shop-b --flow refund  (1 dead letter)\n"));
}

TEST_F(Steps, ACauseOfOneLineStaysThatLine) {
    answers(R"({"groups":[{"connector":"shop-a","flow":"order","count":2}]})");
    answers(R"({"discarded":[1,2],"passed_over":0,"next":null})");
    EXPECT_EQ(steps.discard(cause, "junk"), exit_done);
    EXPECT_THAT(asked.back(),
                HasSubstr(R"({"connector":"shop-a","flow":"order","fingerprint":"0f3a","reason":"junk")"));
}

TEST_F(Steps, NothingToDoIsSaid) {
    answers(R"({"groups":[]})");
    EXPECT_EQ(steps.replay(cause, DeadLetterSteps::Canary::first, 60'000), exit_done);
    EXPECT_EQ(out.str(), "there are no such dead letters\n");
}

TEST_F(Steps, AHostThatGoesAwayIsNotMistakenForTheEnd) {
    answers(R"({"discarded":[1],"passed_over":0,"next":1})");
    answers("");
    EXPECT_EQ(steps.discard({.connector = "shop", .all = true}, "junk"), exit_failed);
    EXPECT_THAT(
        asked.front(),
        R"(POST /v0/dead-letters/discard {"connector":"shop","reason":"junk","all":true,"after":0,"limit":1000})");
    EXPECT_EQ(errors.str(), "1 dead letter discarded before that\n");
}

}  // namespace
}  // namespace sluice::host
