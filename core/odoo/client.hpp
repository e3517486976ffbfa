#pragma once
// Calls of Odoo methods, whatever the protocol.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "core/credentials/secret.hpp"
#include "core/http/client.hpp"
#include "core/json/json.hpp"

namespace sluice::odoo {

/// One Odoo database and the account that speaks to it.
struct Account {
    http::Endpoint endpoint;
    std::string database, login;
    Secret api_key;
    http::Timeouts timeouts{.connect_ms = 10'000,
                            .total_ms = 120'000};  ///< Odoo's own conflict retries were seen to last 87 s
};

/// One Odoo method call. RecordWriter knows this and nothing of HTTP.
class Caller {
public:
    virtual ~Caller() = default;
    /// Calls `model.method(*args, **kwargs)`; `args` is a JSON array, `kwargs` a JSON object. The Document's root is
    /// the method's result (null where Odoo sends none). Errors are classified (errors.hpp); blocking.
    virtual Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                        std::string_view kwargs) = 0;
};

/// `/jsonrpc` with an API key. One owner, one thread, except cancel(). Logs in on first use (common.login, once per
/// process and account: a SharedSession holds the uid), and carries a database-bound session cookie that spares Odoo a
/// database listing per call.
class SharedSession;
std::shared_ptr<SharedSession> make_shared_session();

class Client final : public Caller {
public:
    Client(Account account, std::shared_ptr<SharedSession> session);
    ~Client() override;

    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;
    /// An authenticated call that touches the database (res.users.search_count on the account itself): true where it
    /// answers. AccessDenied counts as answering: the database is there.
    bool probe();
    void cancel();
    void reset();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::odoo
