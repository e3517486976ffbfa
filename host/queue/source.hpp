#pragma once
// A broker, as far as a flow's consumer needs one.

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/headers.hpp"
#include "core/base/result.hpp"

namespace sluice::host {

/// One message and its place in its stream, which is the same at every delivery of it.
struct QueueMessage {
    std::string subject, stream;
    std::uint64_t sequence = 0;     ///< in the stream, from 1
    std::int64_t stored_at_ns = 0;  ///< when the broker took it; Unix epoch
    http::Headers headers;
    std::string body;
};

/// Up to where a stream is journalled; (0, 0): not known.
struct QueuePlace {
    std::uint64_t sequence = 0;     ///< the highest journalled
    std::int64_t stored_at_ns = 0;  ///< when the broker took that one; Unix epoch
    bool operator==(const QueuePlace&) const = default;
};

/// A stream as one consumer of it sees it. One owner, one thread. After an error of fetch() or acknowledge(), open()
/// comes next.
///
/// Errors: Failure::retry with `disconnected` where the broker cannot be reached; Failure::auth where it refuses the
/// login; Failure::invalid, which names what would be right, where stream or consumer are not what they should be.
class QueueSource {
public:
    struct Opened {
        /// How long a message may stay unacknowledged before the broker hands it out again.
        std::int64_t ack_wait_ms = 0;
        /// What was handed out, to whomever, and is not acknowledged; of that the broker thinks it is on its way.
        std::int64_t unacknowledged = 0;
        std::uint64_t last_delivered = 0;  ///< the highest sequence number handed out so far
        bool made = false;                 ///< the consumer was not there
    };

    virtual ~QueueSource() = default;

    /// Connects anew, finds the consumer or makes it. What was in hand is let go. One that is made begins a while
    /// before `journalled`, with nothing left out that is not journalled, or with the oldest message where it is not
    /// known.
    virtual Result<Opened> open(const QueuePlace& journalled) = 0;
    /// The next messages, at most `most`, in hand from now on: as soon as there are any, and none where `wait_ms` pass
    /// without one.
    virtual Result<std::vector<QueueMessage>> fetch(int most, std::int64_t wait_ms) = 0;
    /// Tells the broker that what is in hand is done with.
    virtual Result<void> acknowledge() = 0;
    /// Gives back what is in hand, to be handed out again at once. A broker that is gone does that by itself.
    virtual void hand_back() = 0;
    /// Starts the ack wait of what is in hand again.
    virtual void still_working() = 0;
    virtual void close() = 0;
};

}  // namespace sluice::host
