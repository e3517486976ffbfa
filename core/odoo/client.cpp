#include "core/odoo/client.hpp"

#include <algorithm>
#include <atomic>

#include "core/base/crash_point.hpp"
#include "core/odoo/errors.hpp"
#include "core/odoo/protocol.hpp"
#include "core/odoo/server_version.hpp"
#include "core/odoo/session.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo {
namespace {

/// A probe and a cookie are worth less waiting than a call.
constexpr std::int64_t max_probe_ms = 30'000;
constexpr std::int64_t max_cookie_ms = 10'000;

/// The places where a test may kill the process around a method call ("sale.order.load").
class CrashPoints final : public http::SendObserver {
public:
    explicit CrashPoints(std::string method) : method_(std::move(method)) {}
    void before_send() override { crash_point(CrashPoint::odoo_before_send, method_); }
    void after_send() override { crash_point(CrashPoint::odoo_after_send, method_); }
    void after_answer() override { crash_point(CrashPoint::odoo_after_answer, method_); }

private:
    std::string method_;
};

/// What came of a method call.
struct Answer {
    Result<json::Document> result;
    std::string error_name;  ///< as Decoded's
    bool session_is_gone = false;
};

/// What came of a login.
struct LoginAnswer {
    Result<Grant> grant;
    bool database_answered = false;
};

/// Whatever the ORM refuses, it was there to refuse it.
bool is_from_database(std::string_view error_name) {
    return error_name.starts_with("odoo.exceptions.") || error_name == "werkzeug.exceptions.Unauthorized";
}

/// Every protocol of one account, by its name.
class Protocols {
public:
    explicit Protocols(const Account& account)
        : jsonrpc_(make_jsonrpc(account)), json2_(make_json2(account)), web_session_(make_web_session(account)) {}

    const Protocol& operator[](ProtocolName name) const {
        if (name == ProtocolName::web_session) return *web_session_;
        return name == ProtocolName::json2 ? *json2_ : *jsonrpc_;
    }

private:
    const std::unique_ptr<Protocol> jsonrpc_, json2_, web_session_;
};

}  // namespace

struct Client::Impl {
    const Account account;
    const Protocols protocols{account};
    const std::shared_ptr<SharedSession> session;
    http::Client http;
    std::int64_t last_id = 0;
    std::atomic<bool> cancelled = false;

    Impl(Account given, std::shared_ptr<SharedSession> shared)
        : account(std::move(given)), session(std::move(shared)), http(account.endpoint, account.max_response_bytes) {}

    Result<http::Response> send(http::Request request, std::int64_t max_total_ms, http::SendObserver* observer) {
        request.timeouts = account.timeouts;
        request.timeouts.total_ms = std::min(request.timeouts.total_ms, max_total_ms);
        return http.send(request, observer);
    }

    /// Before the first login by `automatic` there is no telling whether one is of use: the login fetches it.
    void fetch_cookie() {
        const auto grant = session->known();
        const auto name = grant ? grant->protocol : account.protocol;
        if (name != ProtocolName::automatic) fetch_cookie(name);
    }

    void fetch_cookie(ProtocolName name) {
        auto page = protocols[name].cookie_page();
        if (!page || !session->wants_cookie()) return;
        const auto response = send(std::move(*page), max_cookie_ms, nullptr);
        session->set_cookie(response ? session_cookie_of(*response) : std::string());
    }

    /// The anonymous one; a web session has none.
    void add_cookie(http::Request& request) const {
        const auto cookie = session->cookie();
        if (!cookie.empty()) request.headers.emplace_back("Cookie", "session_id=" + cookie);
    }

    void take_cookie(const Grant& grant, const http::Response& response) {
        auto cookie = session_cookie_of(response);
        if (cookie.empty()) return;
        if (grant.session_id.empty()) {
            session->take_cookie(std::move(cookie));
        } else {
            session->change_session_id(grant.number, Secret(std::move(cookie)));
        }
    }

    Answer ask(const Grant& grant, const wire::Call& call, std::int64_t max_total_ms,
               http::SendObserver* observer = nullptr) {
        const auto id = ++last_id;
        const auto& protocol = protocols[grant.protocol];
        auto request = protocol.call(id, grant, call);
        if (!request) return {.result = std::unexpected(request.error()), .error_name = {}};
        if (grant.protocol == ProtocolName::jsonrpc) add_cookie(*request);
        request->idempotent = wire::is_read_only(call.method);
        const auto response = send(std::move(*request), max_total_ms, observer);
        if (!response) return {.result = std::unexpected(response.error()), .error_name = {}};
        auto decoded = protocol.decode(*response, id, &call);
        if (decoded.result) take_cookie(grant, *response);
        const bool gone = !decoded.result && protocol.is_session_gone(*response, decoded.error_name);
        return {std::move(decoded.result), std::move(decoded.error_name), gone};
    }

    /// The best protocol of the server that answers now.
    Result<ProtocolName> find_protocol(std::int64_t max_total_ms) {
        auto timeouts = account.timeouts;
        timeouts.total_ms = std::min(timeouts.total_ms, max_total_ms);
        const auto version = ask_version(http, timeouts);
        if (!version) return std::unexpected(version.error());
        return version->major == 0 ? ProtocolName::jsonrpc : choose_protocol(ProtocolName::automatic, version->major);
    }

