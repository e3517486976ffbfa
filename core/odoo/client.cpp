#include "core/odoo/client.hpp"

#include <algorithm>
#include <atomic>

#include "core/base/crash_point.hpp"
#include "core/odoo/session.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo {
namespace {

/// A probe and a cookie are worth less waiting than a call.
constexpr std::int64_t max_probe_ms = 30'000;
constexpr std::int64_t max_cookie_ms = 10'000;

/// The places where a test may kill the process around a method call.
class CrashPoints final : public http::SendObserver {
public:
    void before_send() override { crash_point(CrashPoint::odoo_before_send); }
    void after_send() override { crash_point(CrashPoint::odoo_after_send); }
    void after_answer() override { crash_point(CrashPoint::odoo_after_answer); }
};

}  // namespace

struct Client::Impl {
    Account account;
    std::shared_ptr<SharedSession> session;
    http::Client http;
    std::int64_t last_id = 0;
    std::atomic<bool> cancelled = false;

    Impl(Account given, std::shared_ptr<SharedSession> shared)
        : account(std::move(given)), session(std::move(shared)), http(account.endpoint) {}

    http::Request request(std::string method, std::string target) const {
        http::Request out{.method = std::move(method), .target = std::move(target), .timeouts = account.timeouts};
        // From 19 on it spares Odoo the database listing, before that it is ignored.
        out.headers.emplace_back("X-Odoo-Database", account.database);
        return out;
    }

    /// A GET of the login page binds a new session to the database without a password. `debug=1` makes Odoo keep the
    /// session: on a server with one database it otherwise hands out a cookie that it has not stored
    /// (docs/verified.md: 9.7 ms a call become 3.6).
    void fetch_cookie() {
        auto page = request("GET", "/web/login?db=" + wire::encode_query_value(account.database) + "&debug=1");
        page.idempotent = true;
        page.timeouts.total_ms = std::min(page.timeouts.total_ms, max_cookie_ms);
        const auto response = http.send(page);
        session->set_cookie(response ? session_cookie_of(*response) : std::string());
    }

    wire::Decoded post(std::int64_t id, std::string body, bool read_only, std::int64_t max_total_ms,
                       http::SendObserver* observer = nullptr) {
        auto message = request("POST", "/jsonrpc");
        message.headers.emplace_back("Content-Type", "application/json");
        if (const auto cookie = session->cookie(); !cookie.empty()) {
            message.headers.emplace_back("Cookie", "session_id=" + cookie);
        }
        message.body = std::move(body);
        message.idempotent = read_only;
        message.timeouts.total_ms = std::min(message.timeouts.total_ms, max_total_ms);
        const auto response = http.send(message, observer);
        if (!response) return {.result = std::unexpected(response.error()), .error_name = {}};
        session->take_cookie(*response);
        return wire::decode_answer(*response, id);
    }

    wire::Decoded login_call(std::int64_t max_total_ms) {
        const auto id = ++last_id;
        return post(id, wire::encode_login(id, account.database, account.login, account.api_key.reveal()), true,
                    max_total_ms);
    }

    /// Nothing is applied by a read or a login, so its outcome cannot be unknown.
    Error settled(Error error) const {
        if (error.failure != Failure::unknown) return error;
        error.failure = cancelled.load() ? Failure::cancelled : Failure::retry;
        return error;
    }

    Result<std::int64_t> login() {
        const auto answer = login_call(account.timeouts.total_ms);
        if (!answer.result) return std::unexpected(settled(answer.result.error()));
        const auto uid = answer.result->root().as_int64();
        if (uid && *uid > 0) return *uid;
        return fail(Failure::auth, "Odoo refused the login of `" + account.login + "` to database `" +
                                       account.database + "`: check the login and its API key");
    }

    Result<std::int64_t> uid() {
        return session->uid([this] { return login(); }, cancelled);
    }
};

Client::Client(Account account, std::shared_ptr<SharedSession> session)
    : impl_(std::make_unique<Impl>(std::move(account), std::move(session))) {}

Client::~Client() = default;

Result<json::Document> Client::call(std::string_view model, std::string_view method, std::string_view args,
                                    std::string_view kwargs) {
    if (impl_->session->wants_cookie()) impl_->fetch_cookie();
    const auto uid = impl_->uid();
    if (!uid) return std::unexpected(uid.error());

    const auto id = ++impl_->last_id;
    const wire::Caller caller{
        .database = impl_->account.database, .uid = *uid, .api_key = impl_->account.api_key.reveal()};
    auto body = wire::encode_execute(id, caller, model, method, args, kwargs);
    if (!body) return std::unexpected(body.error());
    const bool read_only = wire::is_read_only(method);
    CrashPoints crash_points;
    auto answer = impl_->post(id, std::move(*body), read_only, impl_->account.timeouts.total_ms, &crash_points);
    if (answer.result) return std::move(answer.result);

    auto error = read_only ? impl_->settled(answer.result.error()) : answer.result.error();
    if (error.failure == Failure::auth) impl_->session->forget_uid();
    error.message = std::string(model) + "." + std::string(method) + ": " + error.message;
    return std::unexpected(std::move(error));
}

bool Client::probe() {
    const auto uid = impl_->session->known_uid();
    if (!uid) {
        const auto answer = impl_->login_call(max_probe_ms);
        return answer.result.has_value() || answer.error_name.starts_with("odoo.exceptions.");
    }
    const auto id = ++impl_->last_id;
    const wire::Caller caller{
        .database = impl_->account.database, .uid = *uid, .api_key = impl_->account.api_key.reveal()};
    auto body = wire::encode_execute(id, caller, "res.users", "search_count",
                                     "[[[\"id\",\"=\"," + std::to_string(*uid) + "]]]", "{}");
    if (!body) return false;
    const auto answer = impl_->post(id, std::move(*body), true, max_probe_ms);
    // Whatever the ORM refuses, it was there to refuse it.
    return answer.result.has_value() || answer.error_name.starts_with("odoo.exceptions.");
}

void Client::cancel() {
    impl_->cancelled.store(true);
    impl_->http.cancel();
    impl_->session->wake();
}

void Client::reset() {
    impl_->cancelled.store(false);
    impl_->http.reset();
}

}  // namespace sluice::odoo
