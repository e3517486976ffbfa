#include "core/contract/extension.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "core/base/text.hpp"
#include "core/contract/extension_fields.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {
namespace {

/// What happens to a value an extension gives.
enum class How { set, config_key, narrow, timetable, field, lines, checks };

struct Allowed {
    const char* path;  ///< keys by ".", "*" for any name
    How how;
};

/// The whole of what an extension may say. Tables on the way to these are open, everything else is the contract's.
constexpr Allowed allowed[] = {
    {"limits.per_second", How::set},
    {"limits.per_minute", How::set},
    {"limits.per_day", How::set},
    {"limits.concurrent", How::set},
    {"config.*", How::config_key},
    {"flow.*.help", How::set},
    {"flow.*.error_owner", How::set},
    {"flow.*.retry.base_ms", How::set},
    {"flow.*.retry.cap_ms", How::set},
    {"flow.*.retry.limit", How::set},
    {"flow.*.dead_letter.holds_key", How::set},
    {"flow.*.priority", How::set},
    {"flow.*.deadline", How::set},
    {"flow.*.batch.max", How::set},
    {"flow.*.batch.wait", How::set},
    {"flow.*.retention.payload", How::set},
    {"flow.*.retention.ids", How::set},
    {"flow.*.schedule", How::timetable},
    {"flow.*.reconcile.schedule", How::set},
    {"flow.*.reconcile.period", How::set},
    {"flow.*.reconcile.repair", How::set},
    {"flow.*.reconcile.domain", How::narrow},
    {"flow.*.odoo_change.every", How::set},
    {"flow.*.odoo_change.overlap", How::set},
    {"flow.*.odoo_change.sweep", How::set},
    {"flow.*.odoo_change.domain", How::narrow},
    {"flow.*.record.fields.*", How::field},
    {"flow.*.record.lines", How::lines},
    {"flow.*.records.*.fields.*", How::field},
    {"flow.*.records.*.lines", How::lines},
    {"flow.*.record.checks", How::checks},
    {"flow.*.records.*.checks", How::checks},
    {"flow.*.document.fields.*", How::field},
    {"flow.*.document.checks", How::checks},
};

std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t dot = std::min(path.find('.', start), path.size());
        parts.push_back(path.substr(start, dot - start));
        start = dot + 1;
    }
    return parts;
}

bool begins(const std::vector<std::string_view>& pattern, const std::vector<std::string>& path) {
    if (path.size() > pattern.size()) return false;
    for (std::size_t i = 0; i < path.size(); ++i)
        if (pattern[i] != "*" && pattern[i] != path[i]) return false;
    return true;
}

class Extender {
public:
    Extender(toml::Node& contract, toml::Problems& problems) : contract_(contract), problems_(problems) {}

    void run(const toml::Node& extension) {
        toml::TableReader root(extension, "", problems_);
        root.need("extension", "the table that names the `contract` it extends");
        if (const toml::Node* head = root.table("extension")) read_head(*head);
        for (const toml::Member& member : extension.members)
            if (member.key != "extension") step(member, &contract_);
    }

private:
    void read_head(const toml::Node& node) {
        toml::TableReader head(node, "extension", problems_);
        head.need("contract", "the name of the contract it extends");
        const auto text_of = [this](std::string_view key) {
            const toml::Node* text = node_at(contract_, {"contract", key});
            return text == nullptr ? std::string() : text->text;
        };
        if (const auto name = head.text("contract"); name && *name != text_of("name"))
            head.problem(*head.any("contract"),
                         fmt::format("this contract is `{}`, and the extension is for `{}`", text_of("name"), *name));
        if (const auto version = head.text("version"); version && promise(*version) != promise(text_of("version")))
            head.problem(
                *head.any("version"),
                fmt::format("the extension was written for version {} of the contract, and this is {}: look at "
                            "what changed (sluice contract diff), then say so here",
                            *version, text_of("version")));
        head.finish();
    }

    /// The part of a version that breaking changes raise: "1" of 1.2.3, "0.2" of 0.2.3.
    static std::string promise(const std::string& version) {
        const auto first = version.find('.');
        return version.starts_with("0.") ? version.substr(0, version.find('.', first + 1)) : version.substr(0, first);
    }

    /// `into` is the contract's table the member would be in.
    void step(const toml::Member& member, toml::Node* into) {
        path_.push_back(member.key);
        one(member, *into);
        path_.pop_back();
    }

    void one(const toml::Member& member, toml::Node& into) {
        bool on_the_way = false;
        for (const Allowed& each : allowed) {
            const auto pattern = split(each.path);
            if (!begins(pattern, path_)) continue;
            if (pattern.size() == path_.size()) return apply(each.how, member, into);
            on_the_way = true;
        }
        if (!on_the_way) return refuse(member, into);
        if (!expect_kind(member.value, toml::Kind::table, fmt::format("`{}`", path()), problems_)) return;
        toml::Member* target = find(into, member.key);
        if (target == nullptr && is_named()) return no_such(member, into);
        if (target == nullptr) {
            into.members.push_back({member.key, member.place, {}});
            target = &into.members.back();
            target->value.place = member.value.place;
        }
        for (const toml::Member& inner : member.value.members) step(inner, &target->value);
    }

    /// Whether the last key of the path is a name that the contract gives, or a part of it that must be there.
    bool is_named() const {
        const std::string& last = path_.back();
        return path_.size() > 1 &&
               (path_[path_.size() - 2] == "flow" || path_[path_.size() - 2] == "records" || last == "record" ||
                last == "records" || last == "document" || last == "odoo_change" || last == "reconcile");
    }

