#pragma once
// The day's counts of calls, in files of the data directory.

#include <filesystem>

#include "core/delivery/admission_control.hpp"
#include "host/config/resolve.hpp"

namespace sluice::host {

/// A file a name in `folder` (made with mode 0700 where it is missing): a line a moment and a number of calls. Each is
/// replaced as a whole, durably. Any thread, one thread at a time for one name. A file that cannot be read is an error,
/// not a new day; the message names it, and an operator may delete it.
class QuotaFiles final : public delivery::QuotaStore {
public:
    explicit QuotaFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<std::vector<Spent>> load(const std::string& name) override;
    Result<void> save(const std::string& name, const std::vector<Spent>& spent) override;

private:
    std::filesystem::path folder_;
};

/// What a configuration says of connectors and databases, for admission.
delivery::AdmissionControl::Setup admission_of(const Setup& setup);

}  // namespace sluice::host
