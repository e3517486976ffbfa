#pragma once
// Who may log in: passwords and API keys of res.users, kept beside the record so that no read shows them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::users {

struct Account {
    std::string login;
    std::string password;
    std::vector<std::string> api_keys;
    std::string kind = "user";  // see access::groups_of_kind
    std::string name;           // the login when empty
    std::string time_zone;      // empty: none, counts as UTC
    std::int64_t id = 0;        // 0: the next free id
};

// Makes the user and its partner, or changes the user of that login. Returns the uid.
std::int64_t put(Database& database, const Account& account);

// common.login: the uid, 0 when refused. An API key counts as a password unless `interactive`.
std::int64_t login(Database& database, std::string_view login, std::string_view secret, bool interactive);
// execute_kw's check of uid and secret: AccessDenied, or MissingError for an unknown uid.
void check_secret(Database& database, std::int64_t uid, std::string_view secret);
// Whose API key it is, 0 for nobody's. The database's mutex is held.
std::int64_t of_key(Database& database, std::string_view key);
std::string kind_of(Database& database, std::int64_t uid);
// Forgets every API key of the user (of all users for 0).
void revoke_keys(Database& database, std::int64_t uid);

}  // namespace sluice::sim::users
