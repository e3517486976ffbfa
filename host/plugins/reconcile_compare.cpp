#include "host/plugins/reconcile_compare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/mapping/mapping.hpp"
#include "core/reconcile/counted.hpp"
#include "core/reconcile/judge.hpp"
#include "host/plugins/dry_odoo.hpp"
#include "host/plugins/shadow.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_why_bytes = 800;
/// As what comes in by a webhook may have.
constexpr std::size_t max_identity_bytes = 1'024;

/// What is known of ids is used. What a comparison makes up is not kept.
class Recalling final : public odoo::IdMemory {
public:
    explicit Recalling(odoo::IdMemory& memory) : memory_(memory) {}
    std::optional<std::int64_t> recall(const std::string& external_id) override { return memory_.recall(external_id); }
    void remember(const std::string&, std::int64_t) override {}

private:
    odoo::IdMemory& memory_;
};

Compared broken(Compared compared, std::string_view why) {
    compared.kind = Compared::Kind::found;
    compared.finding.kind = reconcile::Kind::broken;
    compared.finding.why = printable(why, max_why_bytes);
    return compared;
}

void add_difference(reconcile::Finding& finding, reconcile::Difference difference) {
    if (finding.differences.size() < reconcile::max_differences) {
        finding.differences.push_back(std::move(difference));
    } else {
        ++finding.more;
    }
}

bool is_one_of(const std::vector<std::string>& values, const std::string& value) {
    return std::ranges::find(values, value) != values.end();
}

}  // namespace

std::string Comparer::id_of(const json::Value& document) const {
    for (const auto& part : flow_.record->external_id.parts) {
        if (part.kind == contract::Template::Part::Kind::pointer && !part.pointers.empty())
            return json::identity_at(document, part.pointers.front().plain());
    }
    return "";
}

std::string Comparer::revision_of(const json::Value& document) const {
    return json::identity_at(document, flow_.revision);
}

Result<Compared> Comparer::compare(std::string_view text) const {
    Compared compared;
    compared.finding.model = flow_.record->model;
    const auto document = json::Document::parse(text);
    if (!document) return broken(std::move(compared), "the document is no JSON: " + document.error().message);
    auto& finding = compared.finding;
    finding.record = printable(id_of(document->root()), max_identity_bytes);
    finding.revision = revision_of(document->root());
    compared.ordering_key = json::identity_at(document->root(), flow_.ordering_key);
    if (compared.ordering_key.empty() || compared.ordering_key.size() > max_identity_bytes)
        return broken(std::move(compared), fmt::format("there is no ordering key at {}", flow_.ordering_key));
    if (finding.revision.size() > max_identity_bytes) finding.revision.clear();
    if (!is_revision(finding.revision))
        return broken(std::move(compared), fmt::format("there is no time or number at {}", flow_.revision));
    auto record = mapping::map_record(flow_, document->root(), lane_.connector.config);
    if (!record) return broken(std::move(compared), mapping::to_string(record.error()));
    finding.external_id = printable(record->external_id, max_identity_bytes);
    auto applied = lane_.journal.applied_revision(lane_.connector.name, flow_.order, compared.ordering_key);
    if (!applied) return std::unexpected(applied.error());
    finding.applied = *std::move(applied);
    return with_odoo(std::move(compared), *record);
}

Result<Compared> Comparer::with_odoo(Compared compared, const mapping::MappedRecord& mapped) const {
    const auto record = lane_.odoo.in_its_names(mapped);
    if (!record && !is_of_the_document(record.error().failure)) return std::unexpected(record.error());
    if (!record) return broken(std::move(compared), record.error().message);
    DryRunReport report;
    DryOdoo dry(lane_.odoo, lane_.connector.name, report.plan);
    DeliveryState state(lane_.journal, lane_.connector.name);
    Recalling memory(state);
    const auto written = dry.write(dry.caller(), memory, reconcile::counted(*record, flow_.reconcile->fields));
    if (!written && report.plan.stopped_because.empty() && !is_of_the_document(written.error().failure))
        return std::unexpected(written.error());
    if (!written)
        return broken(std::move(compared),
                      report.plan.stopped_because.empty() ? written.error().message : report.plan.stopped_because);
    auto& finding = compared.finding;
    const bool there = written->what != odoo::Written::What::created;
    if (there) {
        finding.odoo_id = written->id;
        for (const auto& one : shadowed(report, record->model).differences)
            add_difference(finding, {one.record, one.field, one.now, one.then});
        if (const auto looked = look_at_state(*record, !report.plan.calls.empty(), finding); !looked)
            return std::unexpected(looked.error());
    }
    const bool differs = there && (!report.plan.calls.empty() || !finding.differences.empty());
    switch (reconcile::judge(
        {.there = there, .differs = differs, .revision = finding.revision, .applied = finding.applied})) {
        case reconcile::Verdict::same:
            compared.kind = Compared::Kind::same;
            return compared;
        case reconcile::Verdict::overtaken:
            compared.kind = Compared::Kind::overtaken;
            return compared;
        case reconcile::Verdict::missing:
            finding.kind = reconcile::Kind::missing;
            break;
        case reconcile::Verdict::stale:
            finding.kind = reconcile::Kind::stale;
            break;
        case reconcile::Verdict::conflict:
            finding.kind = reconcile::Kind::conflict;
            break;
    }
    compared.kind = Compared::Kind::found;
    return compared;
}

Result<void> Comparer::look_at_state(const mapping::MappedRecord& record, bool differs,
                                     reconcile::Finding& finding) const {
    std::set<std::string> fields;
    if (record.protection && differs) fields.insert(record.protection->field);
    for (const auto& transition : record.transitions) fields.insert(transition.field);
    if (fields.empty()) return {};
    json::Writer arguments;
    arguments.begin_object().key("fields").begin_array();
    for (const auto& field : fields) arguments.string(field);
    arguments.end_array().end_object();
    const auto rows =
        lane_.odoo.caller().call(record.model, "read", fmt::format("[[{}]]", finding.odoo_id), arguments.text());
    if (!rows) return std::unexpected(rows.error());
    if (rows->root().size() != 1) return fail(Failure::retry, record.model + " was removed while it was compared");
    const auto row = rows->root().at(0);
    const auto value_of = [&row](const std::string& field) {
        const auto value = row.find(field);
        return value ? std::string(value->text()) : std::string();
    };
    for (const auto& transition : record.transitions) {
        const auto now = value_of(transition.field);
        if (is_one_of(transition.done, now) || transition.done.empty()) continue;
        add_difference(finding, {fmt::format("{} {}", record.model, finding.odoo_id), transition.field,
                                 json::quote(now), json::quote(transition.done.front())});
        const bool leads_on =
            std::ranges::any_of(transition.calls, [&](const auto& step) { return step.first == now; });
        if (!leads_on) finding.guard = fmt::format("{} is `{}`, from which nothing leads on", transition.field, now);
    }
    // What it would only become by its own methods is theirs to allow.
    if (record.protection && differs && is_one_of(record.protection->values, value_of(record.protection->field)))
        finding.guard = fmt::format("{} is `{}`", record.protection->field, value_of(record.protection->field));
    return {};
}

}  // namespace sluice::host
