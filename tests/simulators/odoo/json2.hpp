#pragma once
// Odoo 19's POST /json/2/<model>/<method>: bearer key, arguments by name, the bare result or error as the body.

#include "tests/simulators/odoo/environment.hpp"
#include "tests/simulators/odoo/faults.hpp"
#include "tests/simulators/odoo/http_message.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"

namespace sluice::sim::json2 {

bool is_route(std::string_view path, int version);
// What is refused before the database is looked for: another method or path (404), another content type (415).
std::optional<HttpReply> refuse(const HttpRequest& request);
FaultSubject subject(const HttpRequest& request);
// Raises OdooError.
json::value call(Database& database, const HttpRequest& request);

// The body of a result; recordsets are lists of ids.
std::string body_of(json::value result);
void fail(HttpReply& reply, const OdooError& error, std::string_view debug);

}  // namespace sluice::sim::json2
