#include "host/config/configuration.hpp"

#include <gmock/gmock.h>

#include <filesystem>

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> problems_of(std::string_view toml) {
    std::vector<std::string> lines;
    for (const auto& problem : parse_configuration(toml, "etc/sluice.toml").problems)
        lines.push_back(problem.to_string());
    return lines;
}

TEST(Configuration, ReadsEveryKey) {
    const auto parsed = parse_configuration(R"(
[host]
data_dir = "state"
plugin_dirs = ["plugins", "/opt/plugins"]
admin_socket = "run/admin.sock"
log_level = "debug"
drain_ms = 5000
[ingress]
listen = "[::1]:0"
max_body_bytes = 4096
max_connections = 8
max_waiting = 9
max_in_flight = 10
request_timeout_ms = 1100
[odoo.main]
url = "http://127.0.0.1:8069"
database = "db"
login = "svc"
api_key = { env = "KEY" }
timeout_ms = 2000
connect_timeout_ms = 300
first_byte_timeout_ms = 1500
max_response_bytes = 4096
proxy = "http://proxy:3128"
proxy_user = "odoo"
proxy_password = { env = "PROXY" }
[odoo.web]
url = "https://127.0.0.1:8070"
ca = "ca.pem"
client_certificate = "sluice.pem"
client_key = "/keys/sluice.key"
database = "db"
login = "svc"
protocol = "web_session"
password = { file = "odoo.password" }
[connector.my-shop]
plugin = "shopify"
enabled = false
odoo = "main"
lanes = 2
webhook_secret = { file = "secret" }
confirmed_order = "skip"
rate = 7
verbose = true
[connector.my-shop.context]
language = "de_DE"
time_zone = "Europe/Berlin"
companies = [2, 1]
[connector.my-shop.retry.order]
base_ms = 1
cap_ms = 2
limit = 12
[connector.my-shop.retention.order]
payload = "7d"
ids = "72h"
)",
                                            "etc/sluice.toml");
    EXPECT_THAT(parsed.problems, IsEmpty());
    EXPECT_TRUE(parsed.readable);
    const auto& c = parsed.configuration;
    EXPECT_EQ(c.host.data_dir, "etc/state");
    EXPECT_THAT(c.host.plugin_dirs, ElementsAre("etc/plugins", "/opt/plugins"));
    EXPECT_EQ(c.host.admin_socket, "etc/run/admin.sock");
    EXPECT_EQ(c.host.log_level, "debug");
    EXPECT_EQ(c.host.drain_ms, 5000);
    EXPECT_EQ(c.ingress.listen.address, "::1");
    EXPECT_EQ(c.ingress.listen.port, 0);
    EXPECT_EQ(c.ingress.max_body_bytes, 4096);
    EXPECT_EQ(c.ingress.max_connections, 8);
    EXPECT_EQ(c.ingress.max_waiting, 9);
    EXPECT_EQ(c.ingress.max_in_flight, 10);
    EXPECT_EQ(c.ingress.request_timeout_ms, 1100);
    const auto& odoo = c.odoo.at("main");
    EXPECT_EQ(odoo.url, "http://127.0.0.1:8069");
    EXPECT_EQ(odoo.database, "db");
    EXPECT_EQ(odoo.login, "svc");
    EXPECT_EQ(odoo.protocol, odoo::ProtocolName::automatic);
    EXPECT_EQ(odoo.api_key.kind, SecretSource::Kind::environment);
    EXPECT_EQ(odoo.api_key.name, "KEY");
    const auto& web = c.odoo.at("web");
    EXPECT_EQ(web.protocol, odoo::ProtocolName::web_session);
    EXPECT_EQ(web.password.kind, SecretSource::Kind::file);
    EXPECT_EQ(web.password.name, "etc/odoo.password");
    EXPECT_EQ(web.api_key.name, "");
    EXPECT_EQ(odoo.timeouts.total_ms, 2000);
    EXPECT_EQ(odoo.timeouts.connect_ms, 300);
    EXPECT_EQ(odoo.timeouts.first_byte_ms, 1500);
    EXPECT_EQ(odoo.max_response_bytes, 4096);
    EXPECT_EQ(odoo.proxy, "http://proxy:3128");
    EXPECT_EQ(odoo.proxy_user, "odoo");
    EXPECT_EQ(odoo.proxy_password.name, "PROXY");
    EXPECT_EQ(web.tls_files.ca, "etc/ca.pem");
    EXPECT_EQ(web.tls_files.certificate, "etc/sluice.pem");
    EXPECT_EQ(web.tls_files.key, "/keys/sluice.key");
    const auto& shop = c.connectors.at("my-shop");
    EXPECT_EQ(shop.context.language, "de_DE");
    EXPECT_EQ(shop.context.time_zone, "Europe/Berlin");
    EXPECT_THAT(shop.context.companies, ElementsAre(2, 1));
    EXPECT_EQ(shop.plugin, "shopify");
    EXPECT_FALSE(shop.enabled);
    EXPECT_EQ(shop.odoo, "main");
    EXPECT_EQ(shop.lanes, 2);
    EXPECT_EQ(std::get<SecretSource>(shop.keys.at("webhook_secret").value).name, "etc/secret");
    EXPECT_EQ(std::get<std::string>(shop.keys.at("confirmed_order").value), "skip");
    EXPECT_EQ(std::get<std::int64_t>(shop.keys.at("rate").value), 7);
    EXPECT_EQ(std::get<bool>(shop.keys.at("verbose").value), true);
    EXPECT_EQ(shop.retry.at("order").base_ms, 1);
    EXPECT_EQ(shop.retry.at("order").cap_ms, 2);
    EXPECT_EQ(shop.retry.at("order").limit, 12);
    EXPECT_EQ(shop.retention.at("order").payload_ms, 7 * 86'400'000);
    EXPECT_EQ(shop.retention.at("order").ids_ms, 3 * 86'400'000);
}

