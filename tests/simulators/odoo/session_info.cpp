#include "tests/simulators/odoo/session_info.hpp"

#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kUsers = "res.users";
constexpr std::int64_t kMaxUpload = 128LL * 1024 * 1024;

json::object currencies(Env& env) {
    json::object out;
    for (const auto& [id, row] : env.store().rows("res.currency")) {
        if (!truthy(orm::get(env, "res.currency", id, "active"))) continue;
        out[std::to_string(id)] = json::object{{"symbol", orm::get(env, "res.currency", id, "symbol")},
                                               {"position", orm::get(env, "res.currency", id, "position")},
                                               {"digits", json::array{69, 2}}};
    }
    return out;
}

json::object user_companies(Env& env, std::int64_t company) {
    json::object one{{"id", company},
                     {"name", orm::get(env, "res.company", company, "name")},
                     {"sequence", orm::get(env, "res.company", company, "sequence")}};
    json::object out{{"current_company", company}};
    if (env.version() >= 17) {
        one["child_ids"] = json::array();
        one["parent_id"] = false;
        out["disallowed_ancestor_companies"] = json::object();
    }
    out["allowed_companies"] = json::object{{std::to_string(company), std::move(one)}};
    return out;
}

}  // namespace

json::object session_info(Database& database, std::int64_t uid, const json::object& version_info) {
    Env env(database, kSuperuser, {});
    const auto partner = orm::get_id(env, kUsers, uid, "partner_id");
    const auto company = orm::get_id(env, kUsers, uid, "company_id");
    const auto lang = orm::get(env, "res.partner", partner, "lang");
    const bool admin = users::kind_of(database, uid) == "admin";
    json::object info{
        {"uid", uid},
        {"is_system", admin},
        {"is_admin", admin},
        {"user_context",
         json::object{{"lang", lang}, {"tz", orm::get(env, "res.partner", partner, "tz")}, {"uid", uid}}},
        {"db", database.name},
        {"server_version", version_info.at("server_version")},
        {"server_version_info", version_info.at("server_version_info")},
        {"support_url", "https://www.odoo.com/buy"},
        {"name", orm::get(env, kUsers, uid, "name")},
        {"username", orm::get(env, kUsers, uid, "login")},
        {"partner_display_name", json::value(orm::display_name(env, "res.partner", partner))},
        {"partner_id", partner},
        {"web.base.url", "http://localhost:8069"},
        {"active_ids_limit", 20000},
        {"profile_session", nullptr},
        {"profile_collectors", nullptr},
        {"profile_params", nullptr},
        {"max_file_upload_size", kMaxUpload},
        {"home_action_id", false},
        {"cache_hashes", json::object{{"translations", std::string(40, '0')}, {"load_menus", std::string(64, '0')}}},
        {"currencies", currencies(env)},
        {"user_companies", user_companies(env, company)},
        {"show_effect", true},
        {"display_switch_company_menu", false},
        {"user_id", json::array{uid}},
        {"max_time_between_keys_in_ms", 100},
        {"notification_type", "email"},
        {"odoobot_initialized", false}};
    if (database.version == 16) {
        info["company_id"] = company;
        info["bundle_params"] = json::object{{"lang", lang}};
    }
    if (database.version >= 17) {
        info["is_internal_user"] = true;
        info["bundle_params"] = json::object{{"lang", lang}};
        info["is_quick_edit_mode_enabled"] = false;
        info["user_settings"] = json::object{{"id", uid},
                                             {"user_id", json::object{{"id", uid}}},
                                             {"is_discuss_sidebar_category_channel_open", true},
                                             {"is_discuss_sidebar_category_chat_open", true},
                                             {"push_to_talk_key", false},
                                             {"use_push_to_talk", false},
                                             {"voice_active_duration", 200},
                                             {"volume_settings_ids", json::array{json::array{"ADD", json::array()}}}};
    }
    if (database.version >= 19) {
        for (const char* gone : {"cache_hashes", "display_switch_company_menu", "user_id", "notification_type",
                                 "odoobot_initialized", "is_quick_edit_mode_enabled"})
            info.erase(gone);
        info["is_public"] = false;
        info["registry_hash"] = std::string(64, '0');
        info["quick_login"] = true;
        info["partner_write_date"] = wire_datetime(orm::get_text(env, "res.partner", partner, "write_date"));
        info["test_mode"] = false;
        info["groups"] = json::object{{"base.group_allow_export", admin}};
        info["max_time_between_keys_in_ms"] = 150;
        info["websocket_worker_version"] = "19.0-2";
        info["tour_enabled"] = false;
        info["current_tour"] = nullptr;
        info["can_insert_in_spreadsheet"] = false;
        info["user_settings"] = json::object{{"id", uid},
                                             {"embedded_actions_config_ids", json::object()},
                                             {"is_discuss_sidebar_category_channel_open", true},
                                             {"is_discuss_sidebar_category_chat_open", true},
                                             {"push_to_talk_key", false},
                                             {"use_push_to_talk", false},
                                             {"voice_active_duration", 200},
                                             {"channel_notifications", false},
                                             {"user_id", json::object{{"id", uid}}},
                                             {"volumes", json::array{json::array{"ADD", json::array()}}}};
    }
    return info;
}

}  // namespace sluice::sim
