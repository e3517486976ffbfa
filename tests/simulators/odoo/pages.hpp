#pragma once
// Odoo's and Werkzeug's HTML.

#include <string>
#include <string_view>

#include "tests/simulators/odoo/http_message.hpp"
#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim::pages {

HttpReply bad_request_text(std::string_view text);  // `Invalid JSON data`
// A GET, or a wrong content type, on a JSON route: 400, from 18 on 415.
HttpReply wrong_type(std::string_view path, int version);
HttpReply not_found();
// A route that needs a database, on a server with several and a request that names none.
HttpReply no_database(int version);
HttpReply redirect(std::string_view location);
HttpReply login(std::string_view csrf_token, bool failed);
HttpReply invalid_csrf();
HttpReply xmlrpc_version(const json::object& version_info);

}  // namespace sluice::sim::pages
