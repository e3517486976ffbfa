#include "host/config/table_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::host {

void Problems::add(Place place, std::string message) {
    list.push_back({.file = file, .line = place.line, .column = place.column, .message = std::move(message)});
}

Place place_of(const toml::node& node) {
    const auto begin = node.source().begin;
    return {.line = static_cast<int>(begin.line), .column = static_cast<int>(begin.column)};
}

std::string_view kind_of(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "an array";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "an integer";
        case toml::node_type::floating_point:
            return "a float";
        case toml::node_type::boolean:
            return "a boolean";
        case toml::node_type::date:
        case toml::node_type::time:
        case toml::node_type::date_time:
            return "a date or time";
        case toml::node_type::none:
            break;
    }
    return "nothing";
}

TableReader::TableReader(const toml::table& table, std::string where, Problems& problems)
    : table_(table), where_(std::move(where)), problems_(problems) {}

const toml::node* TableReader::find(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
}

void TableReader::wrong(const toml::node& node, std::string_view key, std::string_view right) {
    problems_.add(place_of(node), fmt::format("`{}` is {}; give {}", key, kind_of(node), right));
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return {};
    const auto* value = node->as_string();
    if (!value) {
        wrong(*node, key, "a string");
        return {};
    }
    if (value->get().empty()) {
        problems_.add(place_of(*node), fmt::format("`{}` is empty; give a text", key));
        return {};
    }
    return value->get();
}

std::optional<std::string> TableReader::choice(std::string_view key, const std::vector<std::string>& choices) {
    const auto value = text(key);
    if (!value || std::ranges::find(choices, *value) != choices.end()) return value;
    problems_.add(place(key), fmt::format("`{}` is `{}`; choose one of {}{}", key, *value, fmt::join(choices, ", "),
                                          did_you_mean(*value, choices)));
    return {};
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
    const toml::node* node = find(key);
    if (!node) return {};
    const auto right = fmt::format("an integer from {} to {}", least, most);
    const auto* value = node->as_integer();
    if (!value) {
        wrong(*node, key, right);
        return {};
    }
    if (value->get() < least || value->get() > most) {
        problems_.add(place_of(*node), fmt::format("`{}` is {}; give {}", key, value->get(), right));
        return {};
    }
    return value->get();
}

std::optional<bool> TableReader::boolean(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return {};
    const auto* value = node->as_boolean();
    if (!value) {
        wrong(*node, key, "true or false");
        return {};
    }
    return value->get();
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return {};
    const auto* array = node->as_array();
    if (!array) {
        wrong(*node, key, "an array of strings");
        return {};
    }
    std::vector<std::string> found;
    for (const toml::node& element : *array) {
        const auto* value = element.as_string();
        if (!value || value->get().empty()) {
            problems_.add(place_of(element), fmt::format("an element of `{}` is {}; give a string that is not empty",
                                                         key, value ? "empty" : kind_of(element)));
            continue;
        }
        found.push_back(value->get());
    }
    return found;
}

std::optional<SecretSource> read_secret_source(const toml::node& node, std::string_view key,
                                               const std::filesystem::path& folder, Problems& problems) {
    constexpr std::string_view right = "give { env = \"NAME\" } or { file = \"PATH\" }";
    const toml::table* table = node.as_table();
    if (!table) {
        // Whatever stands here may be the secret itself: it is not repeated.
        problems.add(place_of(node), fmt::format("`{}` is a secret and must not be written here; {}", key, right));
        return {};
    }
    const auto* environment = table->get("env");
    const auto* file = table->get("file");
    const auto* value = environment ? environment : file;
    if (table->size() != 1 || !value || !value->is_string() || value->as_string()->get().empty()) {
        problems.add(place_of(node), fmt::format("`{}` names no place to read the secret from; {}", key, right));
        return {};
    }
    const std::string& name = value->as_string()->get();
    if (environment) return SecretSource{.kind = SecretSource::Kind::environment, .name = name};
    return SecretSource{.kind = SecretSource::Kind::file, .name = (folder / name).string()};
}

std::optional<SecretSource> TableReader::secret(std::string_view key, const std::filesystem::path& folder) {
    const toml::node* node = find(key);
    if (!node) return {};
    return read_secret_source(*node, key, folder, problems_);
}

const toml::table* TableReader::table(std::string_view key) {
    const toml::node* node = find(key);
    if (!node) return nullptr;
    if (!node->is_table()) wrong(*node, key, "a table");
    return node->as_table();
}

void TableReader::require(std::string_view key, std::string_view right) {
    if (table_.contains(key)) return;
    problems_.add(place(), fmt::format("{} has no `{}`; give {}", where_, key, right));
}

Place TableReader::place(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return node ? place_of(*node) : place();
}

Place TableReader::place() const {
    return place_of(table_);
}

std::vector<std::string> TableReader::unknown() const {
    std::vector<std::string> found;
    for (const auto& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) == known_.end()) found.emplace_back(key.str());
    }
    return found;
}

void TableReader::finish() {
    for (const auto& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) != known_.end()) continue;
        auto hint = did_you_mean(key.str(), known_);
        if (hint.empty()) hint = fmt::format("; known here: {}", fmt::join(known_, ", "));
        const auto begin = key.source().begin;
        problems_.add({.line = static_cast<int>(begin.line), .column = static_cast<int>(begin.column)},
                      fmt::format("unknown key `{}` in {}{}", key.str(), where_, hint));
    }
}

}  // namespace sluice::host
