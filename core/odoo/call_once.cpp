#include "core/odoo/call_once.hpp"

namespace sluice::odoo {
namespace {

Result<bool> is_applied(Caller& odoo, const Probe& probe) {
    const auto found = odoo.call(probe.model, "search_count", "[" + probe.domain + "]", "{}");
    if (!found) return std::unexpected(found.error());
    const auto count = found->root().as_int64();
    if (!count) return fail(Failure::retry, probe.model + ".search_count answered no number");
    return *count > 0;
}

}  // namespace

Result<Once> call_once(Caller& odoo, const ProbedCall& call) {
    const auto before = is_applied(odoo, call.applied);
    if (!before) return std::unexpected(before.error());
    if (*before) return Once::applied;
    const auto answer = odoo.call(call.model, call.method, call.args, call.kwargs);
    if (!answer) return std::unexpected(answer.error());
    const auto after = is_applied(odoo, call.applied);
    // The call was answered: whatever hinders the look, the next attempt looks first.
    if (!after) return std::unexpected(after.error());
    if (*after) return Once::called;
    return fail(Failure::rejected, call.model + "." + call.method + " was answered, but no " + call.applied.model +
                                       " matches its probe " + call.applied.domain +
                                       ": did Odoo ask with a wizard first, or is the probe wrong?");
}

}  // namespace sluice::odoo
