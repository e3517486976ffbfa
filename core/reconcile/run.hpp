#pragma once
// Where a run of a reconciliation stands.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"
#include "core/reconcile/finding.hpp"

namespace sluice::reconcile {

using Repair = contract::ReconcileRule::Repair;

enum class Phase : std::uint8_t {
    listed,  ///< what the vendor changed in the period
    odoo,    ///< what changed in Odoo in the period
    done,
};
/// "listed", "odoo", "done".
std::string_view to_string(Phase phase);
/// "none", "missed", "all".
std::string_view to_string(Repair repair);
std::optional<Repair> parse_repair(std::string_view text);

/// Records seen so far, by what they were.
struct Counts {
    std::int64_t compared = 0, same = 0;
    std::int64_t overtaken = 0;  ///< a newer document was written meanwhile, or came after the period
    std::array<std::int64_t, kinds> found{};
    std::int64_t guarded = 0;   ///< of these, that a guard of the contract keeps from being written
    std::int64_t repaired = 0;  ///< of these, that an event writes again

    std::int64_t of(Kind kind) const { return found.at(static_cast<std::size_t>(kind)); }
    std::int64_t all_found() const;
};

/// A run, as it is kept after each page. Its text is JSON.
struct Run {
    std::string id;  ///< of the event that started it
    std::int64_t from_ms = 0, to_ms = 0;
    Repair repair = Repair::none;
    Phase phase = Phase::listed;
    std::string cursor;      ///< of the vendor's listing; "" is its first page
    std::int64_t after = 0;  ///< the last Odoo id looked at
    std::int64_t pages = 0;
    std::int64_t finding_pages = 0;  ///< states that hold findings (host/plugins/reconcile_state.hpp)
    std::int64_t kept = 0;           ///< findings in them
    std::int64_t started_at_ms = 0, moved_at_ms = 0;
    Counts counts;

    std::string to_json() const;
    /// Nothing where the text is no run.
    static std::optional<Run> parse(std::string_view text);

    /// A page of the vendor's list was looked at; `next` is where the next one begins, "" where there is none.
    void listed(std::string next);
    /// Odoo's records up to this id were looked at.
    void looked_at(std::int64_t last_id, bool more);
    /// Counts it; true where there is room to keep it.
    bool found(const Finding& finding, std::int64_t max_kept);
};

/// "order 2026-11-20T00:00:00.000Z to ...: 120 compared, 117 same, 2 missing, 1 conflict"
std::string to_sentence(const Run& run);

}  // namespace sluice::reconcile
