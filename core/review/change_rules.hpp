#pragma once
// The table of breaking and compatible changes: what each key of a contract promises.

#include <string>
#include <vector>

#include "core/review/changes.hpp"
#include "core/toml/tree.hpp"

namespace sluice::review {

/// How a key's value is compared.
enum class Compared {
    whole,     ///< as one value
    group,     ///< a table: member by member
    members,   ///< the same, but as a whole where it is not there on one side
    elements,  ///< an array as a set of texts: what was added, what was removed
};

/// What a change of one key means. `judge` decides instead where it is set; a null node is a key that is not there.
struct ChangeRule {
    const char* path;  ///< keys by ".", "*" for any one, "**" at the end for any number of them
    Compared compared = Compared::whole;
    Impact added = Impact::breaking, removed = Impact::breaking, changed = Impact::breaking;
    const char* otherwise = nullptr;  ///< the value it has where it is not there
    Impact (*judge)(const toml::Node* before, const toml::Node* after) = nullptr;
};

/// The rule of a key. What the table does not know is breaking: a new key of the format is looked at before it is
/// called harmless.
const ChangeRule& rule_of(const std::vector<std::string>& path);

/// Every rule, in the order they are tried.
const std::vector<ChangeRule>& change_rules();

}  // namespace sluice::review
