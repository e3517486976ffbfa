// `[odoo.NAME]` of the configuration file.

#include <fmt/format.h>

#include <array>
#include <vector>

#include "core/json/json.hpp"
#include "host/config/section_reader.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t max_odoo_calls = 1'024;
/// An answer is in memory as a whole.
constexpr std::int64_t max_response_bytes = json::Document::max_bytes;

/// Each protocol has its own kind of secret. The other one would be noticed by the first delivery only, as a login that
/// Odoo refuses.
void read_account_secret(toml::TableReader& reader, const std::filesystem::path& folder, OdooSection& odoo,
                         toml::Problems& problems) {
    static const std::vector<std::string> names{"auto", "jsonrpc", "json2", "web_session"};
    static constexpr std::array protocols{odoo::ProtocolName::automatic, odoo::ProtocolName::jsonrpc,
                                          odoo::ProtocolName::json2, odoo::ProtocolName::web_session};
    const auto protocol = reader.one_of("protocol", names);
    const auto read = [&](const char* key, SecretSource& secret, Place& place) {
        if (const auto* node = reader.any(key)) {
            secret = read_secret_source(*node, key, folder, problems).value_or(SecretSource{});
        }
        place = reader.place(key);
    };
    if (reader.has("protocol") && !protocol) {
        // Which secret is right is not known.
        read("api_key", odoo.api_key, odoo.api_key_place);
        read("password", odoo.password, odoo.password_place);
        return;
    }
    if (protocol) odoo.protocol = protocols.at(*protocol);
    const bool web = odoo.protocol == odoo::ProtocolName::web_session;
    const auto* const wrong = web ? "api_key" : "password";
    if (reader.any(wrong)) {
        reader.problem(wrong, web ? fmt::format("Odoo takes no API key where `protocol` is \"web_session\"; give "
                                                "`password` = {}, or leave `protocol` out",
                                                secret_forms)
                                  : fmt::format("`password` is for `protocol` = \"web_session\"; give `api_key` = {}, "
                                                "or that protocol",
                                                secret_forms));
    }
    if (web) {
        read("password", odoo.password, odoo.password_place);
    } else {
        read("api_key", odoo.api_key, odoo.api_key_place);
    }
    if (!reader.has(wrong)) reader.need(web ? "password" : "api_key", secret_forms);
}

/// How Odoo is reached: what the machine's own certificates and routes do not do.
void read_way(toml::TableReader& reader, const std::filesystem::path& folder, OdooSection& odoo,
              toml::Problems& problems) {
    const auto file = [&](std::string_view key, std::string& target, Place& place) {
        if (const auto name = reader.filled_text(key)) target = (folder / *name).string();
        place = reader.place(key);
    };
    file("ca", odoo.tls_files.ca, odoo.ca_place);
    file("client_certificate", odoo.tls_files.certificate, odoo.certificate_place);
    file("client_key", odoo.tls_files.key, odoo.key_place);
    if (reader.has("client_certificate") != reader.has("client_key")) {
        const bool lacks_key = reader.has("client_certificate");
        reader.problem(
            lacks_key ? "client_certificate" : "client_key",
            lacks_key ? "`client_certificate` needs `client_key`, its key" : "`client_key` needs `client_certificate`");
    }
    if (odoo.url.starts_with("http://")) {
        for (const auto* key : {"ca", "client_certificate", "client_key"}) {
            if (reader.has(key)) reader.problem(key, fmt::format("`{}` is for https, and `url` is not", key));
        }
    }
    take(odoo.proxy, reader.filled_text("proxy"));
    odoo.proxy_place = reader.place("proxy");
    take(odoo.proxy_user, reader.filled_text("proxy_user"));
    if (const auto* password = reader.any("proxy_password")) {
        odoo.proxy_password =
            read_secret_source(*password, "proxy_password", folder, problems).value_or(SecretSource{});
    }
    odoo.proxy_password_place = reader.place("proxy_password");
    if (reader.has("proxy_user") != reader.has("proxy_password")) {
        reader.problem(reader.has("proxy_user") ? "proxy_user" : "proxy_password",
                       "`proxy_user` and `proxy_password` go together");
    } else if (reader.has("proxy_user") && !reader.has("proxy")) {
        reader.problem("proxy_user", "`proxy_user` is for a `proxy`, and there is none");
    }
}

/// Hours of the week in which Odoo gets fewer calls at one time.
void read_office_hours(toml::TableReader reader, delivery::CallCeiling& ceiling) {
    reader.need("from", "when they begin, such as \"08:00\"");
    reader.need("to", "when they end, such as \"18:00\"");
    reader.need("zone", "a time zone, such as \"Europe/Berlin\"");
    reader.need("max_concurrent", "calls at one time in these hours");
    const bool complete = reader.has("from") && reader.has("to") && reader.has("zone") && reader.has("max_concurrent");
    const auto days = reader.filled_text("days"), from = reader.filled_text("from"), to = reader.filled_text("to"),
               zone = reader.filled_text("zone");
    const auto lowered = reader.integer("max_concurrent", 1, ceiling.max_concurrent);
    reader.finish();
    if (!complete || !from || !to || !zone || !lowered || (reader.has("days") && !days)) return;
    auto hours = schedule::WeeklyHours::parse(days.value_or("mon-fri"), *from, *to, *zone);
    if (!hours) return reader.problem(reader.node(), fmt::format("`office_hours`: {}", hours.error()));
    ceiling.lowered = {.hours = *hours, .max_concurrent = static_cast<int>(*lowered)};
}

}  // namespace

OdooSection read_odoo(const toml::Member& member, const std::filesystem::path& folder, toml::Problems& problems) {
    OdooSection odoo{.name = member.key};
    toml::TableReader reader(member.value, "odoo." + member.key, problems);
    take(odoo.url, reader.filled_text("url"));
    take(odoo.database, reader.filled_text("database"));
    take(odoo.login, reader.filled_text("login"));
    take(odoo.timeouts.connect_ms, reader.integer("connect_timeout_ms", 10, hour_ms));
    take(odoo.timeouts.total_ms, reader.integer("timeout_ms", 10, hour_ms));
    take(odoo.timeouts.first_byte_ms, reader.integer("first_byte_timeout_ms", 10, hour_ms));
    take(odoo.max_response_bytes, reader.integer("max_response_bytes", 1'024, max_response_bytes));
    take(odoo.ceiling.max_concurrent, reader.integer("max_concurrent", 1, max_odoo_calls));
    if (const auto* hours = reader.table("office_hours"))
        read_office_hours({*hours, reader.path() + ".office_hours", problems}, odoo.ceiling);
    reader.need("url", "Odoo's address, such as \"http://127.0.0.1:8069\"");
    reader.need("database", "the name of the Odoo database");
    reader.need("login", "the login of the account Sluice works as");
    read_account_secret(reader, folder, odoo, problems);
    read_way(reader, folder, odoo, problems);
    odoo.url_place = reader.place("url");
    reader.finish();
    return odoo;
}

}  // namespace sluice::host
