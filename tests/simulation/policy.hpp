#pragma once
// What a verdict must mean, from the table in core/delivery/README.md: said here a second time.

#include <optional>

#include "core/delivery/engine.hpp"

namespace sluice::simulation {

/// The end that a verdict must lead to.
struct ExpectedEnd {
    journal::Finish::Kind kind = journal::Finish::Kind::done;
    bool counts = false;
    bool unknown = false;
    std::int64_t earliest_ms = 0, latest_ms = 0;  ///< for `again`: of its next attempt
};

struct VerdictSeen {
    std::optional<Error> error;
    bool outage = false;  ///< of an Odoo database that there is
    bool external_outage = false;
    bool stopping = false;
    std::int64_t now_ms = 0;
};

ExpectedEnd expected_end(const delivery::RetryPolicy& policy, const journal::EventSummary& event,
                         const VerdictSeen& verdict);
/// Empty, or how `finish` differs from what is expected.
std::string difference(const ExpectedEnd& expected, const journal::Finish& finish, bool holds_key);

}  // namespace sluice::simulation
