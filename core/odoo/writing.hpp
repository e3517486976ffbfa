#pragma once
// What RecordWriter settles on the way to one written record; the batch takes the same steps for many at once.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/changes.hpp"
#include "core/odoo/record_writer.hpp"
#include "core/odoo/references.hpp"
#include "core/odoo/resolved.hpp"

namespace sluice::odoo {

/// Records within records; a contract has two or three.
inline constexpr int max_nesting = 8;

/// What two threads must not work on at once. Where natural keys decide they are the identity, whichever connector
/// asks: a new guest of two shops is one partner.
std::string identity_of(const mapping::MappedRecord& record, const std::string& external_id);

/// The nested records among these fields.
std::vector<const mapping::MappedRecord*> nested_in(const std::vector<mapping::Field>& fields);

/// One write(): what it needs, and what it settled on the way. What is passed in outlives it.
class Writing {
public:
    Writing(Caller& odoo, SingleFlight& flights, IdMemory& memory, const std::string& connector, LookupCache* lookups)
        : odoo_(odoo), flights_(flights), memory_(memory), connector_(connector), lookups_(lookups) {}

    /// All of it, as RecordWriter::write says. `depth` of nesting.
    Result<Written> write(const mapping::MappedRecord& record, int depth = 0);
    /// With what was created on the way added to the detail.
    Result<Written> with_nested(Result<Written> written) const;

    // The steps, for who takes them for many records at once.
    /// A nested record that is written already, of the batch.
    void settle(const mapping::MappedRecord& nested, const Written& written);
    /// References and nested records become ids; nested records that are not settled are written.
    Result<ResolvedRecord> resolve(const mapping::MappedRecord& record, const std::string& external_id,
                                   const FoundReferences& found, int depth);
    Result<Written> as_it_is(const mapping::MappedRecord& record, const std::string& external_id, std::int64_t id);
    Result<Written> update(const mapping::MappedRecord& mapped, const ResolvedRecord& record, std::int64_t id);
    /// `load` answered this id, and `newest` was the greatest before: what is not newer was there and is brought up to
    /// date.
    Result<Written> loaded(const mapping::MappedRecord& mapped, const ResolvedRecord& record, std::int64_t id,
                           std::int64_t newest);
    /// The record is written or refused: a refusal is looked into, and what the record must become by methods of its
    /// own comes after.
    Result<Written> conclude(const mapping::MappedRecord& record, std::optional<std::int64_t> existing,
                             Result<Written> written);

private:
    Error unless_gone(const std::string& model, std::optional<std::int64_t> id, Error refusal);
    Result<Written> create(const mapping::MappedRecord& mapped, const ResolvedRecord& record);
    Result<Written> carry_out(const std::vector<mapping::Transition>& transitions, Written written);
    Result<void> apply(const std::string& model, std::int64_t id, const Changes& changes);
    Result<std::vector<ResolvedField>> resolve_fields(const std::vector<mapping::Field>& fields,
                                                      const FoundReferences& found, int depth);
    Result<ResolvedValue> resolve_value(const mapping::FieldValue& value, const FoundReferences& found, int depth);
    Result<std::int64_t> nested_id(const mapping::MappedRecord& record, int depth);

    Caller& odoo_;
    SingleFlight& flights_;
    IdMemory& memory_;
    const std::string& connector_;
    std::map<std::pair<std::string, std::string>, std::int64_t> settled_;
    std::vector<std::string> created_nested_;
    LookupCache* const lookups_;  ///< null: none
    std::vector<FoundReferences::Remembered> remembered_;
};

}  // namespace sluice::odoo
