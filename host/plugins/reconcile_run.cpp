#include "host/plugins/reconcile_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "core/base/timestamp.hpp"
#include "core/odoo/existing.hpp"
#include "core/odoo/external_id.hpp"
#include "core/reconcile/identity.hpp"
#include "core/reconcile/judge.hpp"
#include "host/plugins/capture_run.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/reconcile_compare.hpp"
#include "host/plugins/reconcile_state.hpp"

namespace sluice::host {
namespace {

using reconcile::Finding;
using reconcile::Phase;
using reconcile::Run;

/// A record of Odoo that is this connector's.
struct Own {
    std::string record, external_id;
    std::int64_t id = 0;
};

/// One page of Odoo's side.
struct OwnPage {
    std::vector<Own> records;
    std::int64_t last = 0;
    bool more = false;
};

class ReconcileRun {
public:
    ReconcileRun(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim, const AskPage& ask)
        : lane_(lane), flow_(flow), claim_(claim), ask_(ask), comparer_(lane, flow) {}

    delivery::Verdict run() {
        const auto kept = lane_.journal.get_state(lane_.connector.name, reconcile_run_state(flow_.name));
        if (!kept) return failed(kept.error());
        version_ = kept->version;
        if (auto settled = begin(Run::parse(kept->value))) return *std::move(settled);
        const auto looked = run_.phase == Phase::listed ? listed() : odoo();
        if (asked_failed_) return std::move(asked_.verdict);
        if (!looked) return failed(looked.error());
        return ended();
    }

private:
    /// Which run this page is of; a verdict where there is nothing to look at.
    std::optional<delivery::Verdict> begin(std::optional<Run> current) {
        const auto payload = json::Document::parse(claim_.payload);
        if (!payload) return failed({Failure::rejected, "the payload is no JSON"});
        const auto text = [&](std::string_view key) { return json::identity_at(payload->root(), key); };
        if (text("/run").empty()) return failed({Failure::rejected, "the payload names no run"});
        if (const auto from = parse_rfc3339(text("/from"))) {
            due_ms_ = payload->root().find("due_ms") ? payload->root().find("due_ms")->as_int64().value_or(0) : 0;
            const bool goes_on = current && current->phase != Phase::done &&
                                 lane_.clock.now_ms() - current->moved_at_ms < reconcile_stalled_ms;
            if (due_ms_ > 0 && goes_on)
                return passed_over(fmt::format("the run of {} goes on: page {}", format_rfc3339(current->started_at_ms),
                                               current->pages));
            run_ = Run{.id = text("/run"),
                       .from_ms = *from,
                       .to_ms = parse_rfc3339(text("/to")).value_or(lane_.clock.now_ms()),
                       .repair = reconcile::parse_repair(text("/repair")).value_or(reconcile::Repair::none),
                       .started_at_ms = lane_.clock.now_ms()};
        } else if (!current || current->id != text("/run") || current->phase == Phase::done) {
            return passed_over("the run has ended, or a newer one has begun");
        } else {
            run_ = *std::move(current);
        }
        if (mode_of(lane_.connector, flow_.name) == Mode::shadow) run_.repair = reconcile::Repair::none;
        return std::nullopt;
    }

    /// Asks the plugin for a page. False: there is none, and asked_ says why.
    bool ask(const std::string& payload) {
        auto asked = claim_;
        asked.payload = payload;
        auto before = std::move(asked_.verdict);
        asked_ = ask_(asked);
        std::ranges::move(before.emitted, std::back_inserter(asked_.verdict.emitted));
        std::ranges::move(before.state, std::back_inserter(asked_.verdict.state));
        if (!asked_.verdict.error && !asked_.page)
            asked_.verdict.error = Error{Failure::rejected, "the plugin handed over no page of flow " + flow_.name};
        asked_failed_ = asked_.verdict.error.has_value();
        return !asked_failed_;
    }

    void write_period(json::Writer& out) const {
        out.begin_object()
            .key("from")
            .string(format_rfc3339(run_.from_ms))
            .key("to")
            .string(format_rfc3339(run_.to_ms));
    }

    Result<void> listed() {
        json::Writer payload;
        write_period(payload);
        if (!ask(payload.key("cursor").string(run_.cursor).end_object().take())) return {};
        if (!asked_.page->next.empty() && asked_.page->next == run_.cursor)
            return fail(Failure::rejected, "the plugin's next page is this one again");
        for (const auto& document : asked_.page->documents) {
            if (const auto looked = look_at(document); !looked) return looked;
        }
        run_.listed(std::move(asked_.page->next));
        return {};
    }

    Result<void> odoo() {
        OwnPage own;
        for (int page = 0; page < reconcile_odoo_pages; ++page) {
            auto read = own_records(std::max(run_.after, own.last));
            if (!read) return std::unexpected(read.error());
            own = *std::move(read);
            if (!own.records.empty() || !own.more) break;
        }
        if (!own.records.empty()) {
            const auto theirs = with_ids(own.records);
            if (asked_failed_) return {};
            if (!theirs) return std::unexpected(theirs.error());
            if (const auto looked = hold_against(own.records, *theirs); !looked) return looked;
        }
        run_.looked_at(own.last, own.more);
        return {};
    }

