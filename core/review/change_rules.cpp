#include "core/review/change_rules.hpp"

#include <algorithm>
#include <limits>
#include <string_view>

#include "core/contract/contract_text.hpp"
#include "core/schedule/duration.hpp"

namespace sluice::review {
namespace {

constexpr Impact I = Impact::internal, C = Impact::compatible, B = Impact::breaking;
constexpr Compared whole = Compared::whole, group = Compared::group, members = Compared::members,
                   elements = Compared::elements;

bool is_true(const toml::Node* node) {
    return node != nullptr && node->boolean;
}

/// A key that nobody configured breaks every connector, unless it has a default.
Impact config_key(const toml::Node* before, const toml::Node* after) {
    if (before != nullptr || after == nullptr) return B;
    return after->find("default") != nullptr || is_true(contract::node_at(*after, {"optional"})) ? C : B;
}

/// A demand that was not made before.
Impact demand(const toml::Node*, const toml::Node* after) {
    return is_true(after) ? B : C;
}

/// A permission that was not given before.
Impact permission(const toml::Node*, const toml::Node* after) {
    return is_true(after) ? C : B;
}

/// A new field is written from now on; one without which documents are refused breaks those.
Impact field(const toml::Node* before, const toml::Node* after) {
    if (before != nullptr || after == nullptr) return B;
    return is_true(contract::node_at(*after, {"required"})) ? B : C;
}

/// Other places tried where those before it have nothing.
Impact sources(const toml::Node* before, const toml::Node* after) {
    const auto texts = [](const toml::Node* node) {
        std::vector<std::string_view> found;
        if (node != nullptr && node->kind == toml::Kind::text) found.emplace_back(node->text);
        if (node != nullptr)
            for (const toml::Node& element : node->elements) found.emplace_back(element.text);
        return found;
    };
    const auto first = texts(before), second = texts(after);
    const bool begins =
        !first.empty() && first.size() <= second.size() && std::equal(first.begin(), first.end(), second.begin());
    return begins ? C : B;
}

Impact smaller_is_more(const toml::Node* before, const toml::Node* after) {
    if (after == nullptr) return C;
    return before != nullptr && after->integer < before->integer ? C : B;
}

Impact greater_is_more(const toml::Node* before, const toml::Node* after) {
    if (after == nullptr) return C;
    return before != nullptr && after->integer > before->integer ? C : B;
}

std::int64_t milliseconds(const toml::Node* node, std::int64_t otherwise) {
    if (node == nullptr) return otherwise;
    return schedule::parse_duration(node->text).value_or(otherwise);
}

/// How long something is kept.
Impact kept(const toml::Node* before, const toml::Node* after) {
    const auto usual = contract::Retention::default_ms;
    return milliseconds(after, usual) < milliseconds(before, usual) ? B : C;
}

/// After which time an event is given up; without one never.
Impact given_up(const toml::Node* before, const toml::Node* after) {
    constexpr auto never = std::numeric_limits<std::int64_t>::max();
    return milliseconds(after, never) < milliseconds(before, never) ? B : C;
}

/// "reject" refuses what anything else lets through.
Impact refusal(const toml::Node*, const toml::Node* after) {
    return after == nullptr || after->text == "reject" ? B : C;
}

}  // namespace

const std::vector<ChangeRule>& change_rules() {
    static const std::vector<ChangeRule> rules{
        {"contract", group},
        {"contract.name"},
        {"contract.version", whole, I, I, I},
        {"contract.external_system", whole, I, I, I},
        {"contract.api_version", whole, C, C, C},
        {"compatibility", group},
        {"compatibility.help", whole, I, I, I},
        {"compatibility.before_1", whole, B, B, B, "minor"},
        {"compatibility.notice", whole, B, B, B, nullptr,
         [](const toml::Node* before, const toml::Node* after) {
             return milliseconds(after, 0) < milliseconds(before, 0) ? B : C;
         }},

        {"config", group},
        {"config.*", members, B, B, B, nullptr, config_key},
        {"config.*.help", whole, I, I, I},
        {"config.*.type", whole, B, B, B, "text"},
        {"config.*.default", whole, C, B, B},
        {"config.*.optional", whole, B, B, B, "false", permission},
        {"config.*.choices", elements, C, B, B},

        {"credential", group},
        {"credential.*", members, C, B, B},
        {"credential.*.header", whole, I, I, I, "Authorization"},
        {"credential.*.prefix", whole, I, I, I, "Bearer "},
        {"limits", group},
        {"limits.*", whole, I, I, I},

        {"flow", group},
        {"flow.*", members, C, B, B},
        {"flow.*.help", whole, I, I, I},
        {"flow.*.error_owner", whole, C, C, C},
        {"flow.*.priority", whole, I, I, I, "normal"},
        {"flow.*.batch", whole, I, I, I},
        {"flow.*.retry", group},
        {"flow.*.retry.base_ms", whole, I, I, I, "1000"},
        {"flow.*.retry.cap_ms", whole, I, I, I, "300000"},
        {"flow.*.retry.limit", whole, C, C, C, "8"},
        {"flow.*.dead_letter", group},
        {"flow.*.dead_letter.holds_key", whole, B, B, B, "true"},
        {"flow.*.revision", whole, C, B, B},
        {"flow.*.deadline", whole, B, C, B, nullptr, given_up},
        {"flow.*.coalesce", whole, B, C, B},
        {"flow.*.retention", group},
        {"flow.*.retention.*", whole, B, B, B, nullptr, kept},
        {"flow.*.needs", elements, B, C, B},
        {"flow.*.odoo_reads", elements, B, C, B},

        {"flow.*.webhook", members, C, B, B},
        {"flow.*.webhook.topics", elements, C, B, B},
        {"flow.*.webhook.revision_tie", whole, C, B, B},
        {"flow.*.odoo_change", members, C, B, B},
        {"flow.*.odoo_change.fields", elements, C, B, B},
        {"flow.*.odoo_change.optional_fields", elements, C, B, B},
        {"flow.*.odoo_change.links", group},
        {"flow.*.odoo_change.links.*", whole, C, B, B},
        {"flow.*.odoo_change.start", whole, B, B, B, "now"},
        {"flow.*.odoo_change.only_linked", whole, B, B, B, "false"},
        {"flow.*.odoo_change.every", whole, I, I, I, "15s"},
        {"flow.*.odoo_change.overlap", whole, I, I, I, "3m"},
        {"flow.*.odoo_change.sweep", whole, I, I, I, "1d"},
        {"flow.*.schedule", members, C, B, B},
        {"flow.*.schedule.zone", whole, C, C, C, "UTC"},
        {"flow.*.schedule.missed", whole, C, C, C, "once"},
        {"flow.*.schedule.*", whole, C, C, C},
        {"flow.*.queue", members, C, B, B},
        {"flow.*.queue.revision_tie", whole, C, B, B},

        {"flow.*.reconcile", members, C, B, B},
        {"flow.*.reconcile.needs", elements, B, C, B},
        {"flow.*.reconcile.fields", whole, C, C, C},
        {"flow.*.reconcile.domain", whole, C, C, C},
        {"flow.*.reconcile.period", whole, C, C, C, "7d"},
        {"flow.*.reconcile.schedule", whole, C, C, C},
        {"flow.*.reconcile.repair", whole, B, B, B, "none"},

        {"flow.*.record", members},
        {"flow.*.document", members},
        {"flow.*.records", group},
        {"flow.*.records.*", members, C, B, B},
        // Of these the path of what is mapped is left out: they are the same for `record`, `records.NAME`, `document`
        // and, mostly, `lines`.
        {"RECORD.adopt", whole, B, B, B, "false"},
        {"RECORD.create_only", whole, B, B, B, "false"},
        {"RECORD.removed", whole, B, B, B, "unlink"},
        {"RECORD.requires", elements, B, C, B},
        {"RECORD.checks", group},
        {"RECORD.checks.*", whole, B, C, B},
        {"RECORD.lines", group},
        {"RECORD.lines.*", members},
        {"RECORD.fields", group},
        {"RECORD.fields.*", members, B, B, B, nullptr, field},
        {"RECORD.fields.*.from", whole, B, B, B, nullptr, sources},
        {"RECORD.fields.*.as", whole, B, B, B, "text"},
        {"RECORD.fields.*.required", whole, B, B, B, "false", demand},
        {"RECORD.fields.*.create_only", whole, B, B, B, "false"},
        {"RECORD.fields.*.negate", whole, B, B, B, "false"},
        {"RECORD.fields.*.shift", whole, B, B, B, "0"},
        {"RECORD.fields.*.rounding", whole, B, B, B, "half_even"},
        {"RECORD.fields.*.default", whole, C, B, B},
        {"RECORD.fields.*.max_length", whole, B, C, B, nullptr, greater_is_more},
        {"RECORD.fields.*.min_length", whole, B, C, B, nullptr, smaller_is_more},
        {"RECORD.fields.*.pattern", whole, B, C, B},
        {"RECORD.fields.*.min", whole, B, C, B},
        {"RECORD.fields.*.max", whole, B, C, B},
        {"RECORD.fields.*.quoted", whole, B, B, B, "false"},
        {"RECORD.fields.*.absent", whole, B, B, B, "leave_out"},
        {"RECORD.fields.*.map", group},
        {"RECORD.fields.*.map.*", whole, C, B, B},
        {"RECORD.fields.*.find", members},
        {"RECORD.fields.*.find.on_none", whole, B, B, B, "reject", refusal},
        {"RECORD.fields.*.find.on_many", whole, B, B, B, "reject", refusal},
        {"RECORD.fields.*.find.create", whole, C, B, B},
        {"RECORD.fields.*.find.empty_if", whole, B, C, B},
        {"RECORD.fields.*.find_each", members},
        {"RECORD.fields.*.find_each.on_many", whole, B, B, B, "reject", refusal},
        {"**"},
    };
    return rules;
}

namespace {

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t dot = std::min(path.find('.', start), path.size());
        parts.push_back(path.substr(start, dot - start));
        start = dot + 1;
    }
    return parts;
}

