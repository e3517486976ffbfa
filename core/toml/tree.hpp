#pragma once
// A TOML text as a plain tree that remembers where everything stood. toml++ stays behind it: its headers cost seconds a
// file.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/toml/problems.hpp"

namespace sluice::toml {

enum class Kind { text, integer, real, boolean, date_time, array, table };

/// TOML's own name with its article, "a string", "a float": for "... must be an integer; found a string".
std::string_view to_string(Kind kind);

struct Member;

/// One value.
struct Node {
    Kind kind = Kind::table;
    std::string text;             ///< of a text
    std::int64_t integer = 0;     ///< of an integer
    bool boolean = false;         ///< of a boolean
    std::vector<Node> elements;   ///< of an array
    std::vector<Member> members;  ///< of a table, in the order of the text
    Place place;

    /// The member of that name; null where absent. Valid while this node lives and does not change.
    const Member* find(std::string_view key) const;
};

struct Member {
    std::string key;
    Place place;  ///< of the key
    Node value;
};

/// Parses TOML 1.0. A syntax error is a Problem with the parser's words and place. `number` is the text's among several
/// read together (Place::file).
std::expected<Node, Problem> parse(std::string_view text, std::string_view file, int number = 0);

}  // namespace sluice::toml
