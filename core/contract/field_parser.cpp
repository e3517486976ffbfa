#include "core/contract/field_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/as.hpp"
#include "core/contract/constraint_parser.hpp"
#include "core/contract/pointers.hpp"

namespace sluice::contract {
namespace {

constexpr int most_digits = 12;

const std::vector<std::string> every_source{"from", "value",     "config", "text",    "hook",
                                            "find", "find_each", "record", "percent", "rest"};
const std::vector<std::string> text_sources{"from", "value", "config", "text", "hook"};
const std::vector<std::string> every_option{
    "as",         "negate",      "shift",  "required", "default", "digits",    "rounding",     "min_length",
    "max_length", "pattern",     "min",    "max",      "map",     "or",        "format",       "zone",
    "when",       "create_only", "unless", "quoted",   "absent",  "arguments", "period_cutoff"};

/// Where rules stand, and so what they may be.
enum class RulePlace { record, search_key, document };

/// What may stand beside a source.
std::vector<std::string> options_of(std::string_view source, RulePlace place) {
    std::vector<std::string> options;
    if (source == "from" || source == "config" || source == "text" || source == "hook")
        options = {"as",         "negate",  "shift", "required", "default", "digits", "rounding", "min_length",
                   "max_length", "pattern", "min",   "max",      "map",     "format", "zone"};
    if (!options.empty() && place != RulePlace::search_key) options.emplace_back("period_cutoff");
    if (source == "hook") options.emplace_back("arguments");
    if (source == "value") options = {"as"};
    if (source == "find") options = {"required"};
    if (source == "record") options = {"or", "required"};
    if (place != RulePlace::search_key) options.insert(options.end(), {"when", "unless"});
    if (place == RulePlace::record) options.emplace_back("create_only");
    if (place == RulePlace::document) options.insert(options.end(), {"quoted", "absent"});
    return options;
}

class RuleParser {
public:
    RuleParser(const toml::Member& member, const std::string& path, const MappingScope& scope, RulePlace place)
        : scope_(scope),
          place_(place),
          sources_(place == RulePlace::record ? every_source : text_sources),
          reader_(member.value, path + "." + member.key, scope.problems) {
        rule_.name = member.key;
        rule_.place = member.place;
    }

    FieldRule parse() {
        const std::string source = only_source();
        read_options();
        read_sources();
        if (!source.empty()) check_options(source);
        check_constants();
        // Known in this place but not allowed here: `only_source` has said so.
        for (const std::string& other : every_source) reader_.any(other);
        reader_.finish();
        return std::move(rule_);
    }

private:
    /// The name of the one source; "" (and a problem) where there is none or more than one.
    std::string only_source() {
        std::vector<std::string> found;
        for (const toml::Member& member : reader_.node().members)
            if (std::ranges::find(every_source, member.key) != every_source.end()) found.push_back(member.key);
        if (reader_.node().kind != toml::Kind::table) return {};
        if (found.empty()) {
            reader_.problem(reader_.node(), fmt::format("`{}` says not where its value comes from: it needs {}",
                                                        reader_.path(), list_names(sources_)));
            return {};
        }
        if (found.size() > 1) {
            reader_.problem(found[1],
                            fmt::format("`{}` has more than one source: keep {}", reader_.path(), list_names(found)));
            return {};
        }
        if (std::ranges::find(sources_, found[0]) == sources_.end()) {
            reader_.problem(
                found[0],
                place_ == RulePlace::search_key
                    ? fmt::format("`{}` cannot be a search key: it needs {}", found[0], list_names(sources_))
                    : fmt::format("`{}` has no place in a document: it needs {}", found[0], list_names(sources_)));
            return {};
        }
        return found[0];
    }

