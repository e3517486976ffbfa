#include "host/config/configuration.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>

#include "host/config/table_reader.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kibibyte = 1'024, mebibyte = 1'024 * kibibyte;
constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr std::size_t max_connector_name = 64;

const std::vector<std::string>& log_levels() {
    static const std::vector<std::string> levels{"debug", "info", "warning", "error"};
    return levels;
}

/// Narrows what integer() has checked already.
template <class Target>
void take(Target& target, std::optional<std::int64_t> value) {
    if (value) target = static_cast<Target>(*value);
}

void take(std::string& target, std::optional<std::string> value) {
    if (value) target = std::move(*value);
}

void read_host(TableReader reader, const std::filesystem::path& folder, HostSection& host, Problems& problems) {
    host.data_dir = folder / reader.text("data_dir").value_or("var");
    host.data_dir_place = reader.place("data_dir");
    host.plugin_dirs.clear();
    for (const auto& name : reader.texts("plugin_dirs").value_or(std::vector<std::string>{"plugins"})) {
        host.plugin_dirs.push_back(folder / name);
    }
    const auto socket = reader.text("admin_socket");
    host.admin_socket = socket ? folder / *socket : host.data_dir / "admin.sock";
    if (host.admin_socket.native().size() >= sizeof(sockaddr_un::sun_path)) {
        problems.add(reader.place(socket ? "admin_socket" : "data_dir"),
                     fmt::format("the admin socket's path has {} bytes; give `admin_socket` a path of at most {}",
                                 host.admin_socket.native().size(), sizeof(sockaddr_un::sun_path) - 1));
    }
    take(host.log_level, reader.choice("log_level", log_levels()));
    take(host.drain_ms, reader.integer("drain_ms", 0, hour_ms));
    reader.finish();
}

