#pragma once
// Calls of Odoo methods, whatever the protocol.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/credentials/secret.hpp"
#include "core/http/client.hpp"
#include "core/json/json.hpp"

namespace sluice::odoo {

/// How Odoo is spoken to; results and error classes are the same.
enum class ProtocolName : std::uint8_t {
    automatic,    ///< the best the server's version has with an API key: json2 from 19 on, before that jsonrpc
    jsonrpc,      ///< /jsonrpc with an API key
    json2,        ///< /json/2/<model>/<method> with an API key, from Odoo 19 on
    web_session,  ///< /web/session/authenticate and /web/dataset/call_kw with a password, as a browser does
};

/// What Odoo makes of a call where it depends on who asks.
struct CallContext {
    std::string language = "en_US";  ///< of names and messages ("de_DE"), installed in Odoo
    std::string time_zone = "UTC";   ///< in which Odoo takes "today"; datetimes are UTC whatever it is
    std::vector<std::int64_t>
        companies;  ///< ids in res.company, the one that new records get first; empty: the account's
    bool operator==(const CallContext&) const = default;
};

/// One Odoo database and the account that speaks to it.
struct Account {
    http::Endpoint endpoint;
    std::string database, login;
    ProtocolName protocol = ProtocolName::jsonrpc;
    Secret api_key;   ///< of the account, for all but web_session
    Secret password;  ///< of the account, for web_session
    http::Timeouts timeouts{.connect_ms = 10'000,
                            .total_ms = 120'000};  ///< Odoo's own conflict retries were seen to last 87 s
    std::size_t max_response_bytes = http::Client::default_max_response_bytes;
    CallContext context;
};

/// One Odoo method call. RecordWriter knows this and nothing of HTTP.
class Caller {
public:
    virtual ~Caller() = default;
    /// Calls `model.method(*args, **kwargs)`; `args` is a JSON array, `kwargs` a JSON object. (JSON-2 knows no
    /// positional arguments: argument_names.hpp has the names.) The Document's root is the method's result (null where
    /// Odoo sends none). Errors are classified (errors.hpp); blocking.
    virtual Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                        std::string_view kwargs) = 0;
};

/// What the clients of one account share (session.hpp).
class SharedSession;
std::shared_ptr<SharedSession> make_shared_session();

/// Speaks to Odoo by the account's protocol. One owner, one thread, except cancel(). Logs in on first use, once per
/// process and account: the SharedSession holds what the login gave. No message holds a secret or a session id.
class Client final : public Caller {
public:
    Client(Account account, std::shared_ptr<SharedSession> session);
    ~Client() override;

    /// May send twice and log in once between, each within the account's time-outs: a web session that Odoo does not
    /// know any more (expired, destroyed, a restarted Odoo) is renewed, and the call, which did not run, is sent again.
    /// A second such answer is Failure::retry. A refused login is Failure::auth, for every client of the session and
    /// without another try, until SharedSession::allow_login().
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;
    /// An authenticated call that touches the database (res.users.search_count on the account itself, or a login where
    /// there is no session): true where it answers, each within 30 s and the account's time-outs. AccessDenied counts
    /// as answering: the database is there. It waits for no other client's login, and logs in also where one was
    /// refused.
    bool probe();
    /// Ends a running call(), its waits for others' logins, and every later one, until reset(). Any thread.
    void cancel();
    /// Ends cancel(). Any thread.
    void reset();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::odoo