TEST(Configuration, EmptyFileMeansTheDefaults) {
    const auto parsed = parse_configuration("", "etc/sluice.toml");
    EXPECT_THAT(parsed.problems, IsEmpty());
    EXPECT_EQ(parsed.configuration.host.data_dir, "etc/var");
    EXPECT_EQ(parsed.configuration.host.admin_socket, "etc/var/admin.sock");
    EXPECT_THAT(parsed.configuration.host.plugin_dirs, ElementsAre("etc/plugins"));
    EXPECT_EQ(parsed.configuration.ingress.listen.address, "127.0.0.1");
    EXPECT_EQ(parsed.configuration.ingress.listen.port, 8080);
}

struct Wrong {
    std::string toml;
    std::string message;
};

class WrongLine : public testing::TestWithParam<Wrong> {};

TEST_P(WrongLine, IsNamedWithItsPlaceAndWhatWouldBeRight) {
    EXPECT_THAT(problems_of(GetParam().toml), ElementsAre(GetParam().message));
}

const std::string odoo = "[odoo.main]\nurl = \"http://a\"\ndatabase = \"d\"\nlogin = \"l\"\n";
const std::string with_key = odoo + "api_key = { env = \"K\" }\n";

INSTANTIATE_TEST_SUITE_P(
    Table, WrongLine,
    testing::Values(
        Wrong{"[hosts]\n", "etc/sluice.toml:1:2: unknown key `hosts`; did you mean `host`?"},
        Wrong{"[host]\ndata_dri = \"x\"\n",
              "etc/sluice.toml:2:1: unknown key `data_dri` in `host`; did you mean `data_dir`?"},
        Wrong{"[host]\nxyzzy = 1\n",
              "etc/sluice.toml:2:1: unknown key `xyzzy` in `host`; known here: `data_dir`, "
              "`journal_max_bytes`, `plugin_dirs`, `admin_socket`, `log_level`, `drain_ms`, `contract_check_ms` or "
              "`journal_key`"},
        Wrong{"host = 3\n", "etc/sluice.toml:1:8: `host` must be a table; found an integer"},
        Wrong{"[host]\ndata_dir = 7\n", "etc/sluice.toml:2:12: `data_dir` must be a string; found an integer"},
        Wrong{"[host]\ndata_dir = \"\"\n", "etc/sluice.toml:2:12: `data_dir` is empty"},
        Wrong{"[host]\nplugin_dirs = \"plugins\"\n",
              "etc/sluice.toml:2:15: `plugin_dirs` must be an array of strings; found a string"},
        Wrong{"[host]\nplugin_dirs = [\"a\", 1.5]\n",
              "etc/sluice.toml:2:21: each element of `plugin_dirs` must be a string; found a float"},
        Wrong{"[host]\nlog_level = \"informational\"\n",
              "etc/sluice.toml:2:13: `log_level` must be `debug`, `info`, `warning` or `error`; found `informational`"},
        Wrong{"[host]\nlog_level = \"warnin\"\n",
              "etc/sluice.toml:2:13: `log_level` must be `debug`, `info`, `warning` or `error`; found `warnin`; did "
              "you mean `warning`?"},
        Wrong{"[host]\ndrain_ms = -1\n",
              "etc/sluice.toml:2:12: `drain_ms` must be an integer from 0 to 3600000; found -1"},
        Wrong{"[host]\nadmin_socket = \"/" + std::string(120, 'x') + "\"\n",
              "etc/sluice.toml:2:16: the admin socket's path has 121 bytes; give `admin_socket` a path of at most 107"},
        Wrong{"[ingress]\nlisten = \"localhost:8080\"\n",
              "etc/sluice.toml:2:10: `listen` is `localhost:8080`; give a numeric address and a port, such as "
              "\"127.0.0.1:8080\" or \"[::1]:8080\""},
        Wrong{"[ingress]\nlisten = \"127.0.0.1:70000\"\n",
              "etc/sluice.toml:2:10: `listen` is `127.0.0.1:70000`; give a numeric address and a port, such as "
              "\"127.0.0.1:8080\" or \"[::1]:8080\""},
        Wrong{"[ingress]\nmax_body_bytes = \"2M\"\n",
              "etc/sluice.toml:2:18: `max_body_bytes` must be an integer from 1024 to 67108864; found a string"},
        Wrong{odoo, "etc/sluice.toml:1:1: `odoo.main` lacks `api_key`: { env = \"NAME\" } or { file = \"PATH\" }"},
        Wrong{odoo + "api_key = \"hunter2\"\n",
              "etc/sluice.toml:5:11: `api_key` is a secret and must not be written here; give { env = \"NAME\" } or { "
              "file = \"PATH\" }"},
        Wrong{odoo + "api_key = { env = \"A\", file = \"B\" }\n",
              "etc/sluice.toml:5:11: `api_key` names no place to read the secret from; give { env = \"NAME\" } or { "
              "file = \"PATH\" }"},
        Wrong{
            odoo + "password = { env = \"P\" }\n",
            "etc/sluice.toml:5:1: `password` is for `protocol` = \"web_session\"; give `api_key` = { env = \"NAME\" } "
            "or { file = \"PATH\" }, or that protocol"},
        Wrong{
            with_key + "protocol = \"jsonrpc\"\npassword = \"hunter2\"\n",
            "etc/sluice.toml:7:1: `password` is for `protocol` = \"web_session\"; give `api_key` = { env = \"NAME\" } "
            "or { file = \"PATH\" }, or that protocol"},
        Wrong{
            with_key + "protocol = \"web_session\"\n",
            "etc/sluice.toml:5:1: Odoo takes no API key where `protocol` is \"web_session\"; give `password` = { env = "
            "\"NAME\" } or { file = \"PATH\" }, or leave `protocol` out"},
        Wrong{
            with_key + "password = { env = \"P\" }\nprotocol = \"web_session\"\n",
            "etc/sluice.toml:5:1: Odoo takes no API key where `protocol` is \"web_session\"; give `password` = { env = "
            "\"NAME\" } or { file = \"PATH\" }, or leave `protocol` out"},
        Wrong{odoo + "protocol = \"web_session\"\n",
              "etc/sluice.toml:1:1: `odoo.main` lacks `password`: { env = \"NAME\" } or { file = \"PATH\" }"},
        Wrong{odoo + "protocol = \"web_session\"\npassword = \"hunter2\"\n",
              "etc/sluice.toml:6:12: `password` is a secret and must not be written here; give { env = \"NAME\" } or { "
              "file = \"PATH\" }"},
        Wrong{odoo + "protocol = \"web_sesion\"\npassword = { env = \"P\" }\n",
              "etc/sluice.toml:5:12: `protocol` must be `auto`, `jsonrpc`, `json2` or `web_session`; found "
              "`web_sesion`; did you mean "
              "`web_session`?"},
        Wrong{with_key + "ca = \"ca.pem\"\n", "etc/sluice.toml:6:1: `ca` is for https, and `url` is not"},
        Wrong{with_key + "proxy_user = \"me\"\n", "etc/sluice.toml:6:1: `proxy_user` and `proxy_password` go together"},
        Wrong{with_key + "proxy_user = \"me\"\nproxy_password = { env = \"P\" }\n",
              "etc/sluice.toml:6:1: `proxy_user` is for a `proxy`, and there is none"},
        Wrong{"[connector.shop]\nplugin = \"p\"\ncontext = { companies = [0] }\n",
              "etc/sluice.toml:3:26: `companies` must hold ids of companies in Odoo, such as [1, 2]"},
        Wrong{"[connector.shop]\nplugin = \"p\"\ncontext = { companies = [] }\n",
              "etc/sluice.toml:3:25: `companies` is empty; leave it out for the account's own"},
        Wrong{with_key + "timeouts_ms = 5\n",
              "etc/sluice.toml:6:1: unknown key `timeouts_ms` in `odoo.main`; did you mean `timeout_ms`?"},
        Wrong{"odoo = { main = 1 }\n", "etc/sluice.toml:1:17: `odoo.main` must be a table; found an integer"},
        Wrong{"[connector.shop]\n",
              "etc/sluice.toml:1:1: `connector.shop` lacks `plugin`: the name of a plugin, such as \"shopify\""},
        Wrong{"[connector.my_shop]\nplugin = \"p\"\n",
              "etc/sluice.toml:1:1: the connector name `my_shop` cannot be used; give at most 64 letters, digits and "
              "`-`"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nenabled = \"yes\"\n",
              "etc/sluice.toml:3:11: `enabled` must be true or false; found a string"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nlanes = 0\n",
              "etc/sluice.toml:3:9: `lanes` must be an integer from 1 to 64; found 0"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nlimits = { per_minut = 5 }\n",
              "etc/sluice.toml:3:12: unknown key `per_minut` in `connector.shop.limits`; did you mean `per_minute`?"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nrate_limit_group = \"a/b\"\n",
              "etc/sluice.toml:3:20: the group name `a/b` cannot be used; give at most 64 letters, digits and `-`"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nrate = 1.5\n",
              "etc/sluice.toml:3:8: `rate` must be a string, an integer, a boolean or a secret's place; found a float"},
        Wrong{"[connector.shop]\nplugin = \"p\"\nretry = { order = 5 }\n",
              "etc/sluice.toml:3:19: `connector.shop.retry.order` must be a table; found an integer"},
        Wrong{"[host]\njournal_key = \"c2VjcmV0\"\n",
              "etc/sluice.toml:2:15: `journal_key` is a secret and must not be written here; give { env = \"NAME\" } "
              "or { "
              "file = \"PATH\" }"},
        Wrong{"[host]\njournal_key = []\n",
              "etc/sluice.toml:2:15: `journal_key` is an empty array; give a key's place, or leave it out"},
        Wrong{"[connector.shop]\nplugin = \"p\"\n[connector.shop.retention.order]\npayload = 5\n",
              "etc/sluice.toml:4:11: `payload` must be a string; found an integer"},
        Wrong{"[connector.shop]\nplugin = \"p\"\n[connector.shop.retry.order]\nlimits = 5\n",
              "etc/sluice.toml:4:1: unknown key `limits` in `connector.shop.retry.order`; did you mean `limit`?"}));

