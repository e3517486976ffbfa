#include "core/review/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/decimal.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::review {
namespace {

constexpr std::string_view nothing = "nothing";

std::string to_text(const toml::Node& node) {
    switch (node.kind) {
        case toml::Kind::text:
            return node.text.empty() ? "\"\" (empty)" : json::quote(node.text);
        case toml::Kind::integer:
            return std::to_string(node.integer);
        case toml::Kind::boolean:
            return node.boolean ? "true" : "false";
        case toml::Kind::array:
            return fmt::format("{} elements", node.elements.size());
        default:
            return std::string(toml::to_string(node.kind));
    }
}

std::string to_text(const json::Value& value) {
    if (value.is_null()) return "empty";
    return std::string(value.raw());
}

class Comparison {
public:
    explicit Comparison(bool whole) : whole_(whole) {}

    void node(const std::string& path, const toml::Node& expected, const std::optional<json::Value>& got) {
        if (!got) return differs(path, to_text(expected), nothing);
        switch (expected.kind) {
            case toml::Kind::table:
                return table(path, expected, *got);
            case toml::Kind::array:
                return array(path, expected, *got);
            default:
                if (!is_same(expected, *got)) differs(path, to_text(expected), to_text(*got));
        }
    }

    std::vector<Difference> take() { return std::move(found_); }

private:
    static bool is_same(const toml::Node& expected, const json::Value& got) {
        if (expected.kind == toml::Kind::text)
            return got.is_null() ? expected.text.empty() : mapping::is_value(got, expected.text);
        if (expected.kind == toml::Kind::boolean)
            return got.kind() == json::Kind::boolean && got.is_true() == expected.boolean;
        if (expected.kind != toml::Kind::integer || got.kind() != json::Kind::number) return false;
        return mapping::is_value(got, std::to_string(expected.integer));
    }

    void table(const std::string& path, const toml::Node& expected, const json::Value& got) {
        if (got.kind() != json::Kind::object) return differs(path, to_text(expected), to_text(got));
        for (const toml::Member& member : expected.members) {
            const std::string here = path + "/" + member.key;
            const auto value = got.find(member.key);
            if (member.key == "lines" && member.value.kind == toml::Kind::table && value &&
                value->kind() == json::Kind::array)
                lines(here, member.value, *value);
            else
                node(here, member.value, value);
        }
        if (whole_ && path.ends_with("/fields"))
            for (std::size_t i = 0; i < got.size(); ++i)
                if (expected.find(got.key(i)) == nullptr)
                    differs(fmt::format("{}/{}", path, got.key(i)), std::string(nothing), to_text(got.at(i)));
    }

    /// `lines.FIELD = [...]` of a record's array of {"field", "lines"}.
    void lines(const std::string& path, const toml::Node& expected, const json::Value& got) {
        const auto of_field = [&](std::string_view field) -> std::optional<json::Value> {
            for (std::size_t i = 0; i < got.size(); ++i)
                if (const auto name = got.at(i).find("field"); name && name->text() == field)
                    return got.at(i).find("lines");
            return std::nullopt;
        };
        for (const toml::Member& member : expected.members)
            node(path + "/" + member.key, member.value, of_field(member.key));
    }

    void array(const std::string& path, const toml::Node& expected, const json::Value& got) {
        if (got.kind() != json::Kind::array) return differs(path, to_text(expected), to_text(got));
        for (std::size_t i = 0; i < std::min(expected.elements.size(), got.size()); ++i)
            node(fmt::format("{}/{}", path, i), expected.elements[i], got.at(i));
        for (std::size_t i = got.size(); i < expected.elements.size(); ++i)
            differs(fmt::format("{}/{}", path, i), to_text(expected.elements[i]), nothing);
        for (std::size_t i = expected.elements.size(); i < got.size(); ++i)
            differs(fmt::format("{}/{}", path, i), std::string(nothing), to_text(got.at(i)));
    }

    void differs(const std::string& path, std::string expected, std::string_view got) {
        found_.push_back({path, std::move(expected), std::string(got)});
    }

    bool whole_;
    std::vector<Difference> found_;
};

/// The parts of two values that are not the same.
void compare_json(const std::string& path, const std::optional<json::Value>& expected,
                  const std::optional<json::Value>& got, std::vector<Difference>& found) {
    if (mapping::same_value(expected, got) && expected.has_value() == got.has_value()) return;
    const auto kind = [](const std::optional<json::Value>& value) { return value ? value->kind() : json::Kind::null; };
    if (expected && got && kind(expected) == json::Kind::object && kind(got) == json::Kind::object) {
        for (std::size_t i = 0; i < expected->size(); ++i)
            compare_json(fmt::format("{}/{}", path, expected->key(i)), expected->at(i), got->find(expected->key(i)),
                         found);
        for (std::size_t i = 0; i < got->size(); ++i)
            if (!expected->find(got->key(i)))
                compare_json(fmt::format("{}/{}", path, got->key(i)), std::nullopt, got->at(i), found);
    } else if (expected && got && kind(expected) == json::Kind::array && kind(got) == json::Kind::array) {
        for (std::size_t i = 0; i < std::max(expected->size(), got->size()); ++i)
            compare_json(fmt::format("{}/{}", path, i),
                         i < expected->size() ? std::optional(expected->at(i)) : std::nullopt,
                         i < got->size() ? std::optional(got->at(i)) : std::nullopt, found);
    } else {
        found.push_back(
            {path, expected ? to_text(*expected) : std::string(nothing), got ? to_text(*got) : std::string(nothing)});
    }
}

}  // namespace

std::vector<Difference> compare(const toml::Node& expected, const json::Value& record, bool whole) {
    Comparison comparison(whole);
    comparison.node("", expected, record);
    return comparison.take();
}

std::vector<Difference> compare(const json::Value& expected, const json::Value& record) {
    std::vector<Difference> found;
    compare_json("", expected, record, found);
    return found;
}

std::vector<Difference> compare(const std::vector<ExpectedBroken>& expected, const std::vector<mapping::Broken>& got) {
    std::vector<Difference> found;
    std::vector<bool> met(got.size(), false);
    for (const ExpectedBroken& rule : expected) {
        bool there = false;
        for (std::size_t i = 0; i < got.size() && !there; ++i) {
            if (met[i] || got[i].pointer != rule.pointer || got[i].message.find(rule.message) == std::string::npos)
                continue;
            there = met[i] = true;
        }
        if (there) continue;
        const auto other = std::ranges::find(got, rule.pointer, &mapping::Broken::pointer);
        found.push_back({rule.pointer, "a broken rule" + (rule.message.empty() ? "" : ": " + rule.message),
                         other == got.end() ? "no broken rule" : "broken: " + other->message});
    }
    for (std::size_t i = 0; i < got.size(); ++i)
        if (!met[i] && std::ranges::find(found, got[i].pointer, &Difference::path) == found.end())
            found.push_back({got[i].pointer, "no broken rule", "broken: " + got[i].message});
    return found;
}

}  // namespace sluice::review
