#include "host/config/configuration.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "core/contract/duration_reader.hpp"
#include "core/schedule/zone.hpp"
#include "core/toml/table_reader.hpp"
#include "host/config/read_file.hpp"
#include "host/config/section_reader.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t kibibyte = 1'024, mebibyte = 1'024 * kibibyte;
constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;
constexpr std::size_t max_connector_name = 64;

const std::vector<std::string>& log_levels() {
    static const std::vector<std::string> levels{"debug", "info", "warning", "error"};
    return levels;
}

/// One secret's place, or an array of several.
void read_journal_keys(toml::TableReader& reader, const std::filesystem::path& folder, HostSection& host,
                       toml::Problems& problems) {
    const auto* node = reader.any("journal_key");
    if (!node) return;
    const bool several = node->kind == toml::Kind::array;
    if (several && node->elements.empty())
        problems.add(node->place, "`journal_key` is an empty array; give a key's place, or leave it out");
    const auto one = [&](const toml::Node& element) {
        if (auto source = read_secret_source(element, "journal_key", folder, problems)) {
            host.journal_keys.push_back(std::move(*source));
            host.journal_key_places.push_back(element.place);
        }
    };
    if (!several) return one(*node);
    for (const auto& element : node->elements) one(element);
}

void read_host(toml::TableReader reader, const std::filesystem::path& folder, HostSection& host,
               toml::Problems& problems) {
    host.data_dir = folder / reader.filled_text("data_dir").value_or("var");
    host.data_dir_place = reader.place("data_dir");
    host.plugin_dirs_place = reader.place("plugin_dirs");
    host.journal_max_bytes = reader.integer("journal_max_bytes", 0, std::int64_t{1} << 60).value_or(0);
    host.plugin_dirs.clear();
    for (const auto* name : reader.texts("plugin_dirs", {.none = true})) {
        if (toml::expect_filled_text(*name, "each element of `plugin_dirs`", problems)) {
            host.plugin_dirs.push_back(folder / name->text);
        }
    }
    const auto* dirs = reader.any("plugin_dirs");
    if (!dirs || dirs->kind != toml::Kind::array) host.plugin_dirs = {folder / "plugins"};
    const auto socket = reader.filled_text("admin_socket");
    host.admin_socket = socket ? folder / *socket : host.data_dir / "admin.sock";
    if (host.admin_socket.native().size() >= sizeof(sockaddr_un::sun_path)) {
        problems.add(reader.place(socket ? "admin_socket" : "data_dir"),
                     fmt::format("the admin socket's path has {} bytes; give `admin_socket` a path of at most {}",
                                 host.admin_socket.native().size(), sizeof(sockaddr_un::sun_path) - 1));
    }
    if (const auto level = reader.one_of("log_level", log_levels())) host.log_level = log_levels()[*level];
    take(host.drain_ms, reader.integer("drain_ms", 0, hour_ms));
    take(host.contract_check_ms, reader.integer("contract_check_ms", 0, 7 * day_ms));
    read_journal_keys(reader, folder, host, problems);
    reader.finish();
}

