#pragma once
// What two sides of a record say together.

#include <optional>
#include <string>

#include "core/contract/contract.hpp"
#include "core/reconcile/finding.hpp"

namespace sluice::reconcile {

/// One document of the vendor, and what was seen of it in Odoo.
struct Seen {
    bool there = false;    ///< Odoo has the record
    bool differs = false;  ///< and it is not what the document says
    std::string revision;  ///< the document's
    std::string applied;   ///< the newest revision that was written to Odoo; "": none is known
};

enum class Verdict : std::uint8_t {
    same,
    overtaken,  ///< a newer document was written while this one was listed
    missing,
    stale,
    conflict,
};

/// A record that is there, and of whose writing nothing is known any more (retention), is a conflict where it differs:
/// nobody can tell that the change in Odoo is not the newer one.
Verdict judge(const Seen& seen);

/// Whether a repair writes this finding again. Nothing guarded, no extra and nothing broken ever is. `missed`: only
/// what was never written in this revision, which is what a lost event would have brought; `all`: also what somebody
/// changed or removed in Odoo.
bool is_repaired(const Finding& finding, contract::ReconcileRule::Repair repair);

}  // namespace sluice::reconcile
