#pragma once
// Faults to order: what a call meets instead of its answer. Thread-safe.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

enum class FaultKind {
    refuse,            // the connection is reset before the request is read (for `count` connections)
    hang,              // the request is read, nothing is applied, no answer comes
    hang_after_apply,  // applied and durable, no answer comes
    die_before_apply,  // closed without a byte, nothing applied
    die_after_apply,   // applied and durable, then closed without a byte
    expire,            // all sessions forgotten, then the call goes on
    revoke_key,        // all API keys forgotten, then the call goes on: AccessDenied
    html_page,         // `status` with an HTML `body`; nothing applied
    conflict,          // SerializationFailure; `load` answers 200 with ids false and the message (FACTS section 5)
    slow,              // answered after `delay_ms`
    pg_down,           // psycopg2.OperationalError, connection refused (FACTS section 4); a session's call: 404, HTML
    truncate,          // applied; half of the body, then closed
    user_error,        // odoo.exceptions.UserError with `message`; nothing applied
    lost_commit,  // applied; psycopg2.InterfaceError, as of a server that is stopped within the call (FACTS section 6)
    // A long transaction: the call takes its stamp when it arrives, then waits for a release; only then its body runs,
    // commits and is answered. Until then it holds nothing and others see nothing of it; after it, records of an older
    // write_date have appeared. (Not PostgreSQL's snapshot: the body reads what was committed meanwhile.)
    commit_late,
};

struct Fault {
    FaultKind kind = FaultKind::slow;
    // Matching: empty means any. `method` is the model's method (execute_kw, call_kw), the service's ("login"), or
    // "authenticate" (/web/session/authenticate).
    std::string model = {};
    std::string method = {};
    std::string path = {};   // e.g. "/web/login"; empty: RPC calls only
    std::int64_t skip = 0;   // matching calls that pass first ("nth" 3 is skip 2)
    std::int64_t count = 1;  // how many calls it hits; 0: until cleared
    std::int64_t delay_ms = 0;
    int status = 502;
    std::string body = {};
    std::string message = {};
};

// What a fault is matched against.
struct FaultSubject {
    std::string path;
    std::string model;
    std::string method;
};

class Faults {
public:
    // Returns an id for `remove`.
    std::int64_t inject(Fault fault);
    void clear();
    // The first fault that hits the call, counted down. Refusals are asked for by refuse().
    std::optional<Fault> take(const FaultSubject& subject);
    bool refuse();
    std::int64_t fired() const;
    // Lets the waiting calls of commit_late go on and returns when they have committed; how many they were.
    std::int64_t release();
    // Blocks until release() (true: released_call_ended() must follow), or until clear() or `stopped` says so (false:
    // the call applies nothing).
    bool wait_for_release(const std::atomic<bool>& stopped);
    void released_call_ended();
    std::int64_t held() const;
    // Grows with every clear(): a hanging call ends when it changes.
    std::int64_t generation() const;
    json::array describe() const;

private:
    struct Armed {
        std::int64_t id;
        Fault fault;
    };
    std::optional<Fault> spend(std::size_t at);

    mutable std::mutex mutex_;
    std::vector<Armed> armed_;
    std::int64_t next_id_ = 1;
    std::int64_t fired_ = 0;
    std::int64_t generation_ = 0;
    std::int64_t releases_ = 0;
    std::int64_t held_ = 0;
    std::int64_t running_ = 0;  // released, not yet committed
};

std::optional<FaultKind> fault_kind(std::string_view name);
std::string_view fault_name(FaultKind kind);
// Reads {"kind": "hang", "match": {"method": ..., "model": ..., "path": ..., "nth": 2, "count": 3}, ...}; throws
// std::invalid_argument for what it does not know.
Fault parse_fault(const json::object& spec);

}  // namespace sluice::sim
