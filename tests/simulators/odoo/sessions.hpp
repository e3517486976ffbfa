#pragma once
// Odoo's sessions: a cookie bound to a database and, after a login, to a user. They live in the store, as Odoo's live
// on disk, and survive a restart. Call with the database's mutex held.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::sessions {

struct Session {
    std::string id;  // the cookie's value: 40 hex digits, from 18 on 84 characters of base64url
    std::int64_t uid = 0;
    std::string csrf_token;
};

std::optional<Session> find(Database& database, std::string_view cookie_header);
Session open(Database& database, std::int64_t uid);
void close(Database& database, std::string_view id);
void forget_all(Database& database);
void forget_of(Database& database, std::int64_t uid);
// The Set-Cookie value of a session.
std::string set_cookie(const Database& database, const Session& session);

}  // namespace sluice::sim::sessions
