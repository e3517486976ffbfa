#pragma once
// What differs between Odoo's RPC protocols: which requests, and what their answers say about the account. No
// socket here; client.cpp sends, waits and shares.

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "core/http/client.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/session.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo {

/// What `automatic` means for a server of this version (0: not known); any other protocol is itself.
ProtocolName choose_protocol(ProtocolName configured, int server_major);
/// As the configuration says it: "jsonrpc", "json2", "web_session", "auto".
std::string_view name_of(ProtocolName protocol);

/// Immutable. Its requests lack the time-outs and the anonymous cookie.
class Protocol {
public:
    virtual ~Protocol() = default;

    /// A page that sets a cookie which makes calls cheaper; nothing where there is no use for one.
    virtual std::optional<http::Request> cookie_page() const = 0;
    /// The login, as the request `id`. Odoo takes about 500 ms of processor time for it, right or wrong.
    virtual http::Request login(std::int64_t id) const = 0;
    /// What a login gave that Odoo answered without an error; `result` is the answer's. Failure::auth where it is a
    /// refusal all the same.
    virtual Result<Grant> read_login(const http::Response& response, const json::Value& result) const = 0;
    /// What to ask where a login was answered by a page, not by Odoo: a JSON-RPC request `id` whose error, if it blames
    /// the account, is the better one.
    virtual std::optional<http::Request> second_opinion(std::int64_t) const { return std::nullopt; }
    /// A method call, as the request `id`; Failure::invalid where it cannot be said by this protocol.
    virtual Result<http::Request> call(std::int64_t id, const Grant& grant, const wire::Call& call) const = 0;
    /// Reads the answer to the request `id`: to `call`, or to a login where it is null.
    virtual wire::Decoded decode(const http::Response& response, std::int64_t id, const wire::Call* call) const;
    /// True where the answer to a call, which is no result, may mean that only the session is gone. The call had no
    /// effect then, and is worth sending again with another session. `error_name` is Decoded's.
    virtual bool is_session_gone(const http::Response& response, std::string_view error_name) const = 0;
};

/// `account` outlives the protocol.
/// POST /jsonrpc (odoo/addons/base/controllers/rpc.py): common.login and object.execute_kw with an API key.
std::unique_ptr<Protocol> make_jsonrpc(const Account& account);
/// POST /web/session/authenticate and /web/dataset/call_kw (odoo/addons/web/controllers/session.py, dataset.py) with a
/// password and a session cookie.
std::unique_ptr<Protocol> make_web_session(const Account& account);
/// POST /json/2/<model>/<method> (odoo/addons/rpc/controllers/json2.py), from Odoo 19 on: an API key as bearer, the
/// database as a header, arguments by name, the bare result or error as the body.
std::unique_ptr<Protocol> make_json2(const Account& account);

/// Failure::auth, for the operator.
Error refused_login(const Account& account);

}  // namespace sluice::odoo
