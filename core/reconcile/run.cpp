#include "core/reconcile/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/base/timestamp.hpp"

namespace sluice::reconcile {
namespace {

constexpr std::array<std::string_view, 3> phases{"listed", "odoo", "done"}, repairs{"none", "missed", "all"};

class Reader {
public:
    explicit Reader(const json::Value& value) : value_(value) {}
    std::string text(std::string_view key) const {
        const auto found = value_.find(key);
        return found ? std::string(found->text()) : "";
    }
    std::int64_t number(std::string_view key) const {
        const auto found = value_.find(key);
        return found ? found->as_int64().value_or(0) : 0;
    }

private:
    const json::Value value_;
};

void write_counts(json::Writer& out, const Counts& counts) {
    out.begin_object().key("compared").integer(counts.compared).key("same").integer(counts.same);
    for (std::size_t i = 0; i < kinds; ++i) out.key(to_string(static_cast<Kind>(i))).integer(counts.found.at(i));
    out.key("overtaken").integer(counts.overtaken).key("guarded").integer(counts.guarded);
    out.key("repaired").integer(counts.repaired).end_object();
}

Counts read_counts(const json::Value& value) {
    const Reader read(value);
    Counts counts{.compared = read.number("compared"),
                  .same = read.number("same"),
                  .overtaken = read.number("overtaken"),
                  .found = {},
                  .guarded = read.number("guarded"),
                  .repaired = read.number("repaired")};
    for (std::size_t i = 0; i < kinds; ++i) counts.found.at(i) = read.number(to_string(static_cast<Kind>(i)));
    return counts;
}

}  // namespace

std::string_view to_string(Phase phase) {
    return phases.at(static_cast<std::size_t>(phase));
}

std::string_view to_string(Repair repair) {
    return repairs.at(static_cast<std::size_t>(repair));
}

std::optional<Repair> parse_repair(std::string_view text) {
    const auto found = std::ranges::find(repairs, text);
    if (found == repairs.end()) return std::nullopt;
    return static_cast<Repair>(found - repairs.begin());
}

std::int64_t Counts::all_found() const {
    return std::accumulate(found.begin(), found.end(), std::int64_t{0});
}

std::string Run::to_json() const {
    json::Writer out;
    out.begin_object().key("run").string(id).key("from").string(format_rfc3339(from_ms));
    out.key("to").string(format_rfc3339(to_ms)).key("repair").string(to_string(repair));
    out.key("phase").string(to_string(phase)).key("cursor").string(cursor).key("after").integer(after);
    out.key("pages").integer(pages).key("finding_pages").integer(finding_pages).key("kept").integer(kept);
    out.key("started_at").string(format_rfc3339(started_at_ms)).key("moved_at").string(format_rfc3339(moved_at_ms));
    out.key("counts");
    write_counts(out, counts);
    return out.end_object().take();
}

std::optional<Run> Run::parse(std::string_view text) {
    const auto document = json::Document::parse(text);
    if (!document) return std::nullopt;
    const Reader read(document->root());
    const auto moment = [&read](std::string_view key) { return parse_rfc3339(read.text(key)).value_or(0); };
    const auto phase = std::ranges::find(phases, read.text("phase"));
    const auto repair = parse_repair(read.text("repair"));
    const auto counts = document->root().find("counts");
    if (phase == phases.end() || !repair || !counts || read.text("run").empty()) return std::nullopt;
    return Run{.id = read.text("run"),
               .from_ms = moment("from"),
               .to_ms = moment("to"),
               .repair = *repair,
               .phase = static_cast<Phase>(phase - phases.begin()),
               .cursor = read.text("cursor"),
               .after = read.number("after"),
               .pages = read.number("pages"),
               .finding_pages = read.number("finding_pages"),
               .kept = read.number("kept"),
               .started_at_ms = moment("started_at"),
               .moved_at_ms = moment("moved_at"),
               .counts = read_counts(*counts)};
}

void Run::listed(std::string next) {
    ++pages;
    cursor = std::move(next);
    if (cursor.empty()) phase = Phase::odoo;
}

void Run::looked_at(std::int64_t last_id, bool more) {
    ++pages;
    after = std::max(after, last_id);
    if (!more) phase = Phase::done;
}

bool Run::found(const Finding& finding, std::int64_t max_kept) {
    ++counts.found.at(static_cast<std::size_t>(finding.kind));
    if (!finding.guard.empty()) ++counts.guarded;
    if (finding.repaired) ++counts.repaired;
    if (kept >= max_kept) return false;
    ++kept;
    return true;
}

std::string to_sentence(const Run& run) {
    const auto& counts = run.counts;
    auto text = fmt::format("{} to {}: {} compared, {} same", format_rfc3339(run.from_ms), format_rfc3339(run.to_ms),
                            counts.compared, counts.same);
    for (std::size_t i = 0; i < kinds; ++i) {
        if (counts.found.at(i) > 0) text += fmt::format(", {} {}", counts.found.at(i), to_string(static_cast<Kind>(i)));
    }
    if (counts.overtaken > 0) text += fmt::format(", {} overtaken", counts.overtaken);
    if (counts.repaired > 0) text += fmt::format("; {} are written again", counts.repaired);
    return text;
}

}  // namespace sluice::reconcile
