#include "host/service/clockwork.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <set>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/plugins/capture_run.hpp"
#include "tests/core/journal/forwarding_journal.hpp"
#include "tests/core/journal/temporary_journal.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

/// Moved by hand, from any thread.
class MovedClock final : public Clock {
public:
    std::int64_t now_ms() const override { return now_ms_; }
    std::int64_t steady_ms() const override { return now_ms_; }
    void advance(std::int64_t delta_ms) { now_ms_ += delta_ms; }

private:
    std::atomic<std::int64_t> now_ms_ = 1'700'000'000'000;
};

class ClockworkTest : public testing::Test {
protected:
    ClockworkTest() : journal(std::move(journal::open_sqlite_journal(folder.path() / "journal.db", clock).value())) {}

    std::shared_ptr<const Connector> connector_with(contract::Flow flow) {
        auto connector = std::make_shared<Connector>(make_connector());
        auto plugin = std::make_shared<Plugin>(*connector->plugin);
        plugin->contract.flows.clear();
        plugin->contract.flows.emplace(flow.name, std::move(flow));
        connector->plugin = plugin;
        return connector;
    }
    static contract::Flow every_minute() {
        contract::Flow flow{.name = "nightly", .order = "nightly"};
        flow.schedule = contract::ScheduleTrigger{.cron = "* * * * *"};
        return flow;
    }
    static constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1'000;
    static contract::Flow watching() {
        contract::Flow flow{.name = "stock", .order = "stock", .ordering_key = "/id"};
        flow.odoo_change = contract::OdooChangeTrigger{
            .model = "stock.quant", .fields = {"quantity"}, .every_ms = 15'000, .sweep_ms = day_ms};
        return flow;
    }
    /// Puts a state of the connector, as a delivery that ended did.
    void keep(const std::string& name, std::int64_t moment_ms) {
        const auto seq = journal->append({journal::testing::event("keeps " + name)}).value().at(0).seq;
        auto finish = journal::testing::done();
        finish.state.push_back({.name = name, .value = std::to_string(moment_ms)});
        end(seq, finish);
    }
    std::set<std::string> topics() {
        std::set<std::string> all;
        for (const auto& event : events()) all.insert(event.topic);
        return all;
    }
    std::vector<journal::EventSummary> events() { return journal->list({}).value(); }
    /// Looks until it is so; the limit only ends a test that has failed.
    template <class Condition>
    bool wait(Condition condition) {
        for (int i = 0; i < 12'000; ++i) {
            if (condition()) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        return false;
    }
    /// An end is noticed at the clockwork's next look, and a moment that came before it is passed over.
    bool wait_while_time_goes_on(std::size_t number) {
        return wait([&] {
            clock.advance(60'000);
            return events().size() == number;
        });
    }
    void end(journal::Seq seq, journal::Finish finish) {
        ASSERT_EQ(journal->claim({seq}, {}, clock.now_ms())->size(), 1U);
        ASSERT_TRUE(journal->finish({.seq = seq, .token = 1}, finish, clock.now_ms()));
    }

    journal::testing::TemporaryFolder folder;
    MovedClock clock;
    std::unique_ptr<journal::SqliteJournal> journal;
    telemetry::Logger log{clock, telemetry::Level::error, telemetry::Format::key_value};
    std::atomic<int> notified{0};
};

TEST_F(ClockworkTest, AScheduleAppendsOneEventAtATimeAndPassesOverWhatComesMeanwhile) {
    Clockwork clockwork(*journal, clock, log, [&](const std::string&) { ++notified; });
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 1; }));
    EXPECT_TRUE(wait([&] { return notified == 1; }));
    clock.advance(10 * 60'000);
    // Nothing is to be seen of what must not happen: the next event is the proof, and it is the second.
    end(events()[0].seq, journal::testing::done());
    ASSERT_TRUE(wait_while_time_goes_on(2));
    EXPECT_GE(events()[1].occurred_at_ms, events()[0].occurred_at_ms + 10 * 60'000);
}

TEST_F(ClockworkTest, ADeadLetterHoldsItsScheduleUntilAPersonDecides) {
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 1; }));
    end(events()[0].seq, journal::testing::dead(true));
    clock.advance(5 * 60'000);
    ASSERT_TRUE(journal->discard(events()[0].seq, "admin", "seen", clock.now_ms()));
    ASSERT_TRUE(wait_while_time_goes_on(2));
}

