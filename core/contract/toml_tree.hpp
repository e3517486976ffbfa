#pragma once
// A TOML text as a plain tree that remembers where everything stood. toml++ stays behind it: its headers cost seconds a
// file.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

struct TomlMember;

/// One value. Lines and columns count from 1.
struct TomlNode {
    enum class Kind { text, integer, real, boolean, date_time, array, table } kind = Kind::table;
    std::string text;                 ///< of a text
    std::int64_t integer = 0;         ///< of an integer
    bool boolean = false;             ///< of a boolean
    std::vector<TomlNode> elements;   ///< of an array
    std::vector<TomlMember> members;  ///< of a table, in the order of the text
    int line = 0, column = 0;

    /// The member of that name; null where absent. Valid while this node lives and does not change.
    const TomlMember* find(std::string_view key) const;
};

struct TomlMember {
    std::string key;
    int line = 0, column = 0;  ///< of the key
    TomlNode value;
};

/// "a text", "a table": for "... must be an integer; found a text".
std::string_view to_string(TomlNode::Kind kind);

/// Parses TOML 1.0. A syntax error is a Problem with the parser's words and place.
std::expected<TomlNode, Problem> parse_toml(std::string_view text, std::string_view file);

}  // namespace sluice::contract
