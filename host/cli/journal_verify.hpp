#pragma once
// `sluice journal verify --crash N`: the journal's promise, tried on the operator's own disk.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>

namespace CLI {
class App;
}

namespace sluice::host {

struct CrashProof {
    int crashes = 1;
    std::filesystem::path folder = ".";                ///< exists; what is made in it is removed where all was proved
    std::filesystem::path program = "/proc/self/exe";  ///< run as `PROGRAM journal crash-workload --file F --crash N`
    std::uint64_t seed = 0;                            ///< of the instants to kill at
};

/// Starts a process that appends and finishes events and says what was acknowledged, kills it at a random instant,
/// opens the journal and compares; again and again. Says on `out` what was proved, in numbers, and what cannot be.
/// Answers the exit status: 0 proved; 1 something was lost, or it could not be tried (why is on `errors`), and the
/// folder is kept.
int verify_by_crashing(const CrashProof& proof, std::ostream& out, std::ostream& errors);

/// `sluice journal ...`; `choose` is given what to run where one of these commands was meant.
void add_journal_commands(CLI::App& app, const std::function<void(std::function<int()>)>& choose);

}  // namespace sluice::host
