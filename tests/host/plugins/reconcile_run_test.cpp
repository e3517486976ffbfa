// Pages of a reconciliation over a vendor and an Odoo that live in memory: what is found, kept, resumed and repaired.

#include "host/plugins/reconcile_run.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <map>

#include "core/contract/contract.hpp"
#include "host/plugins/dry_odoo.hpp"
#include "host/plugins/reconcile_state.hpp"
#include "tests/host/plugins/fakes.hpp"

namespace sluice::host {
namespace {

using reconcile::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t day_ms = 86'400'000;  // the clock starts at 2023-11-14T22:13:20Z
constexpr auto in_period = "2023-11-14T10:00:00Z", long_ago = "2023-01-01T00:00:00Z";

/// A table of things: reads, and nothing else.
class ThingsOdoo final : public OdooAccess, public odoo::Caller {
public:
    struct Thing {
        std::string name, ref, state = "draft", external_id;
        bool changed_in_period = true;
    };
    std::map<std::int64_t, Thing> things;
    std::optional<Error> failure;
    std::vector<std::string> others;  ///< calls that are no reads

    odoo::Caller& caller() override { return *this; }
    Result<json::Document> call(std::string_view, std::string_view method, std::string_view args,
                                std::string_view) override {
        if (failure) return std::unexpected(*failure);
        const auto given = json::Document::parse(args);
        json::Writer out;
        if (method == "search") {
            search(given->root().at(0), out);
        } else if (method == "read") {
            out.begin_array();
            for (std::size_t i = 0; i < given->root().at(0).size(); ++i)
                write(*given->root().at(0).at(i).as_int64(), out);
            out.end_array();
        } else if (method == "get_external_id") {
            out.begin_object();
            for (std::size_t i = 0; i < given->root().at(0).size(); ++i) {
                const auto id = *given->root().at(0).at(i).as_int64();
                out.key(std::to_string(id)).string(things.contains(id) ? things.at(id).external_id : "");
            }
            out.end_object();
        } else {
            if (!is_read(method)) others.emplace_back(method);
            out.begin_array().end_array();
        }
        return json::Document::parse(out.text());
    }
    Result<odoo::Written> write(odoo::Caller&, odoo::IdMemory&, const mapping::MappedRecord&) override {
        return fail(Failure::invalid, "a reconciliation writes nothing");
    }
    bool probe() override { return true; }
    void cancel() override {}

private:
    void search(const json::Value& domain, json::Writer& out) const {
        out.begin_array();
        if (domain.size() == 0) {
            if (!things.empty()) out.integer(things.rbegin()->first);  // the newest
        } else if (domain.at(0).at(0).text() == "ref") {
            for (const auto& [id, thing] : things)
                if (thing.ref == domain.at(0).at(2).text()) out.integer(id);
        } else {
            EXPECT_EQ(domain.at(1).raw(), R"(["write_date",">=","2023-11-13 22:08:20"])");
            for (const auto& [id, thing] : things)
                if (id > *domain.at(0).at(2).as_int64() && thing.changed_in_period) out.integer(id);
        }
        out.end_array();
    }
    void write(std::int64_t id, json::Writer& out) const {
        const auto& thing = things.at(id);
        out.begin_object().key("id").integer(id).key("display_name").string(thing.name).key("name").string(thing.name);
        out.key("ref").string(thing.ref).key("state").string(thing.state).end_object();
    }
};

class ReconcileRuns : public testing::Test {
protected:
    void SetUp() override {
        auto contract = contract::parse_contract(R"([contract]
name = "vendor"
version = "1.0.0"
[flow.thing]
ordering_key = "/id"
revision = "/at"
[flow.thing.record]
model = "x.thing"
external_id = "thing_{/id}"
candidates = [{ ref = { from = "/ref" } }]
protect = { field = "state", values = ["closed"], action = "reject" }
[flow.thing.record.fields]
name = { from = "/name", required = true }
ref = { from = "/ref" }
[flow.thing.reconcile]
)",
                                                 "c.toml");
        ASSERT_TRUE(contract) << contract.error().front().to_string();
        connector.name = "shop";
        auto plugin = std::make_shared<Plugin>();
        plugin->contract = *std::move(contract);
        connector.plugin = std::move(plugin);
    }
    const contract::Flow& flow() const { return connector.plugin->contract.flows.at("thing"); }

