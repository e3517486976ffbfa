// The host's half of polling, over a real journal: what is seen is remembered with the acknowledgement, and found gone.

#include "host/plugins/capture_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/plugins/limits.hpp"
#include "tests/core/journal/temporary_journal.hpp"
#include "tests/core/odoo/capture_fixture.hpp"
#include "tests/host/plugins/fakes.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t start_ms = 1'700'000'000'000;
constexpr int page = static_cast<int>(odoo::capture_page_size);

class WatchedOdoo final : public OdooAccess {
public:
    explicit WatchedOdoo(odoo::Caller& odoo) : odoo_(odoo) {}
    odoo::Caller& caller() override { return odoo_; }
    Result<odoo::Written> write(odoo::Caller&, odoo::IdMemory&, const mapping::MappedRecord&) override {
        return fail(Failure::rejected, "a capture writes nothing");
    }
    bool probe() override { return true; }
    void cancel() override {}

private:
    odoo::Caller& odoo_;
};

class CaptureRuns : public testing::Test {
protected:
    CaptureRuns() {
        connector.name = "shop";
        auto plugin = std::make_shared<Plugin>();
        plugin->name = "vendor";
        connector.plugin = std::move(plugin);
        flow.odoo_change = contract::OdooChangeTrigger{
            .model = "stock.picking", .fields = {"name"}, .from_the_beginning = true, .overlap_ms = 60'000};
        clock.advance(start_ms);
    }

    void put(int first, int last) {
        for (int id = first; id <= last; ++id) odoo.commit(id, "a", start_ms * 1'000);
    }
    void erase(int first, int last) {
        for (int id = first; id <= last; ++id) odoo.rows.erase(id);
    }
    /// Appends a poll or sweep, runs it and what it emits of its kind to the end, and answers the changes.
    std::vector<journal::NewEvent> run(std::string_view topic) {
        clock.advance(1'000);
        EXPECT_TRUE(journal->append({{.connector = "shop",
                                      .event_id = fmt::format("{}:{}", topic, clock.now_ms()),
                                      .flow = flow.name,
                                      .order = std::string(capture_order),
                                      .ordering_key = flow.name,
                                      .topic = std::string(topic),
                                      .payload = "{}",
                                      .headers = "{}",
                                      .occurred_at_ms = clock.now_ms()}}));
        deliveries = 0;
        std::vector<journal::NewEvent> changes;
        while (const auto next = next_capture()) {
            const auto claim = journal->claim({*next}, {}, clock.now_ms()).value().at(0);
            auto verdict = run_capture(lane, flow, claim);
            EXPECT_FALSE(verdict.error) << verdict.error->message;
            if (verdict.error) break;
            std::ranges::copy_if(verdict.emitted, std::back_inserter(changes),
                                 [](const auto& event) { return event.topic == change_topic; });
            auto done = journal::testing::done();
            done.state = std::move(verdict.state);
            done.emitted = std::move(verdict.emitted);
            EXPECT_TRUE(journal->finish(claim.lease(), done, clock.now_ms()));
            ++deliveries;
        }
        return changes;
    }
    std::optional<journal::Seq> next_capture() {
        const auto events = journal->ready("shop", flow.name, clock.now_ms(), 100'000).value();
        for (const auto& event : events) {
            if (is_capture(event)) return event.seq;
        }
        return std::nullopt;
    }
    static std::vector<std::string> ids(const std::vector<journal::NewEvent>& changes) {
        std::vector<std::string> all;
        for (const auto& change : changes) all.push_back(change.event_id);
        return all;
    }
    std::string swept() { return journal->get_state("shop", last_sweep_state(flow.name)).value().value; }

    journal::testing::TemporaryFolder folder;
    ManualClock clock;
    std::unique_ptr<journal::SqliteJournal> journal =
        std::move(journal::open_sqlite_journal(folder.path() / "journal.db", clock).value());
    telemetry::Logger log{clock, telemetry::Level::error, telemetry::Format::key_value};
    odoo::test::TransactionalOdoo odoo;
    WatchedOdoo access{odoo};
    WebScript web;
    FakeWeb no_web{web};
    std::atomic<bool> stopping = false;
    Connector connector;
    delivery::AdmissionControl admission{clock};
    Lane lane{connector, admission, *journal, clock, access, no_web, log, stopping};
    contract::Flow flow{.name = "stock", .order = "stock", .ordering_key = "/id"};
    int deliveries = 0;  ///< of the last run()
};

TEST_F(CaptureRuns, MoreThanOneDeliveryReadsGoesOnInTheNext) {
    const int records = capture_pages * page + 100;
    put(1, records);
    const auto changes = run(poll_topic);
    EXPECT_THAT(changes, SizeIs(records));
    const auto all = ids(changes);
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), changes.size());
    EXPECT_EQ(deliveries, 2);
    EXPECT_THAT(run(poll_topic), IsEmpty()) << "all are remembered";
}

TEST_F(CaptureRuns, ASweepFindsWhatIsGoneInEveryPartOfIt) {
    const int records = capture_pages * page + 100;
    put(1, records);
    run(poll_topic);
    for (const int id : {1, page, page + 1, records - 1, records}) odoo.rows.erase(id);
    const auto gone = run(sweep_topic);
    EXPECT_THAT(ids(gone), ElementsAre("odoo_change:stock:1:2", "odoo_change:stock:200:2", "odoo_change:stock:201:2",
                                       "odoo_change:stock:1099:2", "odoo_change:stock:1100:2"));
    EXPECT_EQ(gone.at(0).payload, R"({"id":1,"model":"stock.picking","gone":true})");
    EXPECT_EQ(deliveries, 2);
    EXPECT_THAT(run(sweep_topic), IsEmpty()) << "once";
}

TEST_F(CaptureRuns, WhatIsGoneIsOrderedByTheKeyItWasSeenWithLast) {
    flow.ordering_key = "/name";
    put(1, 2);
    odoo.commit(2, "b", start_ms * 1'000);
    run(poll_topic);
    odoo.rows.erase(2);
    const auto gone = run(sweep_topic);
    ASSERT_THAT(gone, SizeIs(1));
    EXPECT_EQ(gone[0].ordering_key, "b");
    EXPECT_EQ(gone[0].dead_letter_reason, "");
    EXPECT_EQ(gone[0].record, "stock.picking,2");
}

TEST_F(CaptureRuns, OfACoalescingFlowTheNewestChangeOfARecordIsWhatWaits) {
    put(1, 1);
    run(poll_topic);
    flow.coalesce_latest = true;
    odoo.commit(1, "b", (start_ms + 1'000) * 1'000);
    run(poll_topic);
    odoo.commit(1, "c", (start_ms + 2'000) * 1'000);
    run(poll_topic);
    EXPECT_EQ(journal->counts("shop")->superseded, 2);
    EXPECT_EQ(journal->ready("shop", "stock", clock.now_ms(), 10).value().size(), 1U);
}

TEST_F(CaptureRuns, AllThatIsGoneAtOnceIsFoundHoweverMuchIsRemembered) {
    const int records = 2 * capture_states_page + 1;
    put(1, records);
    run(poll_topic);
    erase(1, records);
    EXPECT_THAT(run(sweep_topic), SizeIs(records));
}

TEST_F(CaptureRuns, WhatWasGoneBeforeHidesNothingThatGoesLater) {
    put(1, capture_states_page + 1);
    run(poll_topic);
    erase(1, capture_states_page);
    ASSERT_THAT(run(sweep_topic), SizeIs(capture_states_page));
    odoo.rows.erase(capture_states_page + 1);
    EXPECT_THAT(ids(run(sweep_topic)), ElementsAre("odoo_change:stock:1001:2"));
    put(7, 7);
    EXPECT_THAT(ids(run(sweep_topic)), ElementsAre("odoo_change:stock:7:3")) << "it came back, with the next number";
}

TEST_F(CaptureRuns, TheEndOfASweepIsRememberedAndNothingElse) {
    put(1, capture_pages * page + 100);
    run(poll_topic);
    EXPECT_EQ(swept(), "");
    odoo.before_call = [&](std::string_view) { EXPECT_EQ(swept(), "") << "there is more to sweep"; };
    run(sweep_topic);
    ASSERT_EQ(deliveries, 2);
    EXPECT_EQ(swept(), std::to_string(clock.now_ms()));
}

}  // namespace
}  // namespace sluice::host
