#include "core/review/page_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "core/contract/contract_text.hpp"
#include "core/toml/text.hpp"

namespace sluice::review {
namespace {

using contract::node_at;

std::string joined(const std::vector<std::string>& parts, std::string_view by = "; ") {
    return fmt::format("{}", fmt::join(parts, by));
}

std::string text_at(const toml::Node& table, std::string_view key) {
    const toml::Node* node = node_at(table, {key});
    return node == nullptr ? std::string() : node->text;
}

/// A pointer, or several.
std::string pointers(const toml::Node* node, std::string_view between) {
    if (node == nullptr) return "";
    const auto place = [](const toml::Node& one) {
        return one.text.empty() ? std::string("its element") : code(one.text);
    };
    if (node->kind == toml::Kind::text) return place(*node);
    std::vector<std::string> parts;
    for (const toml::Node& element : node->elements) parts.push_back(place(element));
    return joined(parts, between);
}

std::string conditions(const toml::Node& table, std::string_view between) {
    std::vector<std::string> parts;
    for (const toml::Member& member : table.members)
        parts.push_back(fmt::format("{} is {}", code(member.key), code(member.value.text)));
    return joined(parts, between);
}

std::string find_words(const toml::Node& find) {
    std::vector<std::string> parts{fmt::format("the {} with {}", code(text_at(find, "model")),
                                               node_at(find, {"by"}) ? search_words(*node_at(find, {"by"})) : "")};
    if (text_at(find, "on_none") == "empty") parts.emplace_back("empty if there is none");
    if (const toml::Node* create = node_at(find, {"create"})) {
        const toml::Node* fields = node_at(*create, {"fields"});
        parts.push_back(fmt::format("made if there is none, as {}{}", code(text_at(*create, "external_id")),
                                    fields == nullptr ? "" : " with " + search_words(*fields)));
    }
    if (const toml::Node* condition = node_at(find, {"empty_if"}))
        parts.push_back(fmt::format("but refused unless there is {}", find_words(*condition)));
    const auto many = text_at(find, "on_many");
    if (many == "first") parts.emplace_back("of several the first");
    if (!many.empty() && many != "first" && many != "reject") parts.push_back("of several: as " + code(many) + " says");
    return joined(parts);
}

std::string find_each_words(const toml::Node& find) {
    auto text = fmt::format("for each of {} {}", pointers(node_at(find, {"each"}), ", "), find_words(find));
    if (const toml::Node* none = node_at(find, {"none_when"})) text += "; none where " + conditions(*none, " or ");
    return text;
}

std::string ratio_words(const toml::Node& ratio, bool percent) {
    auto text = fmt::format("{} as a percentage of {}", pointers(node_at(ratio, {"part"}), ", else "),
                            pointers(node_at(ratio, {"whole"}), " × "));
    return percent ? text : "what " + text + " leaves in cents";
}

const std::vector<std::string>& source_keys() {
    static const std::vector<std::string> keys{"from",      "value", "config",    "text",   "find", "hook",
                                               "arguments", "or",    "find_each", "record", "rest", "percent"};
    return keys;
}

std::string as_words(const toml::Node& rule) {
    const auto as = text_at(rule, "as");
    const auto digits = node_at(rule, {"digits"});
    if (digits == nullptr) return as.empty() || as == "text" ? "" : as;
    auto rounding = text_at(rule, "rounding");
    std::ranges::replace(rounding, '_', ' ');
    return fmt::format("{} of {} digits, rounded {}", as, digits->integer, rounding.empty() ? "half even" : rounding);
}

}  // namespace

std::string code(const std::string& text) {
    std::string plain = text;
    std::ranges::replace(plain, '`', '\'');
    return "`" + plain + "`";
}

std::string codes(const toml::Node& array) {
    std::vector<std::string> parts;
    for (const toml::Node& element : array.elements) parts.push_back(code(element.text));
    return joined(parts, ", ");
}

std::string length_of(std::int64_t ms) {
    struct Unit {
        std::int64_t ms;
        std::string_view name;
    };
    constexpr Unit units[] = {{86'400'000, "day"}, {3'600'000, "hour"}, {60'000, "minute"}, {1'000, "second"}};
    std::vector<std::string> parts;
    for (const Unit& unit : units) {
        const auto count = ms / unit.ms;
        ms %= unit.ms;
        if (count > 0) parts.push_back(fmt::format("{} {}{}", count, unit.name, count == 1 ? "" : "s"));
    }
    if (ms > 0) parts.push_back(fmt::format("{} ms", ms));
    return parts.empty() ? "none" : joined(parts, " ");
}

std::vector<std::string> unsaid(const toml::Node& table, const std::vector<std::string>& known) {
    std::vector<std::string> parts;
    for (const toml::Member& member : table.members)
        if (std::ranges::find(known, member.key) == known.end())
            parts.push_back(fmt::format("{} = {}", code(member.key), code(toml::to_toml(member.value))));
    return parts;
}

std::string source_words(const toml::Node& rule) {
    if (const toml::Node* from = node_at(rule, {"from"})) return pointers(from, ", else ");
    if (const toml::Node* value = node_at(rule, {"value"}))
        return "always " + code(value->kind == toml::Kind::text ? value->text : toml::to_toml(*value));
    if (rule.find("config") != nullptr) return "configuration key " + code(text_at(rule, "config"));
    if (rule.find("text") != nullptr) return "the text " + code(text_at(rule, "text"));
    if (rule.find("hook") != nullptr) {
        const toml::Node* arguments = node_at(rule, {"arguments"});
        const auto of = arguments == nullptr ? std::string("the whole") : pointers(arguments, ", ");
        return fmt::format("what the plugin's code {} makes of {}", code(text_at(rule, "hook")), of);
    }
    if (const toml::Node* find = node_at(rule, {"find"})) return find_words(*find);
    if (const toml::Node* find = node_at(rule, {"find_each"})) return find_each_words(*find);
    if (const toml::Node* ratio = node_at(rule, {"percent"})) return ratio_words(*ratio, true);
    if (const toml::Node* ratio = node_at(rule, {"rest"})) return ratio_words(*ratio, false);
    if (rule.find("record") == nullptr) return joined(unsaid(rule, {}));
    const auto other = text_at(rule, "or");
    return "the record " + code(text_at(rule, "record")) + (other.empty() ? "" : ", else " + code(other));
}

std::string demand_words(const toml::Node& rule) {
    std::vector<std::string> parts;
    const auto is_true = [&rule](std::string_view key) {
        const toml::Node* node = node_at(rule, {key});
        return node != nullptr && node->boolean;
    };
    if (is_true("required")) parts.emplace_back("must be there");
    if (const toml::Node* otherwise = node_at(rule, {"default"})) parts.push_back("else " + code(otherwise->text));
    if (const auto as = as_words(rule); !as.empty()) parts.push_back(as);
    if (const toml::Node* shift = node_at(rule, {"shift"}))
        parts.push_back(fmt::format("the point {} digits to the right", shift->integer));
    if (is_true("negate")) parts.emplace_back("with the other sign");
    if (const toml::Node* length = node_at(rule, {"max_length"}))
        parts.push_back(fmt::format("at most {} characters", length->integer));
    if (const toml::Node* length = node_at(rule, {"min_length"}))
        parts.push_back(fmt::format("at least {} characters", length->integer));
    if (rule.find("pattern") != nullptr) parts.push_back("of the form " + code(text_at(rule, "pattern")));
    for (const auto& [key, words] : {std::pair{"min", "at least "}, std::pair{"max", "at most "}})
        if (const toml::Node* bound = node_at(rule, {key}))
            parts.push_back(words + code(bound->kind == toml::Kind::text ? bound->text : toml::to_toml(*bound)));
    if (rule.find("zone") != nullptr) parts.push_back("in the zone " + text_at(rule, "zone"));
    if (rule.find("format") != nullptr) parts.push_back("written as " + code(text_at(rule, "format")));
    if (const toml::Node* when = node_at(rule, {"when"})) parts.push_back("only where " + conditions(*when, " and "));
    if (const toml::Node* unless = node_at(rule, {"unless"}))
        parts.push_back("not where " + conditions(*unless, " or "));
    if (is_true("quoted")) parts.emplace_back("as a text");
    if (text_at(rule, "absent") == "null") parts.emplace_back("null where it is absent");
    if (const toml::Node* map = node_at(rule, {"map"})) {
        std::vector<std::string> entries;
        for (const toml::Member& entry : map->members)
            entries.push_back(fmt::format("{} is {}", code(entry.key), code(entry.value.text)));
        parts.push_back(joined(entries, ", ") + ", anything else is refused");
    }
    if (is_true("create_only")) parts.emplace_back("only when it is made");
    auto known = source_keys();
    known.insert(known.end(), {"as",         "required",   "default", "digits", "rounding", "negate",     "shift",
                               "min_length", "max_length", "pattern", "min",    "max",      "zone",       "format",
                               "when",       "unless",     "quoted",  "absent", "map",      "create_only"});
    for (auto& other : unsaid(rule, known)) parts.push_back(std::move(other));
    return joined(parts);
}

std::string search_words(const toml::Node& keys) {
    std::vector<std::string> parts;
    for (const toml::Member& key : keys.members) {
        const auto demand = demand_words(key.value);
        parts.push_back(fmt::format("{} = {}{}", code(key.key), source_words(key.value),
                                    demand.empty() ? "" : " (" + demand + ")"));
    }
    return joined(parts, ", ");
}

namespace {

std::string timetable_words(const contract::ScheduleTrigger& schedule) {
    return schedule.cron.empty() ? "every " + length_of(schedule.every_ms)
                                 : fmt::format("{} ({})", code(schedule.cron), schedule.zone);
}

}  // namespace

std::vector<std::string> reconcile_words(const contract::ReconcileRule& rule) {
    using Repair = contract::ReconcileRule::Repair;
    std::vector<std::string> parts;
    const auto when =
        rule.schedule ? timetable_words(*rule.schedule) + " and when a person asks" : std::string("when a person asks");
    parts.push_back(
        fmt::format("what changed on either side in the last {} is compared, {}", length_of(rule.period_ms), when));
    std::vector<std::string> fields;
    for (const auto& field : rule.fields) fields.push_back(code(field));
    parts.push_back(fields.empty() ? "all mapped fields count" : "these fields count: " + joined(fields, ", "));
    if (rule.domain != "[]") parts.push_back("of Odoo's records those with " + code(rule.domain));
    parts.emplace_back(rule.repair == Repair::none     ? "differences are reported and nothing is changed"
                       : rule.repair == Repair::missed ? "what was missed is written again"
                                                       : "what was missed or changed in Odoo is written again");
    std::vector<std::string> keys;
    for (const auto& key : rule.needs) keys.push_back(code(key));
    if (!keys.empty()) parts.push_back("only with the configuration keys " + joined(keys, ", "));
    return parts;
}

std::vector<std::string> trigger_words(const contract::Flow& flow) {
    std::vector<std::string> parts;
    if (flow.webhook) {
        std::vector<std::string> topics;
        for (const auto& topic : flow.webhook->topics) topics.push_back(code(topic));
        parts.push_back("a webhook: " + joined(topics, ", "));
    }
    if (flow.odoo_change)
        parts.push_back(fmt::format("a change in Odoo of {} (looked for every {})", code(flow.odoo_change->model),
                                    length_of(flow.odoo_change->every_ms)));
    if (flow.schedule) parts.push_back("a timetable: " + timetable_words(*flow.schedule));
    if (flow.queue) parts.emplace_back("a message of a queue");
    if (parts.empty()) parts.emplace_back("a person");
    return parts;
}

}  // namespace sluice::review