    /// The vendor's documents of these records, in however many pages it gives them: one that is left out would be
    /// taken for one that is not there.
    Result<std::vector<std::string>> with_ids(const std::vector<Own>& records) {
        std::vector<std::string> documents;
        std::string cursor;
        for (std::size_t page = 0; page <= records.size(); ++page) {
            json::Writer payload;
            write_period(payload);
            payload.key("ids").begin_array();
            for (const auto& one : records) payload.string(one.record);
            payload.end_array().key("cursor").string(cursor).end_object();
            if (!ask(payload.take())) return documents;
            std::ranges::move(asked_.page->documents, std::back_inserter(documents));
            cursor = std::move(asked_.page->next);
            if (cursor.empty()) return documents;
        }
        return fail(Failure::rejected, "the plugin's pages of records by id do not end");
    }

    /// Those that changed since the period's start, by id from `after` on.
    Result<OwnPage> own_records(std::int64_t after) {
        const auto domain = json::Document::parse(domain_of(lane_.connector, flow_.reconcile->domain));
        json::Writer args;
        args.begin_array().begin_array();
        args.begin_array().string("id").string(">").integer(after).end_array();
        args.begin_array().string("write_date").string(">=").string(format_odoo_datetime(run_.from_ms)).end_array();
        for (std::size_t i = 0; domain && i < domain->root().size(); ++i) args.raw(domain->root().at(i).raw());
        args.end_array().end_array();
        const auto found = lane_.odoo.caller().call(
            flow_.record->model, "search", args.text(),
            fmt::format(R"({{"order":"id","limit":{},"context":{{"active_test":false}}}})", reconcile_odoo_page));
        if (!found) return std::unexpected(found.error());
        std::vector<std::int64_t> ids;
        for (std::size_t i = 0; i < found->root().size(); ++i) {
            if (const auto id = found->root().at(i).as_int64()) ids.push_back(*id);
        }
        const auto names = odoo::external_ids_of(lane_.odoo.caller(), flow_.record->model, ids);
        if (!names) return std::unexpected(names.error());
        OwnPage page{.records = {},
                     .last = ids.empty() ? after : ids.back(),
                     .more = ids.size() == static_cast<std::size_t>(reconcile_odoo_page)};
        for (const auto& [id, name] : *names) {
            auto own = odoo::own_external_id(lane_.connector.name, name);
            auto record = own ? reconcile::value_in(flow_.record->external_id, *own) : std::nullopt;
            if (record) page.records.push_back({.record = *std::move(record), .external_id = *own, .id = id});
        }
        return page;
    }

    /// What the vendor has of Odoo's records.
    Result<void> hold_against(const std::vector<Own>& records, const std::vector<std::string>& theirs) {
        std::set<std::string> there;
        for (const auto& text : theirs) {
            const auto document = json::Document::parse(text);
            const auto id = document ? comparer_.id_of(document->root()) : std::string();
            if (id.empty()) continue;
            const bool again = !there.insert(id).second;
            const auto changed = parse_rfc3339(comparer_.revision_of(document->root()));
            // Of the period it was listed; behind it, it may be under way.
            const bool before = changed && *changed < run_.from_ms;
            if (again || !before) continue;
            if (const auto looked = look_at(text); !looked) return looked;
        }
        for (const auto& own : records) {
            if (there.contains(own.record)) continue;
            keep({.kind = reconcile::Kind::extra,
                  .record = own.record,
                  .external_id = own.external_id,
                  .model = flow_.record->model,
                  .odoo_id = own.id});
        }
        return {};
    }

    Result<void> look_at(const std::string& document) {
        if (lane_.stopping.load(std::memory_order_relaxed)) return fail(Failure::cancelled, "the host stops");
        auto compared = comparer_.compare(document);
        if (!compared) return std::unexpected(compared.error());
        ++run_.counts.compared;
        if (compared->kind == Compared::Kind::same) ++run_.counts.same;
        if (compared->kind == Compared::Kind::overtaken) ++run_.counts.overtaken;
        if (compared->kind != Compared::Kind::found) return {};
        auto& finding = compared->finding;
        finding.repaired = reconcile::is_repaired(finding, run_.repair);
        if (finding.repaired) repair(*compared, document);
        keep(std::move(finding));
        return {};
    }

