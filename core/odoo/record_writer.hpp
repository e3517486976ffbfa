#pragma once
// Writes one mapped record to Odoo so that doing it again changes nothing.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/lookup_cache.hpp"

namespace sluice::odoo {

/// Lets one thread at a time work on one record identity in this process. Any thread; shared by all lanes and
/// connectors of a database.
class SingleFlight {
public:
    /// No lane waits longer for another one's work: it gives its event back and takes another.
    static constexpr std::int64_t default_wait_ms = 1'000;

    explicit SingleFlight(std::int64_t max_wait_ms = default_wait_ms);
    ~SingleFlight();
    /// Held while alive; a second enter() of the same identity waits until the first is gone, and answers
    /// Failure::rate_limited (which counts no attempt) where that takes longer than `max_wait_ms`.
    class Guard;
    Result<std::unique_ptr<Guard>> enter(const std::string& identity);

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
    std::int64_t max_wait_ms_;
};

/// Leaves on destruction, by any thread; may outlive its SingleFlight.
class SingleFlight::Guard {
public:
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

private:
    friend class SingleFlight;
    Guard(std::shared_ptr<Impl> flights, std::string identity);
    std::shared_ptr<Impl> flights_;
    std::string identity_;
};

/// Where the delivery remembers which database id an external id got (connector state, committed with the
/// acknowledgement). A memory is a hint: RecordWriter checks it against Odoo before it trusts it.
class IdMemory {
public:
    virtual ~IdMemory() = default;
    virtual std::optional<std::int64_t> recall(const std::string& external_id) = 0;
    virtual void remember(const std::string& external_id, std::int64_t id) = 0;
};

struct Written {
    enum class What { created, updated, unchanged, skipped } what = What::unchanged;
    std::int64_t id = 0;
    std::string model;
    std::string detail;  ///< for the operator: "created sale.order 12", "updated sale.order 12: order_line 3
                         ///< price_unit 10.50 -> 9.00", ...
};

/// True of a failure that says nothing about the next record; any other is about Odoo or us, and would meet it too.
bool concerns_one_record(Failure failure);

/// Plain calls, as a plain user may make them (no read on ir.model.data). Algorithm:
///  1. references: natural keys by one search_read per model; nested records found, else created through `load`,
///  single-flight per identity;
///  2. the record itself: remembered id, else candidates by natural key, each confirmed by `get_external_id`;
///  3. absent: one `load` of header and lines with external ids on each (atomic, repeatable); present: read, compare,
///  one typed
///     `write` of the header and the lines that differ (each with all its mapped fields, since Odoo computes some from
///     others) and removal of lines as the mapping says, then `load` of lines that are new;
///  4. a protected record that would change is rejected or skipped, with the differences named;
///  5. once it is written, transitions: methods of the record are called until a field has the value it must reach.
/// Blocking; one owner, one thread.
class RecordWriter {
public:
    /// `connector` becomes part of every external id: `__sluice__.<connector>_<external_id>`. With `lookups` references
    /// that were found lately are not asked for again; where Odoo refuses a record and one of them is gone, it is
    /// forgotten and the failure is Failure::retry.
    RecordWriter(Caller& odoo, SingleFlight& flights, IdMemory& memory, std::string connector,
                 LookupCache* lookups = nullptr);
    Result<Written> write(const mapping::MappedRecord& record);

    /// One record of several, and who remembers its id. Both outlive write_all().
    struct Write {
        const mapping::MappedRecord* record = nullptr;
        IdMemory* memory = nullptr;
    };
    /// What write() of each in order would leave behind and answer, in fewer calls: references and existing records are
    /// asked for together, and what is new is created by one `load` for all whose columns are the same. A `load` that
    /// is refused is halved until the record that is to blame is alone: it gets the refusal, the others are written.
    /// Where a call fails otherwise (no connection, an unknown outcome) every record it was for has that failure, and
    /// the rest "not tried" with the same class (an unknown outcome's rest is Failure::retry: nothing was sent of it).
    std::vector<Result<Written>> write_all(const std::vector<Write>& writes);

private:
    Caller& odoo_;
    SingleFlight& flights_;
    IdMemory& memory_;
    std::string connector_;
    LookupCache* lookups_;
};

}  // namespace sluice::odoo
