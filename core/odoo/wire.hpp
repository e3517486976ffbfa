#pragma once
// The bytes of Odoo's `/jsonrpc`: what a call looks like and what an answer means. No socket here.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/http/client.hpp"
#include "core/json/json.hpp"

namespace sluice::odoo::wire {

/// Who calls which database.
struct Caller {
    std::string_view database;
    std::int64_t uid = 0;
    std::string_view api_key;
};

/// The body of `common.login(database, login, api_key)`.
std::string encode_login(std::int64_t id, std::string_view database, std::string_view login, std::string_view api_key);

/// The body of `object.execute_kw`. `args` must be a JSON array, `kwargs` a JSON object ("" is {}): Failure::invalid
/// says which is not. The context gets `lang` en_US and `tz` UTC where the caller gave none, so that texts and dates do
/// not depend on the account.
Result<std::string> encode_execute(std::int64_t id, const Caller& caller, std::string_view model,
                                   std::string_view method, std::string_view args, std::string_view kwargs);

/// An answer, read.
struct Decoded {
    Result<json::Document> result;  ///< the root is the method's result; null where Odoo sends none
    std::string error_name;         ///< `error.data.name` where Odoo answered an error, else ""
};

/// Reads the answer to the request with this id.
Decoded decode_answer(const http::Response& response, std::int64_t id);

/// True for methods of the ORM that change nothing, whose outcome is therefore never unknown.
bool is_read_only(std::string_view method);

/// A text safe as a query value ("a b&c" -> "a%20b%26c").
std::string encode_query_value(std::string_view text);

}  // namespace sluice::odoo::wire