void read_ingress(toml::TableReader reader, IngressSection& ingress, toml::Problems& problems) {
    if (const auto text = reader.filled_text("listen")) {
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

/// Where a NATS server is; what is wrong with the text, which is not repeated, since it may hold a password.
std::optional<std::string> nats_url_problem(const std::string& text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    const bool tls = text.starts_with("tls://");
    if (!parsed || !(tls || text.starts_with("nats://")) || parsed->encoded_host().empty())
        return "`url` must be like \"nats://127.0.0.1:4222\", or \"tls://...\" where it is encrypted";
    if (parsed->has_userinfo()) return "a user, password or token has no place in `url`; give the keys of that name";
    if (!parsed->encoded_path().empty() || parsed->has_query() || parsed->has_fragment())
        return "`url` ends with the port";
    return std::nullopt;
}

void read_nats_urls(toml::TableReader& reader, NatsSection& nats) {
    reader.need("url", "the server's address, such as \"nats://127.0.0.1:4222\", or several of one cluster");
    bool tls = false, plain = false;
    for (const auto* url : reader.texts("url", {.single = true})) {
        if (const auto wrong = nats_url_problem(url->text)) {
            reader.problem(*url, *wrong);
            continue;
        }
        (url->text.starts_with("tls://") ? tls : plain) = true;
        nats.urls.push_back(url->text);
    }
    if (tls && plain) reader.problem("url", "either all of `url` are tls://, or none is");
    if (!tls && plain && reader.has("ca")) reader.problem("ca", "`ca` is for tls://, and `url` is not");
}

NatsSection read_nats(const toml::Member& member, const std::filesystem::path& folder, toml::Problems& problems) {
    NatsSection nats{.name = member.key, .place = member.value.place};
    toml::TableReader reader(member.value, "nats." + member.key, problems);
    read_nats_urls(reader, nats);
    take(nats.user, reader.filled_text("user"));
    const auto read = [&](const char* key, SecretSource& secret, Place& place) {
        if (const auto* node = reader.any(key))
            secret = read_secret_source(*node, key, folder, problems).value_or(SecretSource{});
        place = reader.place(key);
    };
    read("password", nats.password, nats.password_place);
    read("token", nats.token, nats.token_place);
    read("creds", nats.creds, nats.creds_place);
    if (reader.has("user") != reader.has("password"))
        reader.problem(reader.has("user") ? "user" : "password", "`user` and `password` go together");
    const auto logins = static_cast<int>(reader.has("user") || reader.has("password")) +
                        static_cast<int>(reader.has("token")) + static_cast<int>(reader.has("creds"));
    if (logins > 1)
        reader.problem(reader.has("token") ? "token" : "creds",
                       "give one of `user` with `password`, `token`, and `creds`");
    if (!nats.creds.name.empty() && nats.creds.kind != SecretSource::Kind::file) {
        reader.problem("creds", "`creds` can only be a file: give { file = \"PATH\" }");
        nats.creds = {};
    }
    if (const auto ca = reader.filled_text("ca")) nats.ca = folder / *ca;
    nats.ca_place = reader.place("ca");
    reader.finish();
    return nats;
}

RetryOverride read_retry(toml::TableReader reader) {
    RetryOverride retry{.place = reader.node().place};
    retry.base_ms = reader.integer("base_ms", 1, hour_ms);
    retry.cap_ms = reader.integer("cap_ms", 1, day_ms);
    if (const auto limit = reader.integer("limit", 1, 1'000)) retry.limit = static_cast<int>(*limit);
    reader.finish();
    return retry;
}

RetentionOverride read_retention(toml::TableReader reader) {
    RetentionOverride retention{.place = reader.node().place};
    retention.payload_ms = contract::read_duration(reader, "payload");
    retention.ids_ms = contract::read_duration(reader, "ids");
    reader.finish();
    return retention;
}

void read_key(const toml::Member& member, const std::filesystem::path& folder, ConnectorSection& connector,
              toml::Problems& problems) {
    const auto& node = member.value;
    KeyValue key{.value = {}, .key_place = member.place, .place = node.place};
    switch (node.kind) {
        case toml::Kind::text:
            key.value = node.text;
            break;
        case toml::Kind::integer:
            key.value = node.integer;
            break;
        case toml::Kind::boolean:
            key.value = node.boolean;
            break;
        case toml::Kind::table: {
            auto source = read_secret_source(node, member.key, folder, problems);
            if (!source) return;
            key.value = std::move(*source);
            break;
        }
        default:
            problems.add(key.place,
                         fmt::format("`{}` must be a string, an integer, a boolean or a secret's place; found {}",
                                     member.key, toml::to_string(node.kind)));
            return;
    }
    connector.keys.emplace(member.key, std::move(key));
}

/// A connector's name is part of a URL and, before an underscore, of every external id it writes. Without underscores
/// of its own no two connectors can mean the same external id.
bool is_connector_name(std::string_view name) {
    return !name.empty() && name.size() <= max_connector_name && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Of all flows, and of single ones.
std::map<std::string, FlowMode> read_modes(toml::TableReader& reader, toml::Problems& problems) {
    static const std::vector<std::string> words{"live", "shadow", "paused"};
    std::map<std::string, FlowMode> modes;
    if (const auto mode = reader.one_of("mode", words))
        modes.emplace("", FlowMode{.mode = words[*mode], .place = reader.place("mode")});
    const auto* flows = reader.table("modes");
    if (flows == nullptr) return modes;
    toml::TableReader each(*flows, reader.path() + ".modes", problems);
    for (const auto& flow : flows->members) {
        if (const auto mode = each.one_of(flow.key, words))
            modes.emplace(flow.key, FlowMode{.mode = words[*mode], .place = flow.value.place});
    }
    return modes;
}

void read_context(toml::TableReader reader, odoo::CallContext& context) {
    take(context.language, reader.filled_text("language"));
    if (const auto zone = reader.filled_text("time_zone")) {
        const auto known = schedule::Zone::find(*zone);
        if (!known) reader.problem("time_zone", "`time_zone`: " + known.error());
        context.time_zone = *zone;
    }
    if (const auto* companies = reader.array("companies")) {
        for (const auto& id : companies->elements) {
            if (id.kind == toml::Kind::integer && id.integer > 0) {
                context.companies.push_back(id.integer);
            } else {
                reader.problem(id, "`companies` must hold ids of companies in Odoo, such as [1, 2]");
            }
        }
        if (companies->elements.empty())
            reader.problem(*companies, "`companies` is empty; leave it out for the account's own");
    }
    reader.finish();
}

ConnectorSection read_connector(const toml::Member& member, const std::filesystem::path& folder,
                                toml::Problems& problems) {
    toml::TableReader reader(member.value, "connector." + member.key, problems);
    ConnectorSection connector{.name = member.key};
    take(connector.plugin, reader.filled_text("plugin"));
    reader.need("plugin", "the name of a plugin, such as \"shopify\"");
    if (const auto extension = reader.filled_text("contract_extension")) connector.extension = folder / *extension;
    connector.extension_place = reader.place("contract_extension");
    connector.enabled = reader.boolean("enabled", true);
    take(connector.odoo, reader.filled_text("odoo"));
    take(connector.nats, reader.filled_text("nats"));
    take(connector.lanes, reader.integer("lanes", 1, 64));
    connector.modes = read_modes(reader, problems);
    connector.place = reader.node().place;
    connector.plugin_place = reader.place("plugin");
    connector.odoo_place = reader.place("odoo");
    connector.nats_place = reader.place("nats");
    for (const auto* flow : reader.tables("retry")) {
        connector.retry.emplace(
            flow->key, read_retry({flow->value, fmt::format("{}.retry.{}", reader.path(), flow->key), problems}));
    }
    for (const auto* flow : reader.tables("retention")) {
        connector.retention.emplace(
            flow->key,
            read_retention({flow->value, fmt::format("{}.retention.{}", reader.path(), flow->key), problems}));
    }
    if (const auto* limits = reader.table("limits"))
        connector.limits = contract::read_limits({*limits, reader.path() + ".limits", problems}, 0);
    if (const auto* context = reader.table("context"))
        read_context({*context, reader.path() + ".context", problems}, connector.context);
    take(connector.rate_limit_group, reader.filled_text("rate_limit_group"));
    if (!connector.rate_limit_group.empty() && !is_connector_name(connector.rate_limit_group)) {
        problems.add(reader.place("rate_limit_group"),
                     fmt::format("the group name `{}` cannot be used; give at most {} letters, digits and `-`",
                                 connector.rate_limit_group, max_connector_name));
    }
    // What is left are the contract's own keys.
    for (const auto* key : reader.unknown()) read_key(*key, folder, connector, problems);
    return connector;
}

void read_root(const toml::Node& tree, const std::filesystem::path& folder, Configuration& configuration,
               toml::Problems& problems) {
    static const toml::Node empty;
    toml::TableReader root(tree, "", problems);
    const auto* host = root.table("host");
    read_host({host ? *host : empty, "host", problems}, folder, configuration.host, problems);
    if (const auto* ingress = root.table("ingress")) {
        read_ingress({*ingress, "ingress", problems}, configuration.ingress, problems);
    }
    for (const auto* odoo : root.tables("odoo")) {
        configuration.odoo.emplace(odoo->key, read_odoo(*odoo, folder, problems));
    }
    for (const auto* nats : root.tables("nats")) {
        configuration.nats.emplace(nats->key, read_nats(*nats, folder, problems));
    }
    for (const auto* connector : root.tables("connector")) {
        if (!is_connector_name(connector->key)) {
            problems.add(connector->value.place,
                         fmt::format("the connector name `{}` cannot be used; give at most {} letters, digits and `-`",
                                     connector->key, max_connector_name));
        }
        configuration.connectors.emplace(connector->key, read_connector(*connector, folder, problems));
    }
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

ParsedConfiguration parse_configuration(std::string_view toml, const std::filesystem::path& file) {
    ParsedConfiguration parsed;
    parsed.configuration.file = file.string();
    auto tree = toml::parse(toml, parsed.configuration.file);
    if (!tree) {
        parsed.problems.push_back(std::move(tree.error()));
        parsed.readable = false;
        return parsed;
    }
    toml::Problems problems(parsed.configuration.file);
    read_root(*tree, file.parent_path(), parsed.configuration, problems);
    parsed.problems = problems.take();
    return parsed;
}

ParsedConfiguration load_configuration(const std::filesystem::path& file) {
    const auto text = read_file(file);
    if (text) return parse_configuration(*text, file);
    ParsedConfiguration parsed;
    parsed.configuration.file = file.string();
    const auto why = text.error().message.substr(file.string().size() + 2);
    parsed.problems.push_back({.file = file.string(), .message = why + "; give --config the path of a TOML file"});
    parsed.readable = false;
    return parsed;
}

}  // namespace sluice::host
