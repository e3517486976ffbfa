#include "host/plugins/shadow.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "core/base/text.hpp"
#include "core/journal/types.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

using mapping::MappedRecord;

constexpr std::array<std::string_view, 6> kinds{"same", "different", "create", "call", "fails", "stopped"};
constexpr std::string_view prefix = "shadow: ";
constexpr std::size_t max_value_bytes = 120, max_why_bytes = 800, max_record_bytes = 160;
/// What the JSON may take of the journal's message; the sentence has the rest.
constexpr std::size_t max_json_bytes = journal::max_message_bytes - 600;
constexpr std::size_t max_sentence_bytes = 500;

class Comparing {
public:
    void apply(MappedRecord& record) {
        record.adopt = !record.candidates.empty();
        record.protection.reset();
        fields(record.fields);
        for (auto& lines : record.lines) {
            lines.pairs_foreign = true;
            for (auto& line : lines.lines) fields(line.fields);
        }
    }

private:
    void fields(std::vector<mapping::Field>& fields) {
        for (auto& field : fields) {
            auto* nested = std::get_if<std::shared_ptr<const MappedRecord>>(&field.value);
            if (nested == nullptr || !*nested) continue;
            auto& known = done_[nested->get()];
            if (!known) {
                auto copy = std::make_shared<MappedRecord>(**nested);
                apply(*copy);
                known = copy;
            }
            *nested = known;
        }
    }

    std::map<const MappedRecord*, std::shared_ptr<const MappedRecord>> done_;
};

Difference cut(const Difference& one) {
    return {.record = printable(one.record, max_record_bytes),
            .field = printable(one.field, max_value_bytes),
            .now = printable(one.now, max_value_bytes),
            .then = printable(one.then, max_value_bytes)};
}

void add_differences(Shadowed& into, const PlannedCall& call) {
    if (!call.to_odoo) {
        into.differences.push_back(
            cut({.record = call.method + " " + call.url, .field = "", .now = "", .then = call.body}));
        return;
    }
    for (const auto& one : call.differences) {
        const bool is_new = one.record.starts_with("new ");
        auto difference = cut(is_new ? Difference{.record = one.record, .field = "", .now = "", .then = ""} : one);
        if (std::ranges::find(into.differences, difference) == into.differences.end())
            into.differences.push_back(std::move(difference));
    }
}

/// Without what it is called, which may be somebody's name, or what a URL asks for: the differences behind the
/// outcome's first line are the payload's kind, that line is not.
std::string without_name(std::string_view record) {
    return std::string(record.substr(0, std::min(record.find(" ("), record.find('?'))));
}

std::string sentence(const Shadowed& shadowed) {
    const auto first = shadowed.differences.empty() ? "" : without_name(shadowed.differences.front().record);
    const auto count = shadowed.differences.size() + shadowed.more;
    switch (shadowed.kind) {
        case Shadowed::Kind::same:
            return "same: nothing would be written";
        case Shadowed::Kind::different:
            return fmt::format("different: {} difference{}, first of {}", count, count == 1 ? "" : "s", first);
        case Shadowed::Kind::create:
            return fmt::format("would create {}", first);
        case Shadowed::Kind::call:
            return fmt::format("would call {}", first);
        case Shadowed::Kind::fails:
            return fmt::format("would fail: {}", shadowed.why);
        case Shadowed::Kind::stopped:
            break;
    }
    return fmt::format("cannot be followed: {}", shadowed.why);
}

std::string json_of(const Shadowed& shadowed, std::size_t count) {
    json::Writer out;
    out.begin_object().key("kind").string(to_string(shadowed.kind)).key("why").string(shadowed.why);
    out.key("more").integer(static_cast<std::int64_t>(shadowed.more + shadowed.differences.size() - count));
    out.key("differences").begin_array();
    for (std::size_t i = 0; i < count; ++i) {
        const auto& one = shadowed.differences[i];
        out.begin_array().string(one.record).string(one.field).string(one.now).string(one.then).end_array();
    }
    return out.end_array().end_object().take();
}

std::string text_at(const json::Value& value, std::string_view key) {
    const auto found = value.find(key);
    return found ? std::string(found->text()) : "";
}

}  // namespace

MappedRecord for_comparison(const MappedRecord& record) {
    auto compared = record;
    Comparing().apply(compared);
    return compared;
}

std::string_view to_string(Shadowed::Kind kind) {
    return kinds.at(static_cast<std::size_t>(kind));
}

Shadowed shadowed(const DryRunReport& report, std::string_view model) {
    Shadowed out;
    const auto& calls = report.plan.calls;
    for (const auto& call : calls) add_differences(out, call);
    const auto creates = [&](const PlannedCall& call) {
        return call.to_odoo && (call.method == "load" || call.method == "create") &&
               (model.empty() || call.model == model);
    };
    out.why = printable(report.error ? report.error->message : report.plan.stopped_because, max_why_bytes);
    if (report.end == DryRunReport::End::failed)
        out.kind = Shadowed::Kind::fails;
    else if (std::ranges::any_of(calls, [](const PlannedCall& call) { return !call.to_odoo; }))
        out.kind = Shadowed::Kind::call;
    else if (std::ranges::any_of(calls, creates))
        out.kind = Shadowed::Kind::create;
    else if (!out.differences.empty())
        out.kind = Shadowed::Kind::different;
    else if (report.end == DryRunReport::End::stopped || !calls.empty())
        out.kind = Shadowed::Kind::stopped;
    if (out.kind == Shadowed::Kind::create) {
        const auto own = fmt::format("new {} ", model);
        std::ranges::stable_partition(out.differences,
                                      [&](const Difference& one) { return one.record.starts_with(own); });
    }
    // Where there is something to show, why it went no further is no news.
    if (out.kind != Shadowed::Kind::fails && out.kind != Shadowed::Kind::stopped) out.why.clear();
    if (out.kind == Shadowed::Kind::stopped && out.why.empty() && !calls.empty())
        out.why = fmt::format("what {}.{} would change could not be told", calls.front().model, calls.front().method);
    return out;
}

std::string to_outcome(const Shadowed& shadowed) {
    auto count = shadowed.differences.size();
    auto json = json_of(shadowed, count);
    while (json.size() > max_json_bytes && count > 0) json = json_of(shadowed, --count);
    return std::string(prefix) + printable(sentence(shadowed), max_sentence_bytes) + "\n" + json;
}

std::optional<Shadowed> read_shadowed(std::string_view outcome) {
    const auto line = outcome.find('\n');
    if (!outcome.starts_with(prefix) || line == std::string_view::npos) return std::nullopt;
    const auto document = json::Document::parse(outcome.substr(line + 1));
    if (!document) return std::nullopt;
    const auto root = document->root();
    const auto kind = std::ranges::find(kinds, text_at(root, "kind"));
    const auto more = root.find("more"), differences = root.find("differences");
    if (kind == kinds.end()) return std::nullopt;
    Shadowed out{.kind = static_cast<Shadowed::Kind>(kind - kinds.begin()),
                 .why = text_at(root, "why"),
                 .differences = {},
                 .more = more ? static_cast<std::size_t>(more->as_int64().value_or(0)) : 0};
    for (std::size_t i = 0; differences && i < differences->size(); ++i) {
        const auto one = differences->at(i);
        if (one.size() != 4) continue;
        out.differences.push_back({.record = std::string(one.at(0).text()),
                                   .field = std::string(one.at(1).text()),
                                   .now = std::string(one.at(2).text()),
                                   .then = std::string(one.at(3).text())});
    }
    return out;
}

}  // namespace sluice::host