const std::string odoo_main =
    "[odoo.main]\nurl = \"http://a\"\ndatabase = \"d\"\nlogin = \"l\"\napi_key = { env = \"K\" }\n";

TEST(Configuration, OfficeHoursLowerWhatOdooGets) {
    const auto parsed = parse_configuration(
        odoo_main +
            "max_concurrent = 12\noffice_hours = { days = \"mon-fri\", from = \"08:00\", to = \"18:00\", zone = "
            "\"Europe/Berlin\", max_concurrent = 2 }\n",
        "s.toml");
    EXPECT_THAT(parsed.problems, testing::IsEmpty());
    const auto& ceiling = parsed.configuration.odoo.at("main").ceiling;
    EXPECT_EQ(ceiling.at(1'767'585'600'000), 12);  // Monday 2026-01-05 04:00 UTC
    EXPECT_EQ(ceiling.at(1'767'607'200'000), 2);   // 10:00 UTC
    EXPECT_EQ(parse_configuration(odoo_main, "s.toml").configuration.odoo.at("main").ceiling.at(0), 8);
}

TEST(Configuration, SaysWhatIsWrongWithOfficeHours) {
    EXPECT_THAT(problems_of(odoo_main + "max_concurrent = 0\n"),
                ElementsAre("etc/sluice.toml:6:18: `max_concurrent` must be an integer from 1 to 1024; found 0"));
    EXPECT_THAT(problems_of(odoo_main + "office_hours = { from = \"08:00\", to = \"18:00\", max_concurrent = 9 }\n"),
                ElementsAre("etc/sluice.toml:6:16: `odoo.main.office_hours` lacks `zone`: a time zone, such as "
                            "\"Europe/Berlin\"",
                            "etc/sluice.toml:6:65: `max_concurrent` must be an integer from 1 to 8; found 9"));
    EXPECT_THAT(
        problems_of(odoo_main + "office_hours = { days = \"mo\", from = \"08:00\", to = \"18:00\", zone = \"UTC\", "
                                "max_concurrent = 2 }\n"),
        ElementsAre("etc/sluice.toml:6:16: `office_hours`: day-of-week must be from 0 to 7 or SUN to SAT; found "
                    "`mo`"));
}

