// How a delivery ends: the plugin's status, and what the host saw on the way.

#include "host/plugins/host_delivery.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {

Error HostDelivery::failure(sluice_status status) const {
    Error error{.failure = to_failure(status)};
    if (explained_ && !explanation_.empty()) {
        error.message = explanation_;
        error.retry_after_ms = retry_after_ms_;
    } else if (last_failure_ && last_failure_->code == status) {
        error.message = last_failure_->message;
        error.retry_after_ms = last_failure_->retry_after_ms;
    } else {
        error.message = "the plugin answered status " + std::to_string(status) + " and no reason";
    }
    if (status < 100 || status >= 500)
        error.message =
            "the plugin answered status " + std::to_string(status) + ", which is of no class: " + error.message;
    return error;
}

Error HostDelivery::setup_error(sluice_status status) const {
    return failure(status);
}

delivery::Verdict HostDelivery::verdict(sluice_status status) {
    delivery::Verdict verdict;
    verdict.external_answered = external_is_there_;
    if (status == SLUICE_OK) {
        for (const auto& detail : done_) verdict.outcome += (verdict.outcome.empty() ? "" : "; ") + detail;
        if (explained_ && !explanation_.empty())
            verdict.outcome += (verdict.outcome.empty() ? "" : "; ") + explanation_;
        if (verdict.outcome.empty()) verdict.outcome = "handled";
        verdict.emitted = std::move(emitted_);
        verdict.state = state_.puts();
        verdict.applied_revision = claim_->event.revision;
        return verdict;
    }
    Error error = failure(status);
    // What a vendor says in an answer's body only the plugin can read: it holds for every lane of the account.
    const bool vendor_asks = error.failure == Failure::rate_limited && explained_ && external_answered_;
    if (vendor_asks && error.retry_after_ms > 0)
        lane_.admission.external(lane_.connector.name)->asked_to_wait(error.retry_after_ms);
    if (error.failure == Failure::cancelled && !stopping()) {
        // Uncounted it would come again for ever.
        error.failure = reached_ ? Failure::unknown : Failure::retry;
        error.message = "the plugin answered CANCELLED, and nobody stops it: " + error.message;
    } else if (error.failure == Failure::cancelled && reached_) {
        error.failure = Failure::unknown;
        error.message += " (after something was sent)";
    }
    error.disconnected = lost_odoo_ || lost_http_;
    const bool in_doubt = error.failure == Failure::retry || error.failure == Failure::unknown;
    if (error.disconnected && in_doubt && !stopping() && !lost_another_than_the_account()) {
        const bool answers = lost_odoo_ ? lane_.odoo.probe() : lane_.http.probe(*lost_http_);
        // A probe that the stop has ended says nothing.
        (lost_odoo_ ? verdict.outage : verdict.external_outage) = !answers && !stopping();
        verdict.external_answered = external_is_there_ || (!lost_odoo_ && answers);
    }
    verdict.error = std::move(error);
    return verdict;
}

delivery::Verdict HostDelivery::verdict_after_exception() {
    explain(
        "the plugin let an exception out of handle(), which its ABI forbids (plugin.h, UNWIND); what it had done is "
        "unknown",
        -1);
    return verdict(SLUICE_UNKNOWN);
}

}  // namespace sluice::host
