// That the proof can fail: what was acknowledged and then is missing, doubled, damaged or half there is found.

#include "host/cli/crash_ledger.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace sluice::host {
namespace {

using journal::EventState;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

FoundEvent found(const std::string& id, EventState state = EventState::ready) {
    return {.event_id = id, .payload = crash_payload(id), .state = state};
}

FoundEvent finished(const std::string& id, std::int64_t number) {
    auto event = found(id, EventState::done);
    event.attempts = event.times_done = 1;
    event.outcome = finish_message("finisher.0", number);
    return event;
}

/// An append of two events; the first was finished and emitted a third, the second was claimed when the process died.
class Ledger : public testing::Test {
protected:
    Ledger() {
        for (const auto& line :
             {"appended " + a + " " + b, "claimed " + a + " 1", "finished " + a, "claimed " + b + " 1"})
            EXPECT_TRUE(ledger.take(line)) << line;
        remains.events = {finished(a, 1), found(b), found(emitted)};
        remains.events[1].attempts = 1;
        remains.events[1].attempt_unknown = true;
        remains.finisher_versions = {{"finisher.0", 1}};
    }
    std::vector<std::string> wrong() { return ledger.check(remains).wrong; }
    FoundEvent& event(const std::string& id) { return *std::ranges::find(remains.events, id, &FoundEvent::event_id); }
    void remove(const std::string& id) {
        std::erase_if(remains.events, [&](const FoundEvent& one) { return one.event_id == id; });
    }