    /// The document once more as an event of the flow, in the order of its record. Its id is the run's and the
    /// record's: a page that is looked at again emits the same, and another run one of its own, which finds nothing to
    /// do where the first was enough.
    void repair(const Compared& compared, const std::string& document) {
        emitted_.push_back({.connector = lane_.connector.name,
                            .event_id = fmt::format("{}:{}", run_.id, compared.finding.external_id),
                            .flow = flow_.name,
                            .order = flow_.order,
                            .ordering_key = compared.ordering_key,
                            .topic = std::string(repair_topic),
                            .revision = compared.finding.revision,
                            .record = compared.finding.record,
                            .payload = document,
                            .headers = "{}",
                            .occurred_at_ms = lane_.clock.now_ms(),
                            .coalesce = flow_.coalesce_latest});
    }

    void keep(Finding finding) {
        if (run_.found(finding, max_findings_kept)) findings_.push_back(std::move(finding));
    }

    delivery::Verdict ended() {
        run_.moved_at_ms = lane_.clock.now_ms();
        auto verdict = std::move(asked_.verdict);
        if (!findings_.empty())
            verdict.state.push_back({.name = reconcile_findings_state(flow_.name, run_.finding_pages++),
                                     .value = findings_text(run_.id, findings_),
                                     .expected_version = journal::StatePut::any_version});
        verdict.state.push_back(
            {.name = reconcile_run_state(flow_.name), .value = run_.to_json(), .expected_version = version_});
        note_due(verdict);
        for (auto& event : emitted_) verdict.emitted.push_back(std::move(event));
        verdict.outcome = fmt::format("page {} of {}", run_.pages, to_sentence(run_));
        if (run_.phase != Phase::done) {
            verdict.emitted.push_back(next_page());
        } else {
            verdict.outcome = "done: " + to_sentence(run_);
            const telemetry::Subject subject{.connector = lane_.connector.name, .flow = flow_.name};
            if (run_.counts.all_found() > 0) {
                lane_.logger.warning("reconciled: `sluice reconcile report` has what was found", subject,
                                     {{"result", to_sentence(run_)}});
            } else {
                lane_.logger.info("reconciled", subject, {{"result", to_sentence(run_)}});
            }
        }
        return verdict;
    }

    journal::NewEvent next_page() const {
        json::Writer payload;
        payload.begin_object().key("run").string(run_.id).key("page").integer(run_.pages + 1).end_object();
        return {.connector = lane_.connector.name,
                .event_id = fmt::format("{}#{}", run_.id, run_.pages + 1),
                .flow = flow_.name,
                .order = std::string(reconcile_order),
                .ordering_key = flow_.name,
                .topic = SLUICE_RECONCILE,
                .payload = payload.take(),
                .headers = "{}",
                .occurred_at_ms = lane_.clock.now_ms()};
    }

    void note_due(delivery::Verdict& verdict) const {
        if (due_ms_ > 0)
            verdict.state.push_back({.name = reconcile_scheduled_state(flow_.name),
                                     .value = std::to_string(due_ms_),
                                     .expected_version = journal::StatePut::any_version});
    }

    delivery::Verdict passed_over(std::string why) const {
        delivery::Verdict verdict;
        verdict.outcome = "passed over: " + std::move(why);
        note_due(verdict);
        return verdict;
    }

    delivery::Verdict failed(Error error) const { return failed_on_odoo(lane_, std::move(error)); }

    const Lane& lane_;
    const contract::Flow& flow_;
    const journal::Claim& claim_;
    const AskPage& ask_;
    const Comparer comparer_;
    Run run_;
    std::int64_t version_ = 0, due_ms_ = 0;
    AskedPage asked_;
    bool asked_failed_ = false;
    std::vector<Finding> findings_;
    std::vector<journal::NewEvent> emitted_;
};

}  // namespace

bool is_reconcile(const journal::EventSummary& event) {
    return event.order == reconcile_order && event.topic == SLUICE_RECONCILE;
}

bool can_reconcile(const Connector& connector, const contract::Flow& flow) {
    return flow.reconcile && is_configured(connector, flow.needs) && is_configured(connector, flow.reconcile->needs);
}

journal::NewEvent reconcile_event(const Connector& connector, const contract::Flow& flow, std::string id,
                                  const ReconcileStart& start, std::int64_t now_ms) {
    json::Writer payload;
    payload.begin_object().key("run").string(id).key("from").string(format_rfc3339(start.from_ms));
    payload.key("to").string(format_rfc3339(start.to_ms)).key("repair").string(reconcile::to_string(start.repair));
    if (start.due_ms > 0) payload.key("due_ms").integer(start.due_ms);
    payload.end_object();
    return {.connector = connector.name,
            .event_id = std::move(id),
            .flow = flow.name,
            .order = std::string(reconcile_order),
            .ordering_key = flow.name,
            .topic = SLUICE_RECONCILE,
            .payload = payload.take(),
            .headers = "{}",
            .occurred_at_ms = start.due_ms > 0 ? start.due_ms : now_ms};
}

delivery::Verdict run_reconcile(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim,
                                const AskPage& ask) {
    return ReconcileRun(lane, flow, claim, ask).run();
}

}  // namespace sluice::host
