#pragma once
// Reads the keys of one TOML table and notes what is wrong with them. Private to this room: it knows toml++.

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/config/configuration.hpp"

namespace sluice::host {

/// Where problems go.
struct Problems {
    std::string file;
    std::vector<Problem> list;
    void add(Place place, std::string message);
};

Place place_of(const toml::node& node);
/// "a string", "an integer", ...: how a message calls a node.
std::string_view kind_of(const toml::node& node);

/// One owner; every key asked for counts as known, and finish() reports the others.
class TableReader {
public:
    /// `where` is how messages call the table: "[host]".
    TableReader(const toml::table& table, std::string where, Problems& problems);

    /// A text that is not empty; nothing (and a problem where it is present and no such text) otherwise.
    std::optional<std::string> text(std::string_view key);
    std::optional<std::string> choice(std::string_view key, const std::vector<std::string>& choices);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
    std::optional<bool> boolean(std::string_view key);
    std::optional<std::vector<std::string>> texts(std::string_view key);
    /// A secret's source; a file's path is made relative to `folder`. A plain text is a problem that does not repeat
    /// it.
    std::optional<SecretSource> secret(std::string_view key, const std::filesystem::path& folder);
    const toml::table* table(std::string_view key);

    /// Notes a problem where the key is absent. `right` says what would be right.
    void require(std::string_view key, std::string_view right);
    /// Where the key's value stands, or the table where there is none.
    Place place(std::string_view key) const;
    Place place() const;
    /// Keys nobody asked for.
    std::vector<std::string> unknown() const;
    /// Reports each of unknown().
    void finish();

private:
    const toml::node* find(std::string_view key);
    void wrong(const toml::node& node, std::string_view key, std::string_view right);

    const toml::table& table_;
    std::string where_;
    Problems& problems_;
    std::vector<std::string> known_;
};

/// A node that is `{ env = "NAME" }` or `{ file = "PATH" }`; nothing and a problem where it is not.
std::optional<SecretSource> read_secret_source(const toml::node& node, std::string_view key,
                                               const std::filesystem::path& folder, Problems& problems);

}  // namespace sluice::host
