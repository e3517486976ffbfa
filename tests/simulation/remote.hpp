#pragma once
// An Odoo database, or a vendor's system: what was done there, and the calls under way to it.

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/base/result.hpp"
#include "tests/simulation/checked_journal.hpp"
#include "tests/simulation/timeline.hpp"

namespace sluice::simulation {

/// One outward step of an event.
struct Effect {
    std::string identity;  ///< of the record it changes
    std::string revision;  ///< "" where the event has none
    std::string key;       ///< the same on every attempt
    std::int64_t seq = 0;
};

/// How a call ends for its caller.
struct Reply {
    enum class Kind : std::uint8_t {
        ok,       ///< written; or looked, and `found` says what is there
        nobody,   ///< no connection: nothing was sent
        lost,     ///< the connection ended after the request was sent
        timeout,  ///< no answer in time
        busy,
        limited,
        rejected,
        refused,  ///< the account
        session,  ///< the session is gone
    } kind = Kind::ok;
    bool found = false;
    std::int64_t retry_after_ms = -1;
};

/// Between whatever it is asked and its answer a call takes time, and may go wrong. A request has its effect before its
/// caller's time is over, or never; and where the caller dies, before whoever looks next. Only where it `compares_keys`
/// (an idempotency key, a unique id) may a request land long after that: it then does nothing where another attempt was
/// faster, and makes that attempt's do nothing where it was faster itself. Without such a key no look helps.
class Remote {
public:
    static constexpr std::int64_t timeout_ms = 30'000;

    Remote(const Environment& environment, Timeline& timeline, std::string name, bool compares_keys)
        : environment_(environment), timeline_(timeline), name_(std::move(name)), compares_keys_(compares_keys) {}

    struct Call {
        int host = 0, life = 0;
        bool writes = false;
        int session = 0;
        Fate fate = Fate::fine;
        Effect effect;
        /// A step of the caller's.
        std::function<void(Reply)> answer;
        /// The request kills the process that sent it.
        std::function<void()> kill_caller;
        /// Another event of the record was given up in doubt: nobody knows what is there.
        std::function<bool()> tolerates_older;
    };
    /// The number of the call, where its request is under way.
    std::int64_t call(Call call);
    /// The caller does not wait any more: what it sent lands now or never (or much later).
    void give_up(std::int64_t call);
    /// The same for all that the dead had sent.
    void caller_died(int host);

    const std::string& name() const { return name_; }
    bool is_up() const { return up_; }
    void go_down(std::int64_t for_ms);
    void come_up() { up_ = true; }
    bool refuses() const { return refuses_; }
    void refuse(bool refuses) { refuses_ = refuses; }
    int session() const { return session_; }
    void expire_sessions() { ++session_; }
    bool has(const std::string& key) const { return effects_.contains(key); }
    std::int64_t effects() const { return static_cast<std::int64_t>(effects_.size()); }

private:
    enum class Course : std::uint8_t {
        plain,
        request_lost,
        answer_lost,
        slow,
        hangs,
        hangs_undone,
        hangs_for_long,
        limited,
        busy
    };
    Course draw_course() const;
    void land(std::int64_t id, Course course, std::int64_t began_ms);
    /// It lands when nobody waits for it any more.
    void land_late(Call call, std::int64_t delay_ms);
    Reply carry_out(const Call& call);
    void apply(const Call& call);
    std::int64_t answer(const Call& call, std::int64_t delay_ms, Reply reply);

    Environment environment_;
    Timeline& timeline_;
    std::string name_;
    bool compares_keys_;
    bool up_ = true, refuses_ = false;
    int session_ = 1, outage_ = 0;
    std::map<std::string, std::int64_t> effects_;  ///< by key: the event
    std::map<std::string, std::string> newest_;    ///< by identity: the newest revision applied
    std::set<std::string> late_;                   ///< keys of requests that land late, or have
    std::map<std::int64_t, Call> under_way_;
    std::int64_t last_call_ = 0;
};

}  // namespace sluice::simulation