TEST_F(ClockworkTest, TwoInstallationsOfOneConnectorAreNotDueInTheSameMoment) {
    contract::Flow flow{.name = "stock", .order = "stock"};
    flow.schedule = contract::ScheduleTrigger{.every_ms = day_ms};
    auto connector = std::make_shared<Connector>(*connector_with(flow));
    connector->odoo = "main";
    std::set<std::int64_t> phases;
    for (const std::string installation : {"odoo.a.example/prod", "odoo.b.example/prod", "odoo.b.example/prod"}) {
        Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
        clockwork.configure({connector}, {{"main", installation}});
        const auto before = events().size();
        clock.advance(day_ms);
        ASSERT_TRUE(wait([&] { return events().size() > before; }));
        phases.insert(events().back().occurred_at_ms % day_ms);
        end(events().back().seq, journal::testing::done());
    }
    EXPECT_EQ(phases.size(), 2U) << "each has its own, and keeps it";
}

/// One whose contents nobody can read now.
class SealedJournal final : public journal::testing::ForwardingJournal {
public:
    using ForwardingJournal::ForwardingJournal;
    Result<std::optional<journal::EventDetail>> show(journal::Seq) override {
        return fail(Failure::invalid, "encrypted with a key that is not given");
    }
};

TEST_F(ClockworkTest, AnEndIsNoticedWhateverBecameOfTheContents) {
    SealedJournal sealed(*journal);
    Clockwork clockwork(sealed, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 1; }));
    end(events()[0].seq, journal::testing::done());
    EXPECT_TRUE(wait_while_time_goes_on(2));
}

TEST_F(ClockworkTest, AnEventThatAnotherMadeNeedlessIsFinished) {
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 1; }));
    const auto first = events()[0];
    ASSERT_TRUE(journal->append({journal::NewEvent{.connector = first.connector,
                                                   .event_id = "newer",
                                                   .flow = first.flow,
                                                   .order = first.order,
                                                   .ordering_key = first.ordering_key,
                                                   .topic = first.topic,
                                                   .coalesce = true}}));
    ASSERT_EQ(events()[0].state, journal::EventState::superseded);
    EXPECT_TRUE(wait_while_time_goes_on(3));
}

TEST_F(ClockworkTest, WhatWasMissedWhileTheHostWasDownRunsOnceOrNotAtAll) {
    keep("schedule/nightly", clock.now_ms() - 3'600'000);
    keep("schedule/skipping", clock.now_ms() - 400 * day_ms);
    {
        Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
        clockwork.configure({connector_with(every_minute())}, {});
        ASSERT_TRUE(wait([&] { return events().size() == 3; })) << "sixty moments, one event";
    }
    auto ran = journal::testing::done();
    ran.state.push_back({.name = "schedule/nightly",
                         .value = std::to_string(events()[2].occurred_at_ms),
                         .expected_version = journal::StatePut::any_version});
    end(events()[2].seq, ran);

    auto skipping = every_minute();
    skipping.name = skipping.order = "skipping";
    skipping.schedule->cron = "0 0 1 1 *";
    skipping.schedule->skips_missed = true;
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(skipping), connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 4; }));
    // The new year's is older: it would have come first.
    EXPECT_EQ(events()[3].flow, "nightly");
}

TEST_F(ClockworkTest, AFlowThatWatchesIsPolledAndSweptAtOnceAndNoMoreOnceItIsGone) {
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(watching())}, {});
    ASSERT_TRUE(wait([&] { return events().size() == 2; }));
    EXPECT_EQ(topics(), (std::set<std::string>{"odoo_change/poll", "odoo_change/sweep"}));
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(60'000);
    ASSERT_TRUE(wait([&] { return events().size() == 3; }));
    EXPECT_EQ(events()[2].flow, "nightly");
}

