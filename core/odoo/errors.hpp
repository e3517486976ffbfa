#pragma once
// Every failure of a call becomes one of Sluice's classes, by error name and content, never by code or HTTP status
// alone.

#include <string_view>

#include "core/base/result.hpp"
#include "core/http/client.hpp"
#include "core/json/json.hpp"

namespace sluice::odoo {

/// Classifies the `error` member of an answer by JSON-RPC (shared/odoo/FACTS 4: `data.name` decides, for
/// OperationalError its text). The message is Odoo's own; its traceback (`data.debug`) is never kept.
Error classify_rpc_error(const json::Value& error);
/// The same by the error's name and message, as JSON-2 gives them bare.
Error classify_error(std::string_view name, std::string_view message);
/// Classifies an answer that is not Odoo's: a proxy's page, an empty body, truncated JSON.
Error classify_foreign_answer(const http::Response& response);
/// Classifies one message of a `load` answer: "could not serialize access..." and its kin are transient, everything
/// else is the data's.
Error classify_load_message(std::string_view message);

}  // namespace sluice::odoo
