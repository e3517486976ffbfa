#pragma once
// What Odoo's RPC protocols have in common: the JSON-RPC envelope, a method's arguments with the context every call
// carries, and what an answer means. No socket here.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/http/client.hpp"
#include "core/json/json.hpp"
#include "core/odoo/client.hpp"

namespace sluice::odoo::wire {

/// A method call, checked.
struct Call {
    std::string model, method;
    std::string args;    ///< a JSON array
    std::string kwargs;  ///< a JSON object with a `context`
};

/// Checks a call: `args` must be a JSON array, `kwargs` a JSON object ("" is {}); Failure::invalid says which is not.
/// The context gets `lang`, `tz` and `allowed_company_ids` from `context` where the caller gave none, so that texts,
/// dates and companies do not depend on the account. `load` always gets the zone UTC: it reads datetimes in the
/// context's zone, and ours are UTC.
Result<Call> make_call(std::string_view model, std::string_view method, std::string_view args, std::string_view kwargs,
                       const CallContext& context = {});

/// A POST of `{"jsonrpc":"2.0","method":"call","id":id,"params":params}`; `params` is JSON.
http::Request make_post(std::string target, std::int64_t id, std::string_view params);

/// An answer, read.
struct Decoded {
    Result<json::Document> result;  ///< the root is the method's result; null where Odoo sends none
    std::string error_name;         ///< `error.data.name` where Odoo answered an error, else ""
};

/// Reads the answer to the request with this id (odoo/http.py, JsonRPCDispatcher).
Decoded decode_answer(const http::Response& response, std::int64_t id);

/// Reads an answer that is not wrapped (odoo/http.py, Json2Dispatcher): the result itself, or with another status than
/// 200 `{"name", "message", "arguments", ...}`.
Decoded decode_bare_answer(const http::Response& response);

/// True for methods of the ORM that change nothing, whose outcome is therefore never unknown.
bool is_read_only(std::string_view method);

/// A text safe as a query value ("a b&c" -> "a%20b%26c").
std::string encode_query_value(std::string_view text);

}  // namespace sluice::odoo::wire
