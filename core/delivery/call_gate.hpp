#pragma once
// Where calls of many threads to one system wait for their turn.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/delivery/adaptive_limit.hpp"
#include "core/delivery/rate_limiter.hpp"
#include "core/delivery/turn_queue.hpp"
#include "core/schedule/weekly_hours.hpp"

namespace sluice::delivery {

/// How many calls one Odoo database gets at one time, at most.
struct CallCeiling {
    static constexpr int default_max_concurrent = 8;

    int max_concurrent = default_max_concurrent;
    struct Lowered {
        schedule::WeeklyHours hours;
        int max_concurrent = 1;
    };
    std::optional<Lowered> lowered;  ///< while these hours last

    /// `unix_ms`: on the wall clock.
    int at(std::int64_t unix_ms) const;
};

/// Keeps the day's count of calls over a restart.
class QuotaStore {
public:
    virtual ~QuotaStore() = default;
    struct Spent {
        std::int64_t until_ms = 0;  ///< Unix time: the calls were made not later
        std::int64_t calls = 0;
    };
    /// What was saved last under this name; nothing where nothing was.
    virtual Result<std::vector<Spent>> load(const std::string& name) = 0;
    /// Returns when it is durable. Called once for a hundredth of the day's calls, by a thread that begins one.
    virtual Result<void> save(const std::string& name, const std::vector<Spent>& spent) = 0;
};

/// Any thread; outlives its permits. Rates and latencies are measured on the steady clock, so the wall clock may jump.
class CallGate {
public:
    /// No call waits longer for its turn (plugin.h, BLOCKING).
    static constexpr std::int64_t max_wait_ms = 1'000;

    struct Limits {
        RateLimits rates;
        std::optional<CallCeiling> ceiling;  ///< nothing: calls under way are not limited by latency
    };

    /// `system` names the other side in messages ("Odoo `main`"), `name` in the store. The clock and the store (null
    /// where no day's count is to be kept) outlive the gate.
    CallGate(std::string system, std::string name, const Clock& clock, Limits limits, QuotaStore* store = nullptr);

    /// From now on; what was counted and learned stays.
    void configure(const Limits& limits);

    /// One call's right to be under way. Ends as said, or, where nothing was said, as one that tells nothing of the
    /// other side.
    class Permit;
    /// Waits for the turn of a call of this connector; `cancelled` becoming true ends the wait (see wake()) with
    /// Failure::cancelled. Failure::rate_limited with `retry_after_ms` after max_wait_ms, or at once where waiting so
    /// long would not help; also where the day's count cannot be kept.
    Result<Permit> acquire(const std::string& connector, const std::atomic<bool>& cancelled);
    /// Makes waiters look at their `cancelled`.
    void wake();

    /// The other side asks for calls to stay away so long: it said so in the answer to one that began just now, or
    /// some time ago. Not above 0: it gave no advice (RateLimiter::refused).
    void asked_to_wait(std::int64_t retry_after_ms);

    /// How long a call that came now would certainly have to wait (0: perhaps not at all), for a scheduler: no promise.
    std::int64_t wait_ms() const;

    struct Status {
        int limit = 0, ceiling = 0;  ///< calls at one time, now and at most; 0: not limited
        int running = 0, waiting = 0;
        std::int64_t closed_for_ms = 0;  ///< no call begins before
        std::string closed_because;
    };
    Status status() const;

private:
    int limit() const;
    std::optional<Closed> closed(std::int64_t now_ms) const;
    bool needs_keeping(std::int64_t now_ms);
    /// Reads the day's count or makes the next calls of it durable, without the lock meanwhile. Nothing: done.
    std::optional<Error> keep(std::unique_lock<std::mutex>& lock, std::int64_t now_ms);
    Error refusal(const std::optional<Closed>& closed, std::int64_t now_ms) const;
    AdaptiveLimit::Call begin(std::int64_t now_ms);

    const std::string system_, name_;
    const Clock& clock_;
    QuotaStore* const store_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    RateLimiter limiter_;
    std::optional<CallCeiling> ceiling_;
    std::optional<AdaptiveLimit> adaptive_;
    TurnQueue queue_;
    bool restored_ = false;  ///< the day's count, from the store
    bool keeping_ = false;   ///< keep() is under way: no call begins
};

/// Movable. One of the ends, or none, may be said once; the destructor gives the place back.
class CallGate::Permit {
public:
    Permit(Permit&& other) noexcept
        : gate_(std::exchange(other.gate_, nullptr)), call_(other.call_), waited_ms_(other.waited_ms_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

    /// When it was given, on the steady clock.
    std::int64_t began_ms() const { return call_.began_ms; }
    /// How long acquire() took.
    std::int64_t waited_ms() const { return waited_ms_; }

    /// It was answered as it should be. `kind`: calls of one kind take about as long as each other.
    void answered(const std::string& kind);
    /// The other side has too much to do, or is not there.
    void overloaded();
    /// It said that there are too many calls. `retry_after_ms` not above 0: without advice.
    void refused(std::int64_t retry_after_ms);

private:
    friend class CallGate;
    Permit(CallGate& gate, AdaptiveLimit::Call call, std::int64_t waited_ms)
        : gate_(&gate), call_(call), waited_ms_(waited_ms) {}
    template <class Tell>
    void end(Tell tell);

    CallGate* gate_;
    AdaptiveLimit::Call call_;
    std::int64_t waited_ms_;
};

}  // namespace sluice::delivery
