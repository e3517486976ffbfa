#pragma once
// A thread that does one thing after the other.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace sluice::host {

/// Lifecycle: construct, post() from any thread, stop(), destroy.
class Worker {
public:
    explicit Worker(std::size_t max_queued);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// False where too much waits, or after stop(): `job` will not run.
    bool post(std::function<void()> job);
    /// Does what is queued, then nothing more. Blocking.
    void stop();

private:
    void run();

    const std::size_t max_queued_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::function<void()>> jobs_;  ///< under mutex_
    bool stopping_ = false;                   ///< under mutex_
    std::thread thread_;
};

}  // namespace sluice::host
