#pragma once
// Fields whose names differ between Odoo's versions: one table, used by who writes records and by who checks contracts.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/mapping/record.hpp"

namespace sluice::odoo {

/// From version `since` on the model's field `from` is named `to`.
struct VersionName {
    std::string model, from, to;
    int since = 0;
    /// Not "": the new field does not mean quite the same, for this reason, so that nobody may take it for the old one
    /// unasked. Such an entry is for messages only.
    std::string note;
};

/// Immutable; any thread. The entries are data (contracts/odoo/version_names.json): this room names no model.
class VersionNames {
public:
    VersionNames() = default;
    explicit VersionNames(std::vector<VersionName> entries) : entries_(std::move(entries)) {}
    /// [{"model", "from", "to", "since", "note"}, ...]; Failure::invalid says which entry is wrong.
    static Result<VersionNames> parse(std::string_view text);

    /// What the field, named as in any version, is named in this one; itself where no entry (without a note) knows it.
    std::string in_version(std::string_view model, std::string_view field, int version) const;
    /// The entry that has the field under its other name, also one with a note; null where there is none.
    const VersionName* find(std::string_view model, std::string_view field) const;
    /// Whether the record, or one it refers to, has a field of the table: only then the version must be known.
    bool concern(const mapping::MappedRecord& record) const;
    /// The record with its fields, its lines' and its search keys' first steps in the names of this version.
    mapping::MappedRecord in_version(const mapping::MappedRecord& record, int version) const;

private:
    std::vector<VersionName> entries_;
};

}  // namespace sluice::odoo
