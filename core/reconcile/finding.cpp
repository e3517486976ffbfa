#include "core/reconcile/finding.hpp"

#include <algorithm>

namespace sluice::reconcile {
namespace {

constexpr std::array<std::string_view, kinds> names{"missing", "stale", "conflict", "extra", "broken"};

std::string text_at(const json::Value& value, std::string_view key) {
    const auto found = value.find(key);
    return found ? std::string(found->text()) : "";
}

std::int64_t number_at(const json::Value& value, std::string_view key) {
    const auto found = value.find(key);
    return found ? found->as_int64().value_or(0) : 0;
}

}  // namespace

std::string_view to_string(Kind kind) {
    return names.at(static_cast<std::size_t>(kind));
}

void write_json(json::Writer& out, const Finding& finding) {
    out.begin_object().key("kind").string(to_string(finding.kind)).key("record").string(finding.record);
    out.key("external_id").string(finding.external_id).key("model").string(finding.model);
    out.key("id").integer(finding.odoo_id).key("revision").string(finding.revision);
    out.key("applied").string(finding.applied).key("guard").string(finding.guard).key("why").string(finding.why);
    out.key("repaired").boolean(finding.repaired);
    out.key("more").integer(static_cast<std::int64_t>(finding.more)).key("differences").begin_array();
    for (const auto& one : finding.differences) {
        out.begin_object().key("record").string(one.record).key("field").string(one.field);
        out.key("now").string(one.now).key("then").string(one.then).end_object();
    }
    out.end_array().end_object();
}

std::optional<Finding> read_finding(const json::Value& value) {
    const auto name = std::ranges::find(names, text_at(value, "kind"));
    if (name == names.end()) return std::nullopt;
    Finding finding{.kind = static_cast<Kind>(name - names.begin()),
                    .record = text_at(value, "record"),
                    .external_id = text_at(value, "external_id"),
                    .model = text_at(value, "model"),
                    .odoo_id = number_at(value, "id"),
                    .revision = text_at(value, "revision"),
                    .applied = text_at(value, "applied"),
                    .guard = text_at(value, "guard"),
                    .why = text_at(value, "why"),
                    .differences = {},
                    .more = static_cast<std::size_t>(number_at(value, "more"))};
    if (const auto repaired = value.find("repaired")) finding.repaired = repaired->is_true();
    const auto differences = value.find("differences");
    for (std::size_t i = 0; differences && i < differences->size(); ++i) {
        const auto one = differences->at(i);
        finding.differences.push_back(
            {text_at(one, "record"), text_at(one, "field"), text_at(one, "now"), text_at(one, "then")});
    }
    return finding;
}

}  // namespace sluice::reconcile
