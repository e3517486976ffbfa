#pragma once
// How far each queue is journalled, in files of the data directory.

#include <filesystem>

#include "host/queue/places.hpp"

namespace sluice::host {

/// A file CONNECTOR.FLOW in `folder` (made with mode 0700 where it is missing), replaced as a whole, durably. One that
/// cannot be read is an error, not a stream that was never read; the message names it.
class QueueFiles final : public QueuePlaces {
public:
    explicit QueueFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}
    Result<QueuePlace> load(const std::string& connector, const std::string& flow, const QueueNames& names) override;
    Result<void> save(const std::string& connector, const std::string& flow, const QueueNames& names,
                      const QueuePlace& place) override;

private:
    std::filesystem::path folder_;
};

}  // namespace sluice::host
