#pragma once
// What threads tell the engine.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/delivery/engine.hpp"

namespace sluice::delivery {

/// Inputs in the order they came. Any thread posts; the dispatcher's thread takes. Its length is bounded by the lanes
/// and probers, which wait for answers; appends are remembered once per flow.
class Inbox {
public:
    using Input = std::function<void(Engine&, std::int64_t now_ms)>;

    void post(Input input);
    void post_appended(const std::string& connector, const std::string& flow);
    /// No more wait() after what is posted.
    void close();

    struct Batch {
        std::vector<Input> inputs;
        std::set<std::pair<std::string, std::string>> appended;  ///< connector and flow
        bool closed = false;
    };
    /// Waits until something is posted, at most `timeout_ms` (by the steady clock).
    Batch wait(std::int64_t timeout_ms);

private:
    std::mutex mutex_;
    std::condition_variable wake_;
    Batch batch_;
};

}  // namespace sluice::delivery