void read_ingress(TableReader reader, IngressSection& ingress, Problems& problems) {
    if (const auto text = reader.text("listen")) {
        if (auto listen = parse_listen(*text)) {
            ingress.listen = *listen;
        } else {
            problems.add(reader.place("listen"), listen.error().message);
        }
    }
    take(ingress.max_body_bytes, reader.integer("max_body_bytes", kibibyte, 64 * mebibyte));
    take(ingress.max_connections, reader.integer("max_connections", 1, 65'536));
    take(ingress.max_waiting, reader.integer("max_waiting", 1, 100'000'000));
    take(ingress.max_in_flight, reader.integer("max_in_flight", 1, 65'536));
    take(ingress.request_timeout_ms, reader.integer("request_timeout_ms", 100, hour_ms));
    reader.finish();
}

OdooSection read_odoo(std::string name, TableReader reader, const std::filesystem::path& folder) {
    OdooSection odoo{.name = std::move(name)};
    take(odoo.url, reader.text("url"));
    take(odoo.database, reader.text("database"));
    take(odoo.login, reader.text("login"));
    if (auto source = reader.secret("api_key", folder)) odoo.api_key = std::move(*source);
    take(odoo.timeouts.connect_ms, reader.integer("connect_timeout_ms", 10, hour_ms));
    take(odoo.timeouts.total_ms, reader.integer("timeout_ms", 10, hour_ms));
    reader.require("url", "Odoo's address, such as \"http://127.0.0.1:8069\"");
    reader.require("database", "the name of the Odoo database");
    reader.require("login", "the login of the account Sluice works as");
    reader.require("api_key", "{ env = \"NAME\" } or { file = \"PATH\" }");
    odoo.url_place = reader.place("url");
    odoo.api_key_place = reader.place("api_key");
    reader.finish();
    return odoo;
}

RetryOverride read_retry(TableReader reader) {
    RetryOverride retry{.place = reader.place()};
    retry.base_ms = reader.integer("base_ms", 1, hour_ms);
    retry.cap_ms = reader.integer("cap_ms", 1, day_ms);
    if (const auto limit = reader.integer("limit", 1, 1'000)) retry.limit = static_cast<int>(*limit);
    reader.finish();
    return retry;
}

void read_key(const std::string& name, const toml::table& table, const std::filesystem::path& folder,
              ConnectorSection& connector, Problems& problems) {
    const toml::node& node = *table.get(name);
    const auto begin = table.find(name)->first.source().begin;
    KeyValue key{.value = {},
                 .key_place = {.line = static_cast<int>(begin.line), .column = static_cast<int>(begin.column)},
                 .place = place_of(node)};
    if (const auto* text = node.as_string()) {
        key.value = text->get();
    } else if (const auto* integer = node.as_integer()) {
        key.value = integer->get();
    } else if (const auto* boolean = node.as_boolean()) {
        key.value = boolean->get();
    } else if (node.is_table()) {
        const auto source = read_secret_source(node, name, folder, problems);
        if (!source) return;
        key.value = *source;
    } else {
        problems.add(key.place, fmt::format("`{}` is {}; give a string, an integer, a boolean or a secret's place",
                                            name, kind_of(node)));
        return;
    }
    connector.keys.emplace(name, std::move(key));
}

ConnectorSection read_connector(std::string name, const toml::table& table, const std::filesystem::path& folder,
                                Problems& problems) {
    const auto where = fmt::format("[connector.{}]", name);
    TableReader reader(table, where, problems);
    ConnectorSection connector{.name = std::move(name)};
    take(connector.plugin, reader.text("plugin"));
    reader.require("plugin", "the name of a plugin, such as \"shopify\"");
    connector.enabled = reader.boolean("enabled").value_or(true);
    take(connector.odoo, reader.text("odoo"));
    take(connector.lanes, reader.integer("lanes", 1, 64));
    connector.place = reader.place();
    connector.plugin_place = reader.place("plugin");
    connector.odoo_place = reader.place("odoo");
    if (const auto* flows = reader.table("retry")) {
        for (const auto& [flow, node] : *flows) {
            const std::string flow_name(flow.str());
            const auto* one = node.as_table();
            if (!one) {
                problems.add(place_of(node), fmt::format("`retry.{}` is {}; give a table with base_ms, cap_ms or limit",
                                                         flow_name, kind_of(node)));
                continue;
            }
            connector.retry.emplace(
                flow_name, read_retry(TableReader(
                               *one, fmt::format("[connector.{}.retry.{}]", connector.name, flow_name), problems)));
        }
    }
    for (const auto& key : reader.unknown()) read_key(key, table, folder, connector, problems);
    return connector;
}

/// A connector's name is part of a URL and, before an underscore, of every external id it writes. Without underscores
/// of its own no two connectors can mean the same external id.
bool is_connector_name(std::string_view name) {
    return !name.empty() && name.size() <= max_connector_name && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Calls `use(name, table)` for each sub-table of `[group.*]`.
template <class Use>
void each_table(TableReader& root, std::string_view group, Problems& problems, Use use) {
    const auto* tables = root.table(group);
    if (!tables) return;
    for (const auto& [key, node] : *tables) {
        const std::string name(key.str());
        if (const auto* table = node.as_table()) {
            use(name, *table);
        } else {
            problems.add(place_of(node),
                         fmt::format("`{0}.{1}` is {2}; give a table [{0}.{1}]", group, name, kind_of(node)));
        }
    }
}

void read_root(const toml::table& table, const std::filesystem::path& folder, Configuration& configuration,
               Problems& problems) {
    static const toml::table empty;
    TableReader root(table, "the file", problems);
    const auto* host = root.table("host");
    read_host(TableReader(host ? *host : empty, "[host]", problems), folder, configuration.host, problems);
    if (const auto* ingress = root.table("ingress")) {
        read_ingress(TableReader(*ingress, "[ingress]", problems), configuration.ingress, problems);
    }
    each_table(root, "odoo", problems, [&](const std::string& name, const toml::table& one) {
        configuration.odoo.emplace(name,
                                   read_odoo(name, TableReader(one, fmt::format("[odoo.{}]", name), problems), folder));
    });
    each_table(root, "connector", problems, [&](const std::string& name, const toml::table& one) {
        if (!is_connector_name(name)) {
            problems.add(place_of(one),
                         fmt::format("the connector name `{}` cannot be used; give at most {} letters, digits and `-`",
                                     name, max_connector_name));
        }
        configuration.connectors.emplace(name, read_connector(name, one, folder, problems));
    });
    root.finish();
}

}  // namespace

Result<http::ListenTcp> parse_listen(std::string_view text) {
    const auto wrong = [&] {
        return fail(Failure::invalid,
                    fmt::format("`listen` is `{}`; give a numeric address and a port, such as \"127.0.0.1:8080\" or "
                                "\"[::1]:8080\"",
                                text));
    };
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return wrong();
    const auto digits = text.substr(colon + 1);
    std::uint16_t port = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (code != std::errc{} || end != digits.data() + digits.size()) return wrong();

    std::string address(text.substr(0, colon));
    const bool bracketed = address.size() > 2 && address.front() == '[' && address.back() == ']';
    if (bracketed) address = address.substr(1, address.size() - 2);
    in6_addr parsed{};
    if (inet_pton(bracketed ? AF_INET6 : AF_INET, address.c_str(), &parsed) != 1) return wrong();
    return http::ListenTcp{.address = std::move(address), .port = port};
}

std::string to_line(const Problem& problem) {
    return problem.line > 0 ? problem.to_string() : fmt::format("{}: {}", problem.file, problem.message);
}

ParsedConfiguration parse_configuration(std::string_view toml, const std::filesystem::path& file) {
    ParsedConfiguration parsed;
    parsed.configuration.file = file.string();
    Problems problems{.file = file.string(), .list = {}};
    try {
        const auto table = toml::parse(toml, file.string());
        read_root(table, file.parent_path(), parsed.configuration, problems);
    } catch (const toml::parse_error& error) {
        const auto begin = error.source().begin;
        problems.add({.line = static_cast<int>(begin.line), .column = static_cast<int>(begin.column)},
                     fmt::format("this is no TOML: {}", error.description()));
        parsed.readable = false;
    }
    std::ranges::stable_sort(problems.list, {}, [](const Problem& p) { return std::pair(p.line, p.column); });
    parsed.problems = std::move(problems.list);
    return parsed;
}

ParsedConfiguration load_configuration(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (in && text << in.rdbuf()) return parse_configuration(text.str(), file);
    ParsedConfiguration parsed;
    parsed.configuration.file = file.string();
    parsed.problems.push_back(
        {.file = file.string(), .message = "cannot be read; give --config the path of a TOML file"});
    parsed.readable = false;
    return parsed;
}

}  // namespace sluice::host
