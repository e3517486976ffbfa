#include "core/odoo/protocol.hpp"

namespace sluice::odoo {
namespace {

class WebSession final : public Protocol {
public:
    explicit WebSession(const Account& account) : account_(account) {}

    /// The session that the login gives is bound to the database already.
    std::optional<http::Request> cookie_page() const override { return std::nullopt; }

    /// Without a cookie and without X-Odoo-Database: from 19 on a request with that header and no session is
    /// "stateless", and Odoo gives no session to it (odoo/http.py, Request._get_session_and_dbname).
    http::Request login(std::int64_t id) const override {
        json::Writer params;
        params.begin_object().key("db").string(account_.database).key("login").string(account_.login);
        params.key("password").string(account_.password.reveal()).end_object();
        return wire::make_post("/web/session/authenticate", id, params.text());
    }

    Result<Grant> read_login(const http::Response& response, const json::Value& result) const override {
        const auto uid = result.find("uid");
        if (uid && uid->is_null()) {
            return fail(Failure::auth, "the account `" + account_.login +
                                           "` has two-factor authentication, which a web session cannot "
                                           "pass: switch it off, or give protocol = \"jsonrpc\" and an API key");
        }
        if (!uid || !uid->as_int64() || *uid->as_int64() <= 0) return std::unexpected(refused_login(account_));
        auto session_id = session_cookie_of(response);
        if (session_id.empty()) {
            return fail(Failure::auth, "Odoo took the login of `" + account_.login +
                                           "` and gave no session: does a proxy before it remove `Set-Cookie`?");
        }
        return Grant{.uid = *uid->as_int64(), .session_id = Secret(std::move(session_id))};
    }

    Result<http::Request> call(std::int64_t id, const Grant& grant, const wire::Call& call) const override {
        json::Writer params;
        params.begin_object().key("model").string(call.model).key("method").string(call.method);
        params.key("args").raw(call.args).key("kwargs").raw(call.kwargs).end_object();
        auto request = wire::make_post("/web/dataset/call_kw", id, params.text());
        // With a session that is gone it makes 19 say so, where there are several databases, instead of 404.
        request.headers.emplace_back("X-Odoo-Database", account_.database);
        request.headers.emplace_back("Cookie", "session_id=" + std::string(grant.session_id.reveal()));
        return request;
    }

    bool is_session_gone(const http::Response& response, std::string_view error_name) const override {
        // Expired, destroyed, forgotten, or the password was changed: the method did not run.
        if (error_name == "odoo.http.SessionExpiredException") return true;
        // Whatever went wrong while Odoo checked the session (it is shutting down, for one) is answered with this
        // (ir.http._authenticate). Only a login tells whether the account is refused; an error is rolled back.
        if (error_name == "odoo.exceptions.AccessDenied") return true;
        // A server with several databases finds none for a session that is gone, and then no such route.
        return error_name.empty() && response.status == 404;
    }

private:
    const Account& account_;
};

}  // namespace

std::unique_ptr<Protocol> make_web_session(const Account& account) {
    return std::make_unique<WebSession>(account);
}

}  // namespace sluice::odoo
