#include "core/odoo/session.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/odoo/client.hpp"

namespace sluice::odoo {
namespace {

/// Longer than any Odoo sends (84 characters in 18 and 19).
constexpr std::size_t max_cookie_length = 256;

bool is_cookie_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
}

}  // namespace

std::shared_ptr<SharedSession> make_shared_session() {
    return std::make_shared<SharedSession>();
}

Result<std::int64_t> SharedSession::uid(const Login& login, const std::atomic<bool>& cancelled) {
    std::unique_lock lock(mutex_);
    if (uid_) return *uid_;
    if (logging_in_) {
        const auto round = login_round_;
        changed_.wait(lock, [&] { return login_round_ != round || cancelled.load(); });
        if (login_round_ == round) return fail(Failure::cancelled, "stopped while waiting for the login to Odoo");
        if (uid_) return *uid_;
        if (last_login_error_) return std::unexpected(*last_login_error_);
        return fail(Failure::retry, "the login to Odoo was withdrawn while waiting for it");
    }
    logging_in_ = true;
    lock.unlock();
    auto outcome = login();
    lock.lock();
    logging_in_ = false;
    ++login_round_;
    if (outcome) {
        uid_ = *outcome;
        last_login_error_.reset();
    } else {
        last_login_error_ = outcome.error();
        // Only the lane that logged in was asked to stop; those who waited for it try themselves.
        if (outcome.error().failure == Failure::cancelled) {
            last_login_error_ =
                Error{.failure = Failure::retry, .message = "the lane that logged in to Odoo was stopped"};
        }
    }
    lock.unlock();
    changed_.notify_all();
    return outcome;
}

std::optional<std::int64_t> SharedSession::known_uid() const {
    const std::lock_guard lock(mutex_);
    return uid_;
}

void SharedSession::forget_uid() {
    const std::lock_guard lock(mutex_);
    uid_.reset();
}

void SharedSession::wake() {
    // Taking the lock orders this after a waiter's look at its flag.
    { const std::lock_guard lock(mutex_); }
    changed_.notify_all();
}

bool SharedSession::wants_cookie() {
    const std::lock_guard lock(mutex_);
    if (calls_until_cookie_ > 0) --calls_until_cookie_;
    if (calls_until_cookie_ > 0 || fetching_cookie_) return false;
    fetching_cookie_ = true;
    return true;
}

void SharedSession::set_cookie(std::string cookie) {
    const std::lock_guard lock(mutex_);
    fetching_cookie_ = false;
    calls_until_cookie_ = cookie.empty() ? calls_after_no_cookie : calls_per_cookie;
    cookie_ = std::move(cookie);
}

void SharedSession::take_cookie(const http::Response& response) {
    auto cookie = session_cookie_of(response);
    if (cookie.empty()) return;
    const std::lock_guard lock(mutex_);
    cookie_ = std::move(cookie);
}

std::string SharedSession::cookie() const {
    const std::lock_guard lock(mutex_);
    return cookie_;
}

std::string session_cookie_of(const http::Response& response) {
    static constexpr std::string_view prefix = "session_id=";
    for (const auto& [name, value] : response.headers) {
        if (to_lower_ascii(name) != "set-cookie" || !value.starts_with(prefix)) continue;
        const auto text = std::string_view(value).substr(prefix.size());
        const auto cookie = trim(text.substr(0, text.find(';')));
        if (cookie.empty() || cookie.size() > max_cookie_length) continue;
        if (std::ranges::all_of(cookie, is_cookie_character)) return std::string(cookie);
    }
    return {};
}

}  // namespace sluice::odoo
