#pragma once
// Up to where each flow's stream is journalled, kept beside the journal.

#include <string>

#include "core/base/result.hpp"
#include "host/queue/names.hpp"
#include "host/queue/source.hpp"

namespace sluice::host {

/// A broker may lose its consumer, and with it how far it was read. What is kept is never beyond the journal, and may
/// be a little behind it. Any thread, one thread at a time for one flow.
class QueuePlaces {
public:
    virtual ~QueuePlaces() = default;

    /// Nothing known where none was kept, or of other `names`: who reads another stream, consumer or subject begins
    /// anew.
    virtual Result<QueuePlace> load(const std::string& connector, const std::string& flow, const QueueNames& names) = 0;
    virtual Result<void> save(const std::string& connector, const std::string& flow, const QueueNames& names,
                              const QueuePlace& place) = 0;
};

}  // namespace sluice::host
