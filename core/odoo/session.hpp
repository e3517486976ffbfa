#pragma once
// What all lanes of one account share: the user id and the session cookie.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/http/client.hpp"

namespace sluice::odoo {

/// Any thread. A login costs Odoo half a second of processor time, right or wrong, so one lane logs in and the others
/// wait for it and share its outcome. The cookie only makes calls cheaper: it binds them to the database, which spares
/// Odoo a database listing per call; without one everything works.
class SharedSession {
public:
    /// A cookie is asked for again after this many calls, so that an expired one does not slow every later call.
    static constexpr int calls_per_cookie = 1'000;
    /// Where none came, the next try is after this many calls.
    static constexpr int calls_after_no_cookie = 100;

    using Login = std::function<Result<std::int64_t>()>;

    /// The user id, from memory or by `login`. One caller at a time runs its `login`; those who waited get its outcome,
    /// error or not. Failure::cancelled where `cancelled` became true while waiting (see wake()).
    Result<std::int64_t> uid(const Login& login, const std::atomic<bool>& cancelled);
    /// The user id where it is known.
    std::optional<std::int64_t> known_uid() const;
    /// After a refusal: the next call logs in again.
    void forget_uid();
    /// Makes waiters look at their `cancelled`.
    void wake();

    /// Counts one call; true where the caller shall ask for a cookie now (one caller at a time is told so).
    bool wants_cookie();
    /// The end of that asking; "" where none came.
    void set_cookie(std::string cookie);
    /// Takes a cookie an answer set, where it set one.
    void take_cookie(const http::Response& response);
    /// The cookie's value or "".
    std::string cookie() const;

private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<std::int64_t> uid_;
    bool logging_in_ = false;
    std::uint64_t login_round_ = 0;  ///< counts finished logins
    std::optional<Error> last_login_error_;
    std::string cookie_;
    bool fetching_cookie_ = false;
    int calls_until_cookie_ = 0;
};

/// The value of `session_id` in an answer's Set-Cookie headers; "" where there is none that could be one.
std::string session_cookie_of(const http::Response& response);

}  // namespace sluice::odoo
