#include "core/review/changes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <set>

#include "core/review/change_rules.hpp"
#include "core/toml/text.hpp"

namespace sluice::review {
namespace {

constexpr std::size_t longest_value = 160;

std::string shown(const toml::Node& node) {
    auto text = toml::to_toml(node);
    if (text.size() > longest_value) text = text.substr(0, longest_value) + "...";
    return text;
}

/// What a value is where it is not there, as a rule names it.
std::string plain(const toml::Node& node) {
    return node.kind == toml::Kind::text ? node.text : toml::to_toml(node);
}

/// The order of a table's members does not count.
bool is_same(const toml::Node& left, const toml::Node& right) {
    if (left.kind != right.kind) return false;
    if (left.kind == toml::Kind::array) return std::ranges::equal(left.elements, right.elements, is_same);
    if (left.kind != toml::Kind::table) return toml::to_toml(left) == toml::to_toml(right);
    return left.members.size() == right.members.size() &&
           std::ranges::all_of(left.members, [&right](const toml::Member& member) {
               const toml::Member* other = right.find(member.key);
               return other != nullptr && is_same(member.value, other->value);
           });
}

/// Lines and checks as a table, so that they are known again wherever they stand.
toml::Node keyed(const toml::Node& array) {
    toml::Node table;
    table.place = array.place;
    std::map<std::string, int> seen;
    for (const toml::Node& element : array.elements) {
        const auto text = [&](std::string_view key) {
            const toml::Node* node = contract::node_at(element, {key});
            return node == nullptr ? std::string() : node->text;
        };
        const bool is_lines_of_record = element.find("external_id") != nullptr;
        auto name = is_lines_of_record ? fmt::format("{}[{}]", text("field"), text("external_id"))
                                       : text("target") + text("rule");
        if (const int number = ++seen[name]; number > 1) name += fmt::format("#{}", number);
        table.members.push_back({std::move(name), element.place, element});
    }
    return table;
}

class Walk {
public:
    void table(const toml::Node& before, const toml::Node& after) {
        for (const toml::Member& member : before.members) step(member.key, &member, after.find(member.key));
        for (const toml::Member& member : after.members)
            if (before.find(member.key) == nullptr) step(member.key, nullptr, &member);
    }

    std::vector<Change> take() {
        std::ranges::stable_sort(found_, [](const Change& left, const Change& right) {
            if (left.impact != right.impact) return left.impact > right.impact;
            const auto line = [](const Change& change) {
                return change.new_place.line > 0 ? change.new_place.line : change.old_place.line;
            };
            return line(left) < line(right);
        });
        return std::move(found_);
    }

private:
    void step(const std::string& key, const toml::Member* before, const toml::Member* after) {
        path_.push_back(key);
        compare(before, after);
        path_.pop_back();
    }

    void compare(const toml::Member* before, const toml::Member* after) {
        const ChangeRule& rule = rule_of(path_);
        const toml::Node* left = before == nullptr ? nullptr : &before->value;
        const toml::Node* right = after == nullptr ? nullptr : &after->value;
        if (is_keyed() && (left == nullptr || left->kind == toml::Kind::array) &&
            (right == nullptr || right->kind == toml::Kind::array)) {
            const toml::Node none;
            return table(left == nullptr ? none : keyed(*left), right == nullptr ? none : keyed(*right));
        }
        const auto is_table = [](const toml::Node* node) { return node == nullptr || node->kind == toml::Kind::table; };
        const bool both = left != nullptr && right != nullptr;
        const bool by_members = rule.compared == Compared::group || (rule.compared == Compared::members && both);
        if (by_members && is_table(left) && is_table(right) && !(both && other_source(*left, *right))) {
            const toml::Node none;
            return table(left == nullptr ? none : *left, right == nullptr ? none : *right);
        }
        if (rule.compared == Compared::elements) return elements(rule, before, after);
        values(rule, before, after);
    }

    bool is_keyed() const {
        return (path_.back() == "lines" || path_.back() == "checks") && path_.size() >= 4 && path_[0] == "flow";
    }

    /// Of field rules whose value comes from somewhere else altogether every key differs: that is one change.
    bool other_source(const toml::Node& left, const toml::Node& right) const {
        if (path_.size() < 5 || path_[path_.size() - 2] != "fields") return false;
        for (const char* source :
             {"from", "value", "config", "text", "hook", "find", "find_each", "record", "percent", "rest"})
            if ((left.find(source) == nullptr) != (right.find(source) == nullptr)) return true;
        return false;
    }

