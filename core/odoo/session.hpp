#pragma once
// What all lanes of one account share: what the login gave, and the anonymous cookie that makes /jsonrpc cheaper.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/credentials/secret.hpp"
#include "core/http/client.hpp"
#include "core/odoo/client.hpp"

namespace sluice::odoo {

/// What a login gave.
struct Grant {
    std::int64_t uid = 0;                           ///< of the account in res.users
    Secret session_id;                              ///< web session: Odoo's authenticated session; empty for the others
    std::uint64_t number = 0;                       ///< counts the logins of this SharedSession, from 1; set by it
    ProtocolName protocol = ProtocolName::jsonrpc;  ///< by which it was got, and calls are made; never `automatic`
};

/// Any thread. A login costs Odoo half a second of processor time, right or wrong, so one lane logs in and the others
/// wait for it and share its outcome, whichever the protocol. A refusal (Failure::auth) is remembered: it is
/// everybody's answer, without a call, until allow_login().
class SharedSession {
public:
    /// A cookie is asked for again after this many calls, so that an expired one does not slow every later call.
    static constexpr int calls_per_cookie = 1'000;
    /// Where none came, the next try is after this many calls.
    static constexpr int calls_after_no_cookie = 100;

    using Login = std::function<Result<Grant>()>;

    /// The grant, from memory or by `login`. One caller at a time runs its `login`; those who waited get its outcome,
    /// error or not, except that where the caller who ran it was cancelled one of them runs its own. Failure::cancelled
    /// where `cancelled` became true while waiting (see wake()).
    Result<Grant> enter(const Login& login, const std::atomic<bool>& cancelled);
    /// The grant where there is one.
    std::optional<Grant> known() const;
    /// This grant is worth nothing any more: the next enter() logs in. Nothing happens where a later one is there: many
    /// lanes find one session gone, and one of them renews it.
    void withdraw(std::uint64_t number);
    /// Keeps what a login outside of enter() (a probe's) gave, where there is none. Ends a refusal.
    void offer(Grant grant);
    /// Odoo gave the session of this grant another id (18 and 19 change it every few hours).
    void change_session_id(std::uint64_t number, Secret session_id);
    /// Ends a refusal: somebody has put the account right (`sluice connectors resume`), so the next enter() logs in.
    void allow_login();
    /// Makes waiters look at their `cancelled`.
    void wake();

    /// Counts one call; true where the caller shall ask for an anonymous cookie now (one caller at a time is told so).
    /// The cookie only makes /jsonrpc cheaper: it binds calls to the database, which spares Odoo a database listing per
    /// call; without one everything works.
    bool wants_cookie();
    /// The end of that asking; "" where none came.
    void set_cookie(std::string cookie);
    /// Takes a cookie an answer set instead.
    void take_cookie(std::string cookie);
    /// The anonymous cookie's value or "".
    std::string cookie() const;

private:
    void keep(Grant grant);

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Grant> grant_;
    std::uint64_t grants_ = 0;
    std::optional<Error> refusal_;  ///< of the account; nothing is tried while it stands
    bool logging_in_ = false;
    std::uint64_t login_round_ = 0;          ///< counts finished logins of enter()
    std::optional<Error> last_login_error_;  ///< for those who waited
    std::string cookie_;
    bool fetching_cookie_ = false;
    int calls_until_cookie_ = 0;
};

/// The value of `session_id` in an answer's Set-Cookie headers (40 hex digits in 16 and 17, 84 characters of base64url
/// in 18 and 19), the last one where there are several; "" where there is none that could be one.
std::string session_cookie_of(const http::Response& response);

}  // namespace sluice::odoo