TEST_F(ClockworkTest, ASweepThatWasMissedWhileTheHostWasDownIsMadeUpAndOneThatWasNotIsNot) {
    keep(last_sweep_state("stock"), clock.now_ms());
    {
        Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
        clockwork.configure({connector_with(watching())}, {});
        ASSERT_TRUE(wait([&] { return topics().contains("odoo_change/poll"); }));
        EXPECT_FALSE(topics().contains("odoo_change/sweep")) << "what is due at once is appended together";
    }
    clock.advance(day_ms);  // nobody was there when it was due
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(watching())}, {});
    EXPECT_TRUE(wait([&] { return topics().contains("odoo_change/sweep"); }));
}

TEST_F(ClockworkTest, ASweepComesWhenItsIntervalHasPassed) {
    keep(last_sweep_state("stock"), clock.now_ms());
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(watching())}, {});
    ASSERT_TRUE(wait([&] { return topics().contains("odoo_change/poll"); }));
    clock.advance(day_ms);
    EXPECT_TRUE(wait([&] { return topics().contains("odoo_change/sweep"); }));
}

TEST_F(ClockworkTest, APollGoesOnWhereTheClockWasSetBack) {
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(watching())}, {});
    const auto polls = [&] {
        std::size_t number = 0;
        for (const auto& event : events()) {
            if (event.topic == "odoo_change/poll") ++number;
            if (event.state == journal::EventState::ready) end(event.seq, journal::testing::done());
        }
        return number;
    };
    ASSERT_TRUE(wait([&] { return polls() == 1; }));
    ASSERT_TRUE(wait([&] {
        clock.advance(15'000);
        return polls() > 1;
    }));
    const auto before = polls();
    const auto set_back_at_ms = clock.now_ms();
    clock.advance(-3'600'000);
    ASSERT_TRUE(wait([&] {
        clock.advance(100);
        return polls() > before;
    }));
    EXPECT_LT(clock.now_ms(), set_back_at_ms) << "it did not wait until the clock had caught up";
}

TEST_F(ClockworkTest, AStoredMomentInTheFutureHoldsUpNothing) {
    keep("schedule/nightly", clock.now_ms() + 30 * day_ms);
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(every_minute())}, {});
    EXPECT_TRUE(wait([&] {
        clock.advance(1'000);
        return events().size() == 2;
    }));
}

TEST_F(ClockworkTest, AHostThatStartsServesNoMomentASecondTime) {
    keep(last_sweep_state("stock"), clock.now_ms());
    {
        Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
        clockwork.configure({connector_with(watching())}, {});
        ASSERT_TRUE(wait([&] { return topics().contains("odoo_change/poll"); }));
    }
    const auto poll = events().back();
    end(poll.seq, journal::testing::done());
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(watching())}, {});
    ASSERT_TRUE(wait([&] {
        clock.advance(15'000);
        return events().size() > 2;
    }));
    EXPECT_GT(events().back().occurred_at_ms, poll.occurred_at_ms);
}

TEST_F(ClockworkTest, AMomentThatComesAgainIsAnEventOfItsOwn) {
    {
        Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
        clockwork.configure({connector_with(every_minute())}, {});
        clock.advance(60'000);
        ASSERT_TRUE(wait([&] { return events().size() == 1; }));
    }
    const auto first = events()[0];
    end(first.seq, journal::testing::done());
    clock.advance(first.occurred_at_ms - 1'000 - clock.now_ms());
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    clockwork.configure({connector_with(every_minute())}, {});
    clock.advance(1'000);
    ASSERT_TRUE(wait([&] { return events().size() == 2; }));
    EXPECT_EQ(events()[1].occurred_at_ms, first.occurred_at_ms);
    EXPECT_NE(events()[1].event_id, first.event_id);
}

TEST_F(ClockworkTest, AReloadDropsNothingThatIsDue) {
    Clockwork clockwork(*journal, clock, log, [](const std::string&) {});
    const auto connector = connector_with(every_minute());
    clockwork.configure({connector}, {});
    clock.advance(60'000);  // due; perhaps not seen yet
    clockwork.configure({connector}, {});
    EXPECT_TRUE(wait([&] { return events().size() == 1; }));
}

}  // namespace
}  // namespace sluice::host