    void no_such(const toml::Member& member, const toml::Node& into) {
        const std::string& parent = path_[path_.size() - 2];
        std::vector<std::string> names;
        for (const toml::Member& there : into.members) names.push_back(there.key);
        if (parent != "flow" && parent != "records")
            return problems_.add(member.place,
                                 fmt::format("the contract has no `{}`, so it cannot be extended", path()));
        const auto near = did_you_mean(member.key, names);
        problems_.add(member.place, fmt::format("the contract has no {} `{}`{}", parent == "flow" ? "flow" : "record",
                                                member.key, near.empty() ? "; it has " + list_names(names) : near));
    }

    void refuse(const toml::Member& member, const toml::Node& into) {
        std::vector<std::string> open;
        for (const Allowed& each : allowed) {
            const auto pattern = split(each.path);
            const std::vector<std::string> parent(path_.begin(), path_.end() - 1);
            if (!begins(pattern, parent) || pattern.size() == parent.size()) continue;
            const std::string name(pattern[parent.size()]);
            if (name != "*" && std::ranges::find(open, name) == open.end()) open.push_back(name);
        }
        const bool is_contracts = into.find(member.key) != nullptr;
        const auto near = did_you_mean(member.key, open);
        const std::string right = !near.empty() && !is_contracts ? near : "; it may change " + list_names(open);
        problems_.add(member.place,
                      is_contracts
                          ? fmt::format("`{}` is the contract's own: an extension cannot change it{}", path(), right)
                          : fmt::format("an extension cannot say `{}`{}", path(), right));
    }

    void apply(How how, const toml::Member& member, toml::Node& into) {
        switch (how) {
            case How::set:
                return set(member, into);
            case How::config_key:
                return config_key(member, into);
            case How::narrow:
            case How::checks:
                return append(member, into);
            case How::timetable:
                return timetable(member, into);
            case How::field:
                return extend_field(member, into, record_of(path_.size() - 2), path(), problems_);
            case How::lines:
                return extend_lines(member, into, path(), problems_);
        }
    }

    static toml::Member* find(toml::Node& table, std::string_view key) {
        const auto found = std::ranges::find(table.members, key, &toml::Member::key);
        return found == table.members.end() ? nullptr : &*found;
    }

    static void set(const toml::Member& member, toml::Node& into) {
        if (toml::Member* there = find(into, member.key))
            *there = member;
        else
            into.members.push_back(member);
    }

    void config_key(const toml::Member& member, toml::Node& into) {
        toml::Member* there = find(into, member.key);
        if (!expect_kind(member.value, toml::Kind::table, fmt::format("`{}`", path()), problems_)) return;
        if (there == nullptr) {
            if (const toml::Node* type = node_at(member.value, {"type"}); type != nullptr && type->text == "secret")
                problems_.add(type->place, "a secret of an extension would be used by nothing");
            return into.members.push_back(member);
        }
        for (const toml::Member& inner : member.value.members) {
            if (inner.key == "default" || inner.key == "help") {
                set(inner, there->value);
            } else {
                problems_.add(
                    inner.place,
                    fmt::format("`{}.{}` is the contract's own: of its keys an extension may change `default` "
                                "and `help`",
                                path(), inner.key));
            }
        }
    }

    /// Terms of a domain beside each other must all hold, so more of them watch less; a check more refuses more.
    void append(const toml::Member& member, toml::Node& into) {
        if (!expect_kind(member.value, toml::Kind::array, fmt::format("`{}`", path()), problems_)) return;
        toml::Member* there = find(into, member.key);
        if (there == nullptr || there->value.kind != toml::Kind::array) return set(member, into);
        auto& terms = there->value.elements;
        terms.insert(terms.end(), member.value.elements.begin(), member.value.elements.end());
    }

    /// A cron expression takes the place of an interval, and the other way round.
    void timetable(const toml::Member& member, toml::Node& into) {
        toml::Member* there = find(into, member.key);
        if (there == nullptr) return no_such(member, into);
        if (!expect_kind(member.value, toml::Kind::table, fmt::format("`{}`", path()), problems_)) return;
        for (const toml::Member& inner : member.value.members) {
            const auto other = [&](std::string_view key) {
                return inner.key == "cron" ? key == "every" : key != "missed";
            };
            if (inner.key == "cron" || inner.key == "every")
                std::erase_if(there->value.members, [&](const toml::Member& old) {
                    return old.key != inner.key && other(old.key) && old.place.file != inner.place.file;
                });
            set(inner, there->value);
        }
    }

    /// The contract's record that a path of so many keys leads to.
    const toml::Node& record_of(std::size_t length) const {
        const toml::Node* node = &contract_;
        for (std::size_t i = 0; i < length; ++i) node = &node->find(path_[i])->value;
        return *node;
    }

    std::string path() const { return fmt::format("{}", fmt::join(path_, ".")); }

    toml::Node& contract_;
    toml::Problems& problems_;
    std::vector<std::string> path_;
};

}  // namespace

std::expected<ContractText, std::vector<Problem>> read_extended_contract(std::string_view contract,
                                                                         std::string_view contract_file,
                                                                         std::string_view extension,
                                                                         std::string_view extension_file) {
    // What is wrong with the contract by itself is not the extension's.
    auto text = read_contract(contract, contract_file);
    if (!text) return text;
    const auto tree = toml::parse(extension, extension_file, 1);
    if (!tree) return std::unexpected(std::vector{tree.error()});
    text->files.emplace_back(extension_file);
    toml::Problems problems(text->files);
    Extender(text->tree, problems).run(*tree);
    if (!problems.empty()) return std::unexpected(problems.take());
    auto extended = parse_contract(text->tree, text->files);
    if (!extended) return std::unexpected(std::move(extended.error()));
    text->contract = std::move(*extended);
    return text;
}

}  // namespace sluice::contract