    /// The vendor has it; `revision` is when it changed there.
    void sell(int id, const std::string& name, const std::string& revision = in_period) {
        vendor[id] = fmt::format(R"({{"id":{0},"ref":"#{0}","name":"{1}","at":"{2}"}})", id, name, revision);
        revisions[id] = revision;
    }
    /// Odoo has it, of the shop's record; this revision of it was written last.
    void write(int id, const std::string& name, const std::string& applied = in_period) {
        odoo.things[100 + id] = {
            .name = name, .ref = fmt::format("#{}", id), .external_id = fmt::format("__sluice__.shop_thing_{}", id)};
        if (!applied.empty()) memory.applied[fmt::format("shop/thing/{}", id)] = applied;
    }

    static journal::Claim claim_of(const journal::NewEvent& event) {
        journal::Claim claim;
        claim.event.connector = event.connector;
        claim.event.event_id = event.event_id;
        claim.event.flow = event.flow;
        claim.event.order = event.order;
        claim.event.topic = event.topic;
        claim.payload = event.payload;
        return claim;
    }
    journal::NewEvent start(const std::string& id, reconcile::Repair repair = reconcile::Repair::none,
                            std::int64_t due_ms = 0) {
        const auto to_ms = clock.now_ms() - 300'000;
        return reconcile_event(connector, flow(), id,
                               {.from_ms = to_ms - day_ms, .to_ms = to_ms, .repair = repair, .due_ms = due_ms},
                               clock.now_ms());
    }
    delivery::Verdict deliver(const journal::NewEvent& event) {
        EXPECT_TRUE(is_reconcile(claim_of(event).event));
        return run_reconcile(lane, flow(), claim_of(event), [this](const journal::Claim& page) {
            asked.push_back(page.payload);
            return answer(page.payload);
        });
    }
    /// Two of the vendor's records of the period a page, or those that are asked for.
    AskedPage answer(const std::string& payload) {
        const auto document = json::Document::parse(payload);
        const auto ids = document->root().find("ids");
        ListedPage page;
        const auto cursor = std::string(document->root().find("cursor")->text());
        for (const auto& [id, text] : vendor) {
            bool wanted = !ids && revisions.at(id) == in_period;
            for (std::size_t i = 0; ids && i < ids->size(); ++i) wanted |= ids->at(i).text() == std::to_string(id);
            if (!wanted || (!cursor.empty() && id <= std::stoi(cursor))) continue;
            if (page.documents.size() == 2) {
                page.next = std::to_string(last_of(page));
                break;
            }
            page.documents.push_back(text);
        }
        return {.verdict = {}, .page = std::move(page)};
    }
    static std::int64_t last_of(const ListedPage& page) {
        return *json::Document::parse(page.documents.back())->root().find("id")->as_int64();
    }
    void keep(const delivery::Verdict& verdict) {
        for (const auto& put : verdict.state) {
            auto& kept = memory.state[put.name];
            kept = {.value = put.value, .version = kept.version + 1};
        }
    }
    /// Delivers this and what goes on with it; the events that repair.
    std::vector<journal::NewEvent> run(journal::NewEvent event) {
        std::vector<journal::NewEvent> repairs;
        for (bool more = true; more;) {
            const auto verdict = deliver(event);
            EXPECT_FALSE(verdict.error) << verdict.error->message;
            if (verdict.error) break;
            keep(verdict);
            more = false;
            for (const auto& emitted : verdict.emitted) {
                const bool goes_on = emitted.topic == SLUICE_RECONCILE;
                if (goes_on) event = emitted;
                more |= goes_on;
                if (!goes_on) repairs.push_back(emitted);
            }
        }
        EXPECT_THAT(odoo.others, IsEmpty()) << "something was written";
        return repairs;
    }
    ReconcileReport report() {
        auto all = read_reconcile_report(memory, "shop", "thing", 0).value();
        while (all.next) {
            auto page = read_reconcile_report(memory, "shop", "thing", *all.next).value();
            for (auto& finding : page.findings) all.findings.push_back(std::move(finding));
            all.next = page.next;
        }
        return all;
    }
    std::vector<std::string> found() {
        std::vector<std::string> lines;
        for (const auto& one : report().findings)
            lines.push_back(fmt::format("{} {}{}", to_string(one.kind), one.record, one.repaired ? " repaired" : ""));
        return lines;
    }

    FakeMemory memory;
    ManualClock clock;
    telemetry::Logger log{clock, telemetry::Level::error, telemetry::Format::key_value, [](std::string_view) {}};
    ThingsOdoo odoo;
    WebScript web;
    FakeWeb no_web{web};
    std::atomic<bool> stopping = false;
    Connector connector;
    delivery::AdmissionControl admission{clock};
    Lane lane{connector, admission, memory, clock, odoo, no_web, log, stopping};
    std::map<int, std::string> vendor, revisions;
    std::vector<std::string> asked;
};

TEST_F(ReconcileRuns, NamesWhatIsNotAsItShouldBeOnEitherSide) {
    sell(1, "same"), write(1, "same");
    sell(2, "missing");
    sell(3, "newer"), write(3, "older", long_ago);
    sell(4, "ours"), write(4, "theirs");
    write(5, "gone from the vendor");
    sell(6, "old", long_ago), write(6, "changed in Odoo alone", long_ago);
    sell(7, "old", long_ago), write(7, "not seen: changed on neither side", long_ago);
    odoo.things.at(107).changed_in_period = false;
    sell(8, "overtaken"), write(8, "a later one", "2023-11-14T11:00:00Z");
    vendor[9] = R"({"id":9,"ref":"#9","at":"2023-11-14T10:00:00Z"})", revisions[9] = in_period;  // no name
    odoo.things[200] = {.name = "a person's", .external_id = "__export__.x"};
    odoo.things[201] = {.name = "another shop's", .external_id = "__sluice__.shop2_thing_1"};

    EXPECT_THAT(run(start("r1")), IsEmpty());
    EXPECT_THAT(found(), ElementsAre("missing 2", "stale 3", "conflict 4", "broken 9", "conflict 6", "extra 5"));
    const auto done = report();
    EXPECT_EQ(done.run->phase, reconcile::Phase::done);
    EXPECT_EQ(done.run->counts.compared, 7);
    EXPECT_EQ(done.run->counts.same, 1);
    EXPECT_EQ(done.run->counts.overtaken, 1);
    const auto& conflict = done.findings.at(2);
    EXPECT_EQ(conflict.odoo_id, 104);
    EXPECT_THAT(conflict.differences,
                ElementsAre(reconcile::Difference{"x.thing 104 (theirs)", "name", "\"theirs\"", "\"ours\""}));
    EXPECT_THAT(done.findings.at(3).why, HasSubstr("/name"));
    EXPECT_THAT(asked, SizeIs(6));
    EXPECT_THAT(asked.at(3), HasSubstr(R"("ids":["1","3","4","5","6","8"],"cursor":"")"));
    EXPECT_THAT(asked.at(5), HasSubstr(R"("ids":["1","3","4","5","6","8"],"cursor":"6")"));
}

TEST_F(ReconcileRuns, RepairsByEventsOfTheFlowWhatItIsToldTo) {
    sell(1, "missing");
    sell(2, "newer"), write(2, "older", long_ago);
    sell(3, "ours"), write(3, "theirs");
    write(4, "extra");
    sell(5, "ours"), write(5, "theirs"), odoo.things.at(105).state = "closed";

    const auto missed = run(start("r1", reconcile::Repair::missed));
    ASSERT_THAT(missed, SizeIs(2));
    EXPECT_EQ(missed[0].payload, vendor.at(1));
    EXPECT_EQ(missed[0].topic, repair_topic);
    EXPECT_EQ(missed[0].flow, "thing");
    EXPECT_EQ(missed[0].order, "thing");
    EXPECT_EQ(missed[0].ordering_key, "1");
    EXPECT_EQ(missed[0].revision, in_period);
    EXPECT_THAT(found(), ElementsAre("missing 1 repaired", "stale 2 repaired", "conflict 3", "conflict 5", "extra 4"));
    EXPECT_EQ(report().findings.at(3).guard, "state is `closed`");

    const auto all = run(start("r2", reconcile::Repair::all));
    EXPECT_THAT(all, SizeIs(3)) << "what is guarded is not written";
    EXPECT_NE(all[0].event_id, missed[0].event_id) << "each run has its own: the first may have been undone";
    EXPECT_EQ(deliver(start("r2", reconcile::Repair::all)).emitted.at(0).event_id, all[0].event_id)
        << "a page that is looked at again emits the same";

    connector.modes["thing"] = Mode::shadow;
    EXPECT_THAT(run(start("r3", reconcile::Repair::all)), IsEmpty());
    EXPECT_EQ(report().run->counts.all_found(), 5);
}

TEST_F(ReconcileRuns, APageThatFailsLeavesNothingAndIsAskedForAgain) {
    for (int id = 1; id <= 4; ++id) sell(id, "missing");
    const auto first = deliver(start("r1"));
    keep(first);
    ASSERT_THAT(first.emitted, SizeIs(1));
    odoo.failure = Error{.failure = Failure::retry, .message = "gone"};
    const auto failed = deliver(first.emitted[0]);
    EXPECT_EQ(failed.error.value().failure, Failure::retry);
    EXPECT_THAT(failed.state, IsEmpty());
    EXPECT_THAT(failed.emitted, IsEmpty());
    odoo.failure.reset();
    run(first.emitted[0]);
    EXPECT_EQ(asked.at(1), asked.at(2)) << "the same page, after the failure";
    EXPECT_EQ(report().run->counts.of(Kind::missing), 4);
}

TEST_F(ReconcileRuns, APersonsRunEndsTheOneUnderWayAndATimetablesIsPassedOver) {
    for (int id = 1; id <= 4; ++id) sell(id, "missing");
    const auto first = deliver(start("r1"));
    keep(first);
    const auto passed_over = deliver(start("scheduled", reconcile::Repair::none, clock.now_ms()));
    EXPECT_THAT(passed_over.outcome, HasSubstr("passed over"));
    EXPECT_THAT(passed_over.emitted, IsEmpty());
    keep(passed_over);
    EXPECT_EQ(memory.state.at(reconcile_scheduled_state("thing")).value, std::to_string(clock.now_ms()));
    EXPECT_EQ(report().run->id, "r1");

    run(start("r2"));
    EXPECT_THAT(deliver(first.emitted[0]).outcome, HasSubstr("a newer one has begun"));
    EXPECT_EQ(report().run->id, "r2");

    keep(deliver(start("r3")));
    clock.advance(2 * 3'600'000);
    keep(deliver(start("scheduled", reconcile::Repair::none, clock.now_ms())));
    EXPECT_EQ(report().run->id, "scheduled") << "one that does not move keeps nobody waiting for ever";
}

TEST_F(ReconcileRuns, OnlyThePagesOfTheLastRunAreReported) {
    for (int id = 1; id <= 6; ++id) sell(id, "missing");
    run(start("r1"));
    EXPECT_THAT(found(), SizeIs(6));
    vendor.erase(1), vendor.erase(2);
    run(start("r2"));
    EXPECT_THAT(found(), ElementsAre("missing 3", "missing 4", "missing 5", "missing 6"));
    vendor.clear();
    run(start("r3"));
    EXPECT_THAT(found(), IsEmpty());
    EXPECT_FALSE(read_reconcile_report(memory, "shop", "other", 0)->run);
}

TEST_F(ReconcileRuns, APluginThatHandsOverNoPageOrThisOneForEverIsRejected) {
    const auto with = [this](std::optional<ListedPage> page) {
        return run_reconcile(lane, flow(), claim_of(start("r1")),
                             [&](const journal::Claim&) { return AskedPage{.verdict = {}, .page = page}; });
    };
    EXPECT_EQ(with(std::nullopt).error.value().failure, Failure::rejected);
    keep(with(ListedPage{.documents = {}, .next = "a"}));
    auto next = start("r1");
    next.payload = R"({"run":"r1","page":2})";
    const auto again = run_reconcile(lane, flow(), claim_of(next), [](const journal::Claim&) {
        return AskedPage{.verdict = {}, .page = ListedPage{.documents = {}, .next = "a"}};
    });
    EXPECT_THAT(again.error.value().message, HasSubstr("this one again"));
}

}  // namespace
}  // namespace sluice::host