bool matches(const std::vector<std::string_view>& pattern, const std::vector<std::string>& path, std::size_t from) {
    std::size_t at = from;
    for (const std::string_view part : pattern) {
        if (part == "**") return true;
        if (at >= path.size() || (part != "*" && part != path[at])) return false;
        ++at;
    }
    return at == path.size();
}

/// How many keys lead to the innermost record or lines of a path; 0 where it is in none.
std::size_t record_depth(const std::vector<std::string>& path) {
    std::size_t depth = 0;
    if (path.size() > 3 && path[0] == "flow" && (path[2] == "record" || path[2] == "document")) depth = 3;
    if (path.size() > 4 && path[0] == "flow" && path[2] == "records") depth = 4;
    while (depth > 0 && path.size() > depth + 2 && path[depth] == "lines") depth += 2;
    return depth;
}

}  // namespace

const ChangeRule& rule_of(const std::vector<std::string>& path) {
    constexpr std::string_view record = "RECORD.";
    const std::size_t depth = record_depth(path);
    const auto& rules = change_rules();
    for (const ChangeRule& rule : rules) {
        const std::string_view text = rule.path;
        const bool of_record = text.starts_with(record);
        if (of_record && depth == 0) continue;
        if (matches(split(of_record ? text.substr(record.size()) : text), path, of_record ? depth : 0)) return rule;
    }
    return rules.back();
}

}  // namespace sluice::review
