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

Result<Grant> SharedSession::enter(const Login& login, const std::atomic<bool>& cancelled) {
    std::unique_lock lock(mutex_);
    for (;;) {
        if (grant_) return *grant_;
        if (refusal_) return std::unexpected(*refusal_);
        if (!logging_in_) break;
        const auto round = login_round_;
        changed_.wait(lock, [&] { return login_round_ != round || cancelled.load(); });
        if (login_round_ == round) return fail(Failure::cancelled, "stopped while waiting for the login to Odoo");
        if (!grant_ && last_login_error_) return std::unexpected(*last_login_error_);
    }
    logging_in_ = true;
    lock.unlock();
    auto outcome = login();
    lock.lock();
    logging_in_ = false;
    ++login_round_;
    last_login_error_.reset();
    if (outcome) {
        keep(std::move(*outcome));
        outcome = *grant_;
    } else if (outcome.error().failure == Failure::auth) {
        refusal_ = last_login_error_ = outcome.error();
    } else if (outcome.error().failure != Failure::cancelled) {
        // Only the lane that logged in was asked to stop: of those who waited for it one logs in itself.
        last_login_error_ = outcome.error();
    }
    lock.unlock();
    changed_.notify_all();
    return outcome;
}

void SharedSession::keep(Grant grant) {
    grant.number = ++grants_;
    grant_ = std::move(grant);
    refusal_.reset();
}

std::optional<Grant> SharedSession::known() const {
    const std::lock_guard lock(mutex_);
    return grant_;
}

void SharedSession::withdraw(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    if (grant_ && grant_->number == number) grant_.reset();
}

void SharedSession::offer(Grant grant) {
    const std::lock_guard lock(mutex_);
    if (!grant_) keep(std::move(grant));
}

void SharedSession::change_session_id(std::uint64_t number, Secret session_id) {
    const std::lock_guard lock(mutex_);
    if (grant_ && grant_->number == number) grant_->session_id = std::move(session_id);
}

void SharedSession::allow_login() {
    const std::lock_guard lock(mutex_);
    refusal_.reset();
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

void SharedSession::take_cookie(std::string cookie) {
    const std::lock_guard lock(mutex_);
    cookie_ = std::move(cookie);
}

std::string SharedSession::cookie() const {
    const std::lock_guard lock(mutex_);
    return cookie_;
}

std::string session_cookie_of(const http::Response& response) {
    static constexpr std::string_view prefix = "session_id=";
    std::string found;
    for (const auto& [name, value] : response.headers) {
        if (to_lower_ascii(name) != "set-cookie" || !value.starts_with(prefix)) continue;
        const auto text = std::string_view(value).substr(prefix.size());
        const auto cookie = trim(text.substr(0, text.find(';')));
        if (cookie.empty() || cookie.size() > max_cookie_length) continue;
        if (std::ranges::all_of(cookie, is_cookie_character)) found = cookie;
    }
    return found;
}

}  // namespace sluice::odoo
