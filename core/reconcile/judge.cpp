#include "core/reconcile/judge.hpp"

#include "core/base/timestamp.hpp"

namespace sluice::reconcile {
namespace {

/// Without what decides among equal ones: a document that is listed has no such mark.
std::string_view plain(std::string_view revision) {
    return revision.substr(0, revision.find(revision_tie_mark));
}

}  // namespace

Verdict judge(const Seen& seen) {
    const auto applied = plain(seen.applied);
    const int newer = compare_revisions(seen.revision, applied);
    if (newer < 0) return Verdict::overtaken;
    if (!seen.there) return Verdict::missing;
    if (!seen.differs) return Verdict::same;
    return newer == 0 || applied.empty() ? Verdict::conflict : Verdict::stale;
}

bool is_repaired(const Finding& finding, contract::ReconcileRule::Repair repair) {
    using Repair = contract::ReconcileRule::Repair;
    if (repair == Repair::none || !finding.guard.empty()) return false;
    if (finding.kind == Kind::extra || finding.kind == Kind::broken) return false;
    if (repair == Repair::all) return true;
    const bool never_written = compare_revisions(finding.revision, plain(finding.applied)) > 0;
    return finding.kind != Kind::conflict && never_written;
}

}  // namespace sluice::reconcile