    void elements(const ChangeRule& rule, const toml::Member* before, const toml::Member* after) {
        const auto texts = [](const toml::Member* member) {
            std::vector<std::string> found;
            if (member != nullptr)
                for (const toml::Node& element : member->value.elements) found.push_back(toml::to_toml(element));
            return found;
        };
        const auto left = texts(before), right = texts(after);
        // An empty list of choices allows everything, so the first of them forbids the rest.
        const bool first = path_.back() == "choices" && left.empty() && !right.empty();
        const bool last = path_.back() == "choices" && !left.empty() && right.empty();
        for (const std::string& text : left)
            if (std::ranges::find(right, text) == right.end())
                add(last ? Impact::compatible : rule.removed, text + " removed", before, after);
        for (const std::string& text : right)
            if (std::ranges::find(left, text) == left.end())
                add(first ? Impact::breaking : rule.added, text + " added", before, after);
    }

    void values(const ChangeRule& rule, const toml::Member* before, const toml::Member* after) {
        const auto is_usual = [&](const toml::Member& member) {
            return rule.otherwise != nullptr && plain(member.value) == rule.otherwise;
        };
        if (before != nullptr && after != nullptr) {
            if (is_same(before->value, after->value)) return;
            const Impact impact = rule.judge == nullptr ? rule.changed : rule.judge(&before->value, &after->value);
            return add(impact, fmt::format("{} becomes {}", shown(before->value), shown(after->value)), before, after);
        }
        const toml::Member& only = before == nullptr ? *after : *before;
        if (is_usual(only)) return;
        const toml::Node* left = before == nullptr ? nullptr : &before->value;
        const toml::Node* right = after == nullptr ? nullptr : &after->value;
        const Impact impact = rule.judge != nullptr ? rule.judge(left, right)
                              : left == nullptr     ? rule.added
                                                    : rule.removed;
        const std::string usual = rule.otherwise == nullptr ? "" : fmt::format(" (it was {})", rule.otherwise);
        add(impact,
            left == nullptr ? fmt::format("added: {}{}", shown(only.value), usual)
                            : fmt::format("removed; it was {}", shown(only.value)),
            before, after);
    }

    void add(Impact impact, std::string what, const toml::Member* before, const toml::Member* after) {
        const toml::Place nowhere;
        found_.push_back({impact, fmt::format("{}", fmt::join(path_, ".")), std::move(what),
                          before == nullptr ? nowhere : before->place, after == nullptr ? nowhere : after->place});
    }

    std::vector<std::string> path_;
    std::vector<Change> found_;
};

using Version = std::array<std::int64_t, 3>;

/// The three numbers; what comes after "-" or "+" is left out.
Version numbers_of(std::string_view version) {
    Version numbers{};
    const char* at = version.data();
    const char* const end = at + version.size();
    for (std::int64_t& number : numbers) {
        at = std::from_chars(at, end, number).ptr;
        if (at != end) ++at;
    }
    return numbers;
}

bool may_break_anyhow(const contract::Contract& contract) {
    return contract.compatibility.before_1 == contract::Compatibility::Before1::any &&
           numbers_of(contract.version)[0] == 0;
}

}  // namespace

std::string_view to_string(Impact impact) {
    constexpr std::array<std::string_view, 3> words{"internal", "compatible", "breaking"};
    return words[static_cast<std::size_t>(impact)];
}

std::vector<Change> changes(const contract::ContractText& old_text, const contract::ContractText& new_text) {
    Walk walk;
    walk.table(old_text.tree, new_text.tree);
    auto found = walk.take();
    std::erase_if(found, [](const Change& change) { return change.path == "contract.version"; });
    return found;
}

Honesty judge_version(const contract::Contract& old_contract, const contract::Contract& new_contract,
                      const std::vector<Change>& changes) {
    Honesty result;
    Version expected = numbers_of(old_contract.version);
    const Version given = numbers_of(new_contract.version);
    // A pre-release promises nothing of its own: 2.0.0-rc.1 may become 2.0.0 whatever changed.
    const bool was_pre_release = old_contract.version.substr(0, old_contract.version.find('+')).contains('-');
    if (!changes.empty()) {
        result.worst = std::ranges::max(changes, {}, &Change::impact).impact;
        std::size_t raised = 2 - static_cast<std::size_t>(result.worst);
        if (expected[0] == 0) raised = result.worst == Impact::breaking && !may_break_anyhow(old_contract) ? 1 : 2;
        if (!was_pre_release) {
            ++expected[raised];
            std::fill(expected.begin() + static_cast<std::ptrdiff_t>(raised) + 1, expected.end(), 0);
        }
    }
    result.expected = changes.empty() && !was_pre_release
                          ? old_contract.version
                          : fmt::format("{}.{}.{}", expected[0], expected[1], expected[2]);
    result.honest = given >= expected && (changes.empty() || new_contract.version != old_contract.version);
    return result;
}

}  // namespace sluice::review