    LoginAnswer login(std::int64_t max_total_ms) {
        auto name = account.protocol;
        if (name == ProtocolName::automatic) {
            const auto found = find_protocol(max_total_ms);
            if (!found) return {std::unexpected(login_error(found.error())), false};
            name = *found;
            fetch_cookie(name);
        }
        const auto& protocol = protocols[name];
        const auto id = ++last_id;
        auto answer = send_login(protocol, protocol.login(id), id, max_total_ms);
        if (answer.grant) answer.grant->protocol = name;
        return answer;
    }

    LoginAnswer send_login(const Protocol& protocol, http::Request request, std::int64_t id,
                           std::int64_t max_total_ms) {
        add_cookie(request);
        request.idempotent = true;
        const auto response = send(std::move(request), max_total_ms, nullptr);
        if (!response) return {std::unexpected(login_error(response.error())), false};
        const auto decoded = protocol.decode(*response, id, nullptr);
        if (decoded.result) return {protocol.read_login(*response, decoded.result->root()), true};
        const bool refused = decoded.error_name == "odoo.exceptions.AccessDenied" ||
                             decoded.error_name == "werkzeug.exceptions.Unauthorized";
        auto error = refused ? refused_login(account) : login_error(decoded.result.error());
        if (decoded.error_name.empty()) {
            if (auto better = ask_again(protocol, max_total_ms)) error = login_error(std::move(*better));
        }
        return {std::unexpected(std::move(error)), is_from_database(decoded.error_name)};
    }

    /// Where a page answered a login: the error that blames the account, if there is one.
    std::optional<Error> ask_again(const Protocol& protocol, std::int64_t max_total_ms) {
        const auto id = ++last_id;
        auto request = protocol.second_opinion(id);
        if (!request) return std::nullopt;
        request->idempotent = true;
        const auto response = send(std::move(*request), max_total_ms, nullptr);
        if (!response) return std::nullopt;
        auto decoded = wire::decode_answer(*response, id);
        if (decoded.result || decoded.result.error().failure != Failure::auth || decoded.error_name.empty()) {
            return std::nullopt;
        }
        return decoded.result.error();
    }

    /// Nothing is applied by a read or a login, so its outcome cannot be unknown.
    Error settled(Error error) const {
        if (error.failure != Failure::unknown) return error;
        error.failure = cancelled.load() ? Failure::cancelled : Failure::retry;
        return error;
    }

    /// What is wrong with a login is wrong with the account or the configuration, never with the record it is for.
    Error login_error(Error error) const {
        error = settled(std::move(error));
        if (error.failure == Failure::rejected || error.failure == Failure::invalid) error.failure = Failure::auth;
        error.message = "the login of `" + account.login + "` to database `" + account.database + "`: " + error.message;
        return error;
    }

    Error call_error(const wire::Call& call, const Answer& answer) const {
        auto error = wire::is_read_only(call.method) ? settled(answer.result.error()) : answer.result.error();
        error.message = call.model + "." + call.method + ": " + error.message;
        if (answer.session_is_gone && error.failure == Failure::retry) {
            error.message += "; so it was with a new session: do several Odoo servers answer here that share none?";
        }
        return error;
    }
};

Client::Client(Account account, std::shared_ptr<SharedSession> session)
    : impl_(std::make_unique<Impl>(std::move(account), std::move(session))) {}

Client::~Client() = default;

Result<json::Document> Client::call(std::string_view model, std::string_view method, std::string_view args,
                                    std::string_view kwargs) {
    const auto call = wire::make_call(model, method, args, kwargs, impl_->account.context);
    if (!call) return std::unexpected(call.error());
    impl_->fetch_cookie();
    const auto& session = impl_->session;
    const auto total_ms = impl_->account.timeouts.total_ms;
    CrashPoints crash_points(std::string(model) + "." + std::string(method));
    for (bool renewed = false;; renewed = true) {
        const auto grant = session->enter([&] { return impl_->login(total_ms).grant; }, impl_->cancelled);
        if (!grant) return std::unexpected(grant.error());
        auto answer = impl_->ask(*grant, *call, total_ms, &crash_points);
        if (answer.result) return std::move(answer.result);
        const bool renew = answer.session_is_gone && !renewed;
        auto error = impl_->call_error(*call, answer);
        if (renew || error.failure == Failure::auth) session->withdraw(grant->number);
        if (!renew) return std::unexpected(std::move(error));
    }
}

bool Client::probe() {
    if (const auto grant = impl_->session->known()) {
        const auto domain = "[[[\"id\",\"=\"," + std::to_string(grant->uid) + "]]]";
        const auto call = wire::make_call("res.users", "search_count", domain, "{}");
        const auto answer = impl_->ask(*grant, *call, max_probe_ms);
        if (!answer.session_is_gone) return answer.result.has_value() || is_from_database(answer.error_name);
        impl_->session->withdraw(grant->number);
    }
    auto answer = impl_->login(max_probe_ms);
    if (answer.grant) impl_->session->offer(std::move(*answer.grant));
    return answer.database_answered;
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