    void read_options() {
        if (const auto as = reader_.one_of("as", as_names())) rule_.as = static_cast<As>(*as);
        rule_.negate = reader_.boolean("negate", false);
        rule_.shift = static_cast<int>(reader_.integer("shift", -most_digits, most_digits).value_or(0));
        rule_.required = reader_.boolean("required", false);
        rule_.create_only = reader_.boolean("create_only", false);
        rule_.default_value = reader_.text("default");
        if (const auto digits = reader_.integer("digits", 0, most_digits)) rule_.digits = static_cast<int>(*digits);
        if (const auto rounding = reader_.one_of("rounding", {"half_even", "half_up", "down", "up"}))
            rule_.rounding = static_cast<Rounding>(*rounding);
        read_constraints(reader_, rule_);
        read_clock(reader_, rule_, place_ == RulePlace::document);
        read_period_cutoff(reader_, rule_, scope_, place_ == RulePlace::record);
        rule_.when = read_conditions(reader_, "when", scope_.inside_lines);
        rule_.unless = read_conditions(reader_, "unless", scope_.inside_lines);
        rule_.quoted = reader_.boolean("quoted", false);
        rule_.null_when_absent = reader_.one_of("absent", {"leave_out", "null"}) == 1U;
        if (const toml::Node* map = reader_.table("map")) {
            if (map->members.empty()) reader_.problem(*map, "`map` is empty");
            for (const toml::Member& entry : map->members)
                if (expect_kind(entry.value, toml::Kind::text, "each value of `map`", scope_.problems))
                    rule_.map[entry.key] = entry.value.text;
        }
    }

    void read_sources() {
        rule_.from = read_pointers(reader_, "from", rule_.as == As::decimal, true);
        if (const toml::Node* value = reader_.any("value")) read_value(*value);
        if (auto config = reader_.text("config")) {
            check(reader_, "config", config_problem(*config, scope_.config));
            rule_.config = std::move(config);
        }
        if (reader_.has("text"))
            rule_.text = read_template(reader_, "text", {scope_.config, scope_.inside_lines, false});
        read_hook();
        if (place_ != RulePlace::record) return;
        if (const toml::Node* find = reader_.table("find")) read_find(*find);
        if (const toml::Node* find = reader_.table("find_each")) read_find_each(*find);
        rule_.record = read_record("record");
        rule_.or_record = read_record("or");
        if (rule_.record && rule_.record == rule_.or_record)
            reader_.problem("or", "`or` names the same record as `record`");
        if (const toml::Node* percent = reader_.table("percent")) rule_.percent = read_ratio(*percent, "percent");
        if (const toml::Node* rest = reader_.table("rest")) rule_.rest = read_ratio(*rest, "rest");
    }

    void read_hook() {
        std::vector<Pointer> arguments;
        for (const toml::Node* node : reader_.texts("arguments", {.single = true})) {
            if (const auto wrong = pointer_problem(node->text, {.inside_lines = scope_.inside_lines}))
                reader_.problem(*node, *wrong);
            arguments.emplace_back(node->text);
        }
        auto name = reader_.filled_text("hook");
        if (!name) return;
        if (std::ranges::find(scope_.hooks, *name, &NamedHook::name) == scope_.hooks.end())
            scope_.hooks.push_back({*name, reader_.place("hook")});
        rule_.hook = {.name = std::move(*name), .arguments = std::move(arguments)};
    }

    void read_value(const toml::Node& value) {
        switch (value.kind) {
            case toml::Kind::text:
                rule_.value = value.text;
                break;
            case toml::Kind::integer:
                rule_.value = std::to_string(value.integer);
                if (!reader_.has("as")) rule_.as = As::integer;
                break;
            case toml::Kind::boolean:
                rule_.value = value.boolean ? "true" : "false";
                if (!reader_.has("as")) rule_.as = As::boolean;
                break;
            default:
                reader_.problem(
                    value,
                    fmt::format(
                        "`value` must be a string, an integer or a boolean; found {}{}", to_string(value.kind),
                        value.kind == toml::Kind::real ? " (write a decimal as a string, with as = \"decimal\")" : ""));
        }
    }

    void read_search(toml::TableReader& reader, FieldRule::Find& into, const MappingScope& scope) {
        into.model = read_model(reader, "model");
        reader.need("by", "the fields to search by");
        const toml::Node* by = reader.table("by");
        if (by == nullptr) return;
        if (by->members.empty()) reader.problem(*by, "`by` is empty: a search needs a key");
        into.by = parse_search_keys(*by, reader.path() + ".by", scope);
    }

