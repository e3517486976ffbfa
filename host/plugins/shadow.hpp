#pragma once
// Shadow mode: what a flow would have written beside whoever writes now, as the journal keeps it.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/plugins/dry_run.hpp"
#include "host/plugins/odoo_access.hpp"

namespace sluice::host {

/// The record as it can be compared with one that somebody else wrote: found by its natural keys whatever external id
/// it has, its lines paired in their order, protected by nothing. The records it refers to likewise.
mapping::MappedRecord for_comparison(const mapping::MappedRecord& record);

/// A dry way to Odoo that compares so. The dry one outlives it.
class ComparedOdoo final : public OdooAccess {
public:
    explicit ComparedOdoo(OdooAccess& dry) : dry_(dry) {}
    odoo::Caller& caller() override { return dry_.caller(); }
    Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                const mapping::MappedRecord& record) override {
        return dry_.write(through, memory, for_comparison(record));
    }
    Result<mapping::MappedRecord> in_its_names(const mapping::MappedRecord& record) override {
        return dry_.in_its_names(record);
    }
    bool probe() override { return dry_.probe(); }
    void cancel() override { dry_.cancel(); }

private:
    OdooAccess& dry_;
};

/// Another try of such a failure would end the same: the document is to blame.
inline bool is_of_the_document(Failure failure) {
    return failure == Failure::invalid || failure == Failure::rejected;
}

/// One shadowed event.
struct Shadowed {
    enum class Kind {
        same,       ///< nothing would be written
        different,  ///< something that is there would be changed
        create,     ///< the record is not there
        call,       ///< the external system would be called
        fails,      ///< it would be a dead letter: `why`
        stopped,    ///< it cannot be followed: `why`
    };
    Kind kind = Kind::same;
    std::string why;
    std::vector<Difference> differences;  ///< values cut; of a new record its name alone
    std::size_t more = 0;                 ///< differences that found no room
};

/// "same", "different", "create", "call", "fails", "stopped".
std::string_view to_string(Shadowed::Kind kind);

/// What came of a delivery over dry ways. `model`: of the flow's own record, "" where it has none.
Shadowed shadowed(const DryRunReport& report, std::string_view model);
/// An event's outcome: "shadow: " and a sentence for people, a line break, and JSON; fits into the journal's message.
/// What is there now and what would be, and how records are called, stands behind the line break alone.
std::string to_outcome(const Shadowed& shadowed);
/// The same, read; nothing where the outcome is of no shadowed event.
std::optional<Shadowed> read_shadowed(std::string_view outcome);

}  // namespace sluice::host