TEST(Configuration, EveryProblemIsReportedAtOnceInTheOrderOfTheFile) {
    const auto lines = problems_of("[host]\ndrain_ms = \"x\"\n[ingress]\nlisten = \"y\"\n[connector.a]\nlanes = 99\n");
    EXPECT_THAT(lines, ElementsAre(testing::HasSubstr(":2:12:"), testing::HasSubstr(":4:10:"),
                                   testing::HasSubstr(":5:1:"), testing::HasSubstr(":6:9:")));
}

TEST(Configuration, TextThatIsNoTomlIsUnreadable) {
    const auto parsed = parse_configuration("[host\n", "etc/sluice.toml");
    EXPECT_FALSE(parsed.readable);
    ASSERT_EQ(parsed.problems.size(), 1U);
    EXPECT_EQ(parsed.problems[0].line, 1);
    EXPECT_THAT(parsed.problems[0].message, testing::StartsWith("not valid TOML: "));
}

TEST(Configuration, MissingFileIsNamed) {
    const auto parsed = load_configuration("nowhere/sluice.toml");
    EXPECT_FALSE(parsed.readable);
    ASSERT_EQ(parsed.problems.size(), 1U);
    EXPECT_EQ(parsed.problems[0].to_string(),
              "nowhere/sluice.toml: cannot be read (No such file or directory); give --config the path of a TOML file");
}

}  // namespace
}  // namespace sluice::host