    const std::string a = crash_event_id(1, 0, 0, 1, 2), b = crash_event_id(1, 0, 0, 2, 2),
                      emitted = emitted_event_id(a);
    CrashLedger ledger;
    Remains remains;
};

TEST_F(Ledger, WhatIsThereAsItWasAcknowledgedIsProved) {
    const auto findings = ledger.check(remains);
    EXPECT_THAT(findings.wrong, IsEmpty());
    EXPECT_EQ(findings.recovered, 1);
    EXPECT_EQ(findings.unacknowledged, 0) << "the emitted one came with an acknowledged end";
    EXPECT_EQ(ledger.appended(), 2);
    EXPECT_EQ(ledger.finished(), 1);
}

TEST_F(Ledger, AnAcknowledgedEventThatIsMissingIsLost) {
    remove(b);
    EXPECT_THAT(wrong(), Contains("lost: event " + b + " was acknowledged and is not there"));
}

TEST_F(Ledger, AllThatIsMissingIsLost) {
    remains = {};
    EXPECT_THAT(wrong(), testing::SizeIs(4)) << "two events, an end, an attempt";
}

TEST_F(Ledger, AnEventThatIsThereTwiceIsDoubled) {
    remains.events.push_back(event(b));
    EXPECT_THAT(wrong(), Contains(StartsWith("doubled: event " + b)));
}

TEST_F(Ledger, OneOtherByteIsDamage) {
    event(b).payload.back() ^= 1;
    EXPECT_THAT(wrong(), ElementsAre("damaged: event " + b + " has other bytes than were appended"));
}

TEST_F(Ledger, AnAcknowledgedEndThatIsForgottenIsLost) {
    event(a) = found(a);
    remove(emitted);
    remains.finisher_versions["finisher.0"] = 0;
    EXPECT_THAT(wrong(), ElementsAre("lost: the end of event " + a + " was acknowledged, and it is ready"));
}

TEST_F(Ledger, AnAttemptThatIsForgottenIsLost) {
    event(b).attempts = 0;
    EXPECT_THAT(wrong(), ElementsAre("lost: attempt 1 of event " + b + " was acknowledged"));
    event(b).attempts = 1;
    event(b).attempt_unknown = false;
    ASSERT_TRUE(ledger.take("claimed " + b + " 1"));
    EXPECT_THAT(wrong(), ElementsAre(HasSubstr("does not say that its attempt 1 had no end")));
}

TEST_F(Ledger, AClaimThatNobodyTookBackIsStuck) {
    for (const auto state :
         {EventState::waiting, EventState::dead, EventState::discarded, EventState::superseded, EventState::claimed}) {
        ASSERT_TRUE(ledger.take("claimed " + b + " 1"));
        event(b).state = state;
        const auto findings = ledger.check(remains);
        EXPECT_THAT(findings.wrong, ElementsAre(AllOf(StartsWith("stuck: "), HasSubstr(b)))) << to_string(state);
        EXPECT_EQ(findings.recovered, 0);
    }
    EXPECT_THAT(wrong(), ElementsAre("stuck: event " + b + " is still claimed after the start"))
        << "also where the claim was not reported";
}

TEST_F(Ledger, ManyCrashesThatLeaveNothingToRecoverProveNoRecovery) {
    EXPECT_THAT(unproved_recovery(crashes_that_cut_claims, 0), HasSubstr("nothing was recovered after 10 crashes"));
    EXPECT_EQ(unproved_recovery(crashes_that_cut_claims, 1), "");
    EXPECT_EQ(unproved_recovery(crashes_that_cut_claims - 1, 0), "") << "too few to tell";
}

TEST_F(Ledger, AnEndWhoseAcknowledgementWasCutOffIsNoLoss) {
    event(b) = finished(b, 2);
    remains.events.push_back(found(emitted_event_id(b)));
    remains.finisher_versions["finisher.0"] = 2;
    const auto findings = ledger.check(remains);
    EXPECT_THAT(findings.wrong, IsEmpty());
    EXPECT_EQ(findings.unacknowledged, 1) << "what it emitted";
    EXPECT_EQ(findings.recovered, 0);
}

TEST_F(Ledger, AnUnacknowledgedAppendIsThereWholeOrNotAtAll) {
    const auto one = crash_event_id(1, 2, 7, 1, 2), other = crash_event_id(1, 2, 7, 2, 2);
    remains.events.push_back(found(one));
    EXPECT_THAT(wrong(), ElementsAre("half there: of the 2 events of append c1.w2.b7 1 are"));
    remains.events.push_back(found(other));
    EXPECT_THAT(wrong(), IsEmpty());
}

TEST_F(Ledger, AnEndComesWithWhatItEmittedAndWithItsState) {
    remove(emitted);
    EXPECT_THAT(wrong(), ElementsAre("half there: event " + a + " is done, and what it emitted is not there"));
    remains.events.push_back(found(emitted));
    remains.finisher_versions["finisher.0"] = 0;
    EXPECT_THAT(wrong(), ElementsAre("half there: 1 events are done, and the states count 0"));
    remains.finisher_versions["finisher.0"] = 2;
    EXPECT_THAT(wrong(), Contains(HasSubstr("no event was done as its 2.")));
}

TEST_F(Ledger, WhatWasEmittedIsNotThereBeforeItsEnd) {
    remains.events.push_back(found(emitted_event_id(b)));
    EXPECT_THAT(wrong(), ElementsAre(HasSubstr("was emitted by an event that is not done")));
}

TEST_F(Ledger, AnEventThatWasFinishedTwiceIsDoubled) {
    event(a).times_done = 2;
    EXPECT_THAT(wrong(), ElementsAre(StartsWith("doubled: event " + a)));
}

TEST_F(Ledger, WhatNobodyAppendedIsDamage) {
    remains.events.push_back(found("something else"));
    EXPECT_THAT(wrong(), ElementsAre("damaged: event something else was never appended"));
}

TEST_F(Ledger, LinesItDoesNotKnowAreRefused) {
    for (const auto* line : {"", "opened", "failed: no space", "claimed x", "claimed x y", "finished"})
        EXPECT_FALSE(ledger.take(line)) << line;
}

TEST(CrashPayload, FollowsFromTheNameAndFromNothingElse) {
    EXPECT_EQ(crash_payload("c1.w1.b1.1/1"), crash_payload("c1.w1.b1.1/1"));
    EXPECT_NE(crash_payload("c1.w1.b1.1/1"), crash_payload("c1.w1.b1.1/2"));
    EXPECT_THAT(crash_payload("c1.w1.b1.1/1"), StartsWith("c1.w1.b1.1/1\n"));
}

}  // namespace
}  // namespace sluice::host