    void read_find(const toml::Node& node) {
        toml::TableReader find(node, reader_.path() + ".find", scope_.problems);
        FieldRule::Find result;
        read_search(find, result, scope_);
        const auto on_none = find.one_of("on_none", {"reject", "empty", "create"});
        result.empty_on_none = on_none == 1U;
        read_create(find, result, on_none == 2U);
        if (const toml::Node* condition = find.table("empty_if")) {
            toml::TableReader reader(*condition, find.path() + ".empty_if", scope_.problems);
            read_search(reader, result.empty_if.emplace_back(), scope_);
            reader.finish();
            if (!result.empty_on_none) find.problem("empty_if", "`empty_if` goes with on_none = \"empty\"");
        }
        result.on_many = read_word(find, "on_many", {"reject", "first"}, scope_);
        find.finish();
        rule_.find = std::move(result);
    }

    void read_create(toml::TableReader& find, FieldRule::Find& into, bool creates) {
        if (creates) find.need("create", "what the new record is: { external_id, fields }");
        const toml::Node* create = find.table("create");
        if (create == nullptr) return;
        if (!creates) find.problem("create", "`create` goes with on_none = \"create\"");
        if (creates && find.has("on_many"))
            find.problem("on_many", "`on_many`: where one may be created, the first found is taken");
        toml::TableReader reader(*create, find.path() + ".create", scope_.problems);
        into.create_id = read_external_id(reader, scope_);
        if (const toml::Node* fields = reader.table("fields"))
            into.create = parse_search_keys(*fields, reader.path() + ".fields", scope_);
        for (const FieldRule& field : into.create)
            if (field.name.find('.') != std::string::npos)
                scope_.problems.add(field.place, fmt::format("`{}` is no name of an Odoo field", field.name));
        reader.finish();
    }

    void read_find_each(const toml::Node& node) {
        toml::TableReader find(node, reader_.path() + ".find_each", scope_.problems);
        FieldRule::FindEach result;
        find.need("each", "the JSON Pointer of an array");
        result.each = read_array_pointer(find, "each", scope_.inside_lines);
        MappingScope element = scope_;
        element.inside_lines = true;
        read_search(find, result.find, element);
        result.find.on_many = read_word(find, "on_many", {"reject", "first"}, scope_);
        result.none_when = read_conditions(find, "none_when", scope_.inside_lines);
        find.finish();
        rule_.find_each = std::move(result);
    }

    std::optional<std::string> read_record(std::string_view key) {
        auto name = reader_.text(key);
        if (name && std::ranges::find(scope_.records, *name) == scope_.records.end())
            reader_.problem(*reader_.any(key),
                            fmt::format("there is no record `{}`{}", *name, did_you_mean(*name, scope_.records)));
        return name;
    }

    FieldRule::Ratio read_ratio(const toml::Node& node, std::string_view key) {
        toml::TableReader ratio(node, fmt::format("{}.{}", reader_.path(), key), scope_.problems);
        FieldRule::Ratio result;
        ratio.need("part", "a JSON Pointer");
        ratio.need("whole", "the JSON Pointers of its factors");
        result.part = read_pointers(ratio, "part", true, true);
        result.whole = read_pointers(ratio, "whole", true, true);
        if (const auto digits = ratio.integer("digits", 0, most_digits)) result.digits = static_cast<int>(*digits);
        if (const auto digits = ratio.integer("currency_digits", 0, most_digits))
            result.currency_digits = static_cast<int>(*digits);
        result.currency = read_pointer(ratio, "currency", scope_.inside_lines);
        result.share = read_pointers(ratio, "share", true, false);
        if (ratio.has("share") && result.share.size() != 2)
            ratio.problem("share", "`share` takes two pointers: what is left, and what there was");
        if (const toml::Node* taxes = ratio.table("taxes")) result.taxes = read_taxes(*taxes, ratio.path() + ".taxes");
        if (ratio.has("currency") && ratio.has("currency_digits"))
            ratio.problem("currency_digits", "`currency` decides the digits; leave out `currency_digits`");
        ratio.finish();
        return result;
    }

    FieldRule::Ratio::Taxes read_taxes(const toml::Node& node, const std::string& path) {
        toml::TableReader reader(node, path, scope_.problems);
        FieldRule::Ratio::Taxes taxes;
        reader.need("each", "the JSON Pointer of an array");
        taxes.each = read_array_pointer(reader, "each", scope_.inside_lines);
        reader.need("rate", "the JSON Pointer of a tax's rate");
        taxes.rate = read_pointer(reader, "rate", true);
        taxes.included = read_pointer(reader, "included", scope_.inside_lines);
        taxes.none_when = read_conditions(reader, "none_when", scope_.inside_lines);
        reader.finish();
        return taxes;
    }

