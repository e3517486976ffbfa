#pragma once
// Reads the members of one TOML table by name and type, and says what is wrong with them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/contract/problems.hpp"
#include "core/contract/toml_tree.hpp"

namespace sluice::contract {

/// Every key that may stand in the table is asked for once (each call makes it known); finish() then reports the rest
/// as unknown. Getters answer nothing where the key is absent or its value is of the wrong type, which is then a
/// problem already.
class TableReader {
public:
    /// `path` names the table in messages ("flow.order"). A node that is no table is a problem, and reads as an empty
    /// one.
    TableReader(const TomlNode& node, std::string path, Problems& problems);

    const std::string& path() const { return path_; }
    const TomlNode& node() const { return node_; }
    bool has(std::string_view key) const { return is_table_ && node_.find(key) != nullptr; }

    /// The value of any type; null where absent.
    const TomlNode* any(std::string_view key);
    std::optional<std::string> text(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
    bool boolean(std::string_view key, bool otherwise);
    const TomlNode* table(std::string_view key);
    const TomlNode* array(std::string_view key);
    /// A text, or a non-empty array of texts, each with its node for messages.
    std::vector<const TomlNode*> texts(std::string_view key, bool allow_single);
    /// The index of the value in `names`; an unlisted one is a problem with a suggestion.
    std::optional<std::size_t> one_of(std::string_view key, const std::vector<std::string>& names);

    /// Reports the key as missing unless it is there. `what` says what it should hold: "a JSON Pointer".
    void need(std::string_view key, std::string_view what);
    void problem(const TomlNode& at, std::string message) { problems_.add(at.line, at.column, std::move(message)); }
    /// At the key itself.
    void problem(std::string_view key, std::string message);
    /// Reports unknown keys, once everything was asked for.
    void finish();

private:
    const TomlNode* typed(std::string_view key, TomlNode::Kind kind);

    const TomlNode& node_;
    std::string path_;
    Problems& problems_;
    bool is_table_;
    std::vector<std::string> known_;
};

/// False, and a problem at the node, where it is not of this kind. `what` names the thing: "`from`".
bool expect_kind(const TomlNode& node, TomlNode::Kind kind, std::string_view what, Problems& problems);

}  // namespace sluice::contract
