#pragma once
// Reads the members of one TOML table by name and type, and says what is wrong with them.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/toml/problems.hpp"
#include "core/toml/tree.hpp"

namespace sluice::toml {

/// What may stand for several texts besides an array of some.
struct TextsForm {
    bool single = false;  ///< one text without an array
    bool none = false;    ///< an empty array
};

/// Every key that may stand in the table is asked for once (each call makes it known); finish() then reports the rest
/// as unknown. Getters answer nothing where the key is absent or its value is of the wrong type, which is then a
/// problem already. One owner, one thread; the node and the problems outlive it.
class TableReader {
public:
    /// `path` names the table in messages ("flow.order"; "": the whole text). A node that is no table is a problem, and
    /// reads as an empty one.
    TableReader(const Node& node, std::string path, Problems& problems);

    const std::string& path() const { return path_; }
    const Node& node() const { return node_; }
    bool has(std::string_view key) const { return is_table_ && node_.find(key) != nullptr; }
    /// Where the key's value stands, or the table where there is none.
    Place place(std::string_view key) const;

    /// The value of any type; null where absent.
    const Node* any(std::string_view key);
    std::optional<std::string> text(std::string_view key);
    /// An empty text is a problem too.
    std::optional<std::string> filled_text(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
    bool boolean(std::string_view key, bool otherwise);
    const Node* table(std::string_view key);
    /// The tables below the one under `key`: `[key.*]`. What is no table there is a problem and left out.
    std::vector<const Member*> tables(std::string_view key);
    const Node* array(std::string_view key);
    /// The texts of an array, each with its node for messages.
    std::vector<const Node*> texts(std::string_view key, TextsForm form = {});
    /// The index of the value in `names`; an unlisted one is a problem with a suggestion.
    std::optional<std::size_t> one_of(std::string_view key, const std::vector<std::string>& names);

    /// Reports the key as missing unless it is there. `what` says what it should hold: "a JSON Pointer".
    void need(std::string_view key, std::string_view what);
    void problem(const Node& at, std::string message) { problems_.add(at.place, std::move(message)); }
    /// At the key itself.
    void problem(std::string_view key, std::string message);
    /// What nobody has asked for yet.
    std::vector<const Member*> unknown() const;
    /// Reports each of unknown(), once everything was asked for.
    void finish();

private:
    const Node* typed(std::string_view key, Kind kind, std::string_view right);
    const Node* typed(std::string_view key, Kind kind) { return typed(key, kind, to_string(kind)); }

    const Node& node_;
    std::string path_;
    Problems& problems_;
    bool is_table_;
    std::vector<std::string> known_;
};

/// False, and a problem at the node, where it is not of this kind. `what` names the thing: "`from`".
bool expect_kind(const Node& node, Kind kind, std::string_view what, Problems& problems);
/// The same for a text that must not be empty.
bool expect_filled_text(const Node& node, std::string_view what, Problems& problems);

/// "unknown key `nmae` in `contract`; did you mean `name`?", or the keys there are where none is near.
std::string unknown_key(std::string_view key, std::string_view path, std::span<const std::string> known);

}  // namespace sluice::toml