    std::vector<Pointer> read_pointers(toml::TableReader& reader, std::string_view key, bool decimal,
                                       bool allow_single) {
        std::vector<Pointer> pointers;
        for (const toml::Node* node : reader.texts(key, {.single = allow_single})) {
            const auto wrong = pointer_problem(node->text, {.inside_lines = scope_.inside_lines, .wildcard = true});
            if (wrong) {
                reader.problem(*node, *wrong);
            } else if (!decimal && has_wildcard(node->text)) {
                reader.problem(*node,
                               fmt::format("`{}`: `*` sums decimals, so the rule needs as = \"decimal\"", node->text));
            }
            pointers.emplace_back(node->text);
        }
        return pointers;
    }

    static void check(toml::TableReader& reader, std::string_view key, const std::string& wrong) {
        if (!wrong.empty()) reader.problem(*reader.any(key), wrong);
    }

    /// Options that mean nothing beside the source, or beside `as`.
    void check_options(const std::string& source) {
        const auto allowed = options_of(source, place_);
        for (const std::string& option : every_option) {
            if (!reader_.has(option)) continue;
            if (option == "create_only" && place_ == RulePlace::search_key)
                reader_.problem(option, "`create_only` is for fields, and this is a search key");
            else if (std::ranges::find(allowed, option) == allowed.end())
                reader_.problem(
                    option, fmt::format("`{}` does not go with `{}`, only {}", option, source, list_names(allowed)));
            else if (option == "negate" && rule_.as != As::decimal && rule_.as != As::integer)
                reader_.problem(option, "`negate` needs as = \"decimal\" or \"integer\"");
            else if ((option == "digits" || option == "shift") && rule_.as != As::decimal)
                reader_.problem(option, fmt::format("`{}` needs as = \"decimal\"", option));
            else if (option == "rounding" && !reader_.has("digits"))
                reader_.problem(option, "`rounding` needs `digits`");
            else if (option == "map" && rule_.as == As::decimal)
                reader_.problem(option, "`map` does not go with as = \"decimal\"");
        }
        if (rule_.required && rule_.default_value)
            reader_.problem("required", "`required` has no effect beside `default`");
    }

    /// Constants are read once here, so that a wrong one is found before any document comes.
    void check_constants() {
        const auto check_as = [this](const toml::Node* node, std::string_view key, std::string_view text) {
            const auto wrong = why_not(rule_.as, text);
            if (node != nullptr && wrong) reader_.problem(*node, fmt::format("`{}`: {}", key, *wrong));
        };
        if (rule_.value) check_as(reader_.any("value"), "value", *rule_.value);
        if (rule_.default_value) check_as(reader_.any("default"), "default", *rule_.default_value);
        if (!rule_.map.empty())
            for (const toml::Member& entry : reader_.any("map")->members)
                if (entry.value.kind == toml::Kind::text) check_as(&entry.value, entry.key, entry.value.text);
    }

    const MappingScope& scope_;
    const RulePlace place_;
    const std::vector<std::string>& sources_;
    toml::TableReader reader_;
    FieldRule rule_;
};

std::vector<FieldRule> parse_rules(const toml::Node& table, const std::string& path, const MappingScope& scope,
                                   RulePlace place) {
    std::vector<FieldRule> rules;
    for (const toml::Member& member : table.members) {
        if (place != RulePlace::document && !is_odoo_name(member.key, place == RulePlace::search_key))
            scope.problems.add(member.place, fmt::format("`{}` is no name of an Odoo field", member.key));
        rules.push_back(RuleParser(member, path, scope, place).parse());
    }
    return rules;
}

}  // namespace

std::vector<FieldRule> parse_fields(const toml::Node& table, const std::string& path, const MappingScope& scope) {
    return parse_rules(table, path, scope, RulePlace::record);
}

std::vector<FieldRule> parse_search_keys(const toml::Node& table, const std::string& path, const MappingScope& scope) {
    return parse_rules(table, path, scope, RulePlace::search_key);
}

std::vector<FieldRule> parse_targets(const toml::Node& table, const std::string& path, const MappingScope& scope) {
    return parse_rules(table, path, scope, RulePlace::document);
}

}  // namespace sluice::contract
