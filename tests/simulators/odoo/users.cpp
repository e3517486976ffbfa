#include "tests/simulators/odoo/users.hpp"

#include <algorithm>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/sessions.hpp"

namespace sluice::sim {

namespace {

// No model of Odoo's: rows of the store that no RPC can name.
constexpr std::string_view kAccounts = "simulator.account";

std::string text(const json::object& row, std::string_view field) {
    const auto* value = row.if_contains(field);
    return value == nullptr ? std::string() : as_text(*value);
}

bool has_key(const json::object& account, std::string_view secret) {
    const auto& keys = account.at("api_keys").as_array();
    return std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return as_text(key) == secret; });
}

}  // namespace

namespace users {

std::int64_t put(Database& database, const Account& account) {
    Env env(database, kSuperuser, {});
    auto& store = database.store;
    const auto same = store.where(kAccounts, "login", json::value(account.login));
    std::int64_t uid = same.empty() ? account.id : same.front();
    if (uid == 0) uid = store.next("res.users");
    store.raise_counter("res.users", uid);
    const auto stamp = stamp_text(env.now());
    if (!orm::exists(env, "res.users", uid)) {
        const auto partner =
            orm::create(env, "res.partner", {{"name", account.name.empty() ? account.login : account.name}});
        store.put("res.users", uid,
                  {{"login", account.login},
                   {"partner_id", partner},
                   {"company_id", 1},
                   {"company_ids", json::array{1}},
                   {"active", true},
                   {"notification_type", "email"},
                   {"create_uid", kSuperuser},
                   {"create_date", stamp},
                   {"write_uid", kSuperuser},
                   {"write_date", stamp}});
    }
    if (!account.time_zone.empty()) {
        orm::write(env, "res.partner", {orm::get_id(env, "res.users", uid, "partner_id")}, {{"tz", account.time_zone}});
    }
    const auto* stored = store.find(kAccounts, uid);
    // A session's token is made of login and password (res.users._get_session_token_fields).
    if (stored != nullptr && text(*stored, "password") != account.password) sessions::forget_of(database, uid);
    json::array keys;
    for (const auto& key : account.api_keys) keys.emplace_back(key);
    store.put(kAccounts, uid,
              {{"login", account.login},
               {"password", account.password},
               {"api_keys", std::move(keys)},
               {"kind", account.kind}});
    return uid;
}

std::int64_t login(Database& database, std::string_view login, std::string_view secret, bool interactive) {
    const auto found = database.store.where(kAccounts, "login", json::value(login));
    if (found.empty()) return 0;
    const auto& account = *database.store.find(kAccounts, found.front());
    const auto password = text(account, "password");
    const bool good = (!password.empty() && password == secret) || (!interactive && has_key(account, secret));
    return good ? found.front() : 0;
}

void check_secret(Database& database, std::int64_t uid, std::string_view secret) {
    const auto* account = database.store.find(kAccounts, uid);
    if (account == nullptr) throw missing_error("res.users", uid, uid);
    const auto password = text(*account, "password");
    if ((password.empty() || password != secret) && !has_key(*account, secret)) throw access_denied();
}

std::int64_t of_key(Database& database, std::string_view key) {
    for (const auto& [id, row] : database.store.rows(kAccounts)) {
        if (has_key(*row, key)) return id;
    }
    return 0;
}

std::string kind_of(Database& database, std::int64_t uid) {
    const auto* account = database.store.find(kAccounts, uid);
    return account == nullptr ? std::string("none") : text(*account, "kind");
}

void revoke_keys(Database& database, std::int64_t uid) {
    Ids ids;
    for (const auto& [id, row] : database.store.rows(kAccounts)) {
        if (uid == 0 || id == uid) ids.push_back(id);
    }
    for (const auto id : ids) {
        json::object row = *database.store.find(kAccounts, id);
        row["api_keys"] = json::array();
        database.store.put(kAccounts, id, std::move(row));
    }
}

}  // namespace users

Behaviour users_behaviour() {
    Behaviour hooks;
    hooks.prepare = [](Env&, json::object& values) {
        if (values.contains("password") || values.contains("login")) throw not_claimed("changing logins over RPC");
    };
    hooks.compute = [](Env&, std::int64_t, std::string_view field) -> std::optional<json::value> {
        if (field == "share") return json::value(false);
        if (field == "groups_id") throw not_claimed("res.groups");
        return std::nullopt;
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        Env sudo = env.sudo();
        return orm::get_text(sudo, "res.partner", orm::get_id(sudo, "res.users", id, "partner_id"), "name");
    };
    return hooks;
}

}  // namespace sluice::sim
