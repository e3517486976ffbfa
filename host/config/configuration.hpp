#pragma once
// The configuration file as values: what `sluice run --config FILE` is told. Reference: docs/configuration.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/contract/limits.hpp"
#include "core/credentials/secret.hpp"
#include "core/delivery/call_gate.hpp"
#include "core/http/client.hpp"
#include "core/http/server.hpp"
#include "core/odoo/client.hpp"
#include "core/toml/problems.hpp"

namespace sluice::host {

using toml::Place;
using toml::Problem;

/// `[host]`. Paths are absolute or relative to the process: those of the file were relative to the file's folder.
struct HostSection {
    std::filesystem::path data_dir;
    std::vector<std::filesystem::path> plugin_dirs;
    std::filesystem::path admin_socket;
    std::string log_level = "info";              ///< debug, info, warning or error
    std::int64_t drain_ms = 30'000;              ///< how long running deliveries may go on after SIGTERM
    std::int64_t journal_max_bytes = 0;          ///< beyond which webhooks get 503; 0: as large as the disk allows
    std::int64_t contract_check_ms = 3'600'000;  ///< how often contracts are held against Odoo; 0: never
    /// Where the keys are kept that contents are encrypted with: by the first; those sealed by any are read.
    std::vector<SecretSource> journal_keys;
    Place data_dir_place, plugin_dirs_place;
    std::vector<Place> journal_key_places;  ///< of each
};

/// `[ingress]`.
struct IngressSection {
    http::ListenTcp listen{.address = "127.0.0.1", .port = 8080};
    std::int64_t max_body_bytes = 2 * 1024 * 1024;
    int max_connections = 1'024;
    std::int64_t max_waiting = 100'000;  ///< unfinished events of one connector beyond which its webhooks get 429
    int max_in_flight = 512;             ///< webhooks waiting for their commit beyond which more get 503
    std::int64_t request_timeout_ms = 10'000;
};

/// `[odoo.NAME]`.
struct OdooSection {
    std::string name, url, database, login;
    odoo::ProtocolName protocol = odoo::ProtocolName::automatic;
    SecretSource api_key;   ///< for all protocols but web_session
    SecretSource password;  ///< for web_session
    http::Timeouts timeouts;
    std::int64_t max_response_bytes = http::Client::default_max_response_bytes;
    http::TlsFiles tls_files;
    std::string proxy;  ///< a URL; "": none
    std::string proxy_user;
    SecretSource proxy_password;
    delivery::CallCeiling ceiling;
    Place url_place, api_key_place, password_place, ca_place, certificate_place, key_place, proxy_place,
        proxy_password_place;
};

/// `[nats.NAME]`. Of user with password, token and creds file at most one is given.
struct NatsSection {
    std::string name;
    std::vector<std::string> urls;
    std::string user;
    SecretSource password, token;
    SecretSource creds;  ///< a file
    std::filesystem::path ca;
    Place place, password_place, token_place, creds_place, ca_place;
};

/// A value of one of the contract's own keys, as written.
struct KeyValue {
    std::variant<std::string, std::int64_t, bool, SecretSource> value;
    Place key_place, place;  ///< of the key and of its value
};

/// `[connector.NAME.retry.FLOW]`: what is set replaces the contract's.
struct RetryOverride {
    std::optional<std::int64_t> base_ms, cap_ms;
    std::optional<int> limit;
    Place place;
};

/// `[connector.NAME.retention.FLOW]`, likewise.
struct RetentionOverride {
    std::optional<std::int64_t> payload_ms, ids_ms;
    Place place;
};

/// `mode` of a connector, or of one flow in `[connector.NAME.modes]`: "live", "shadow" or "paused".
struct FlowMode {
    std::string mode;
    Place place;
};

/// `[connector.NAME]`.
struct ConnectorSection {
    std::string name, plugin;
    std::filesystem::path extension;  ///< of the plugin's contract; empty: none
    bool enabled = true;
    std::string odoo;  ///< "": left out
    std::string nats;  ///< "": left out
    int lanes = 4;
    std::map<std::string, FlowMode> modes;  ///< by flow; "": of all that are not named
    std::map<std::string, KeyValue> keys;
    std::map<std::string, RetryOverride> retry;          ///< by flow
    std::map<std::string, RetentionOverride> retention;  ///< by flow
    contract::Limits limits;                             ///< what is set replaces the contract's
    std::string rate_limit_group;                        ///< "": its own
    odoo::CallContext context;
    Place place, plugin_place, extension_place, odoo_place, nats_place;
};

struct Configuration {
    std::string file;  ///< as given, for messages
    HostSection host;
    IngressSection ingress;
    std::map<std::string, OdooSection> odoo;
    std::map<std::string, NatsSection> nats;
    std::map<std::string, ConnectorSection> connectors;
};

/// What a file says and everything that is wrong in it. What is wrong was left at its default, so that later checks can
/// go on.
struct ParsedConfiguration {
    Configuration configuration;
    std::vector<Problem> problems;
    bool readable = true;  ///< false: no file or no TOML, `configuration` says nothing
};

/// Reads a TOML text. `file` is the name used in messages; relative paths in the text are relative to its folder. Reads
/// no other file, no variable and no secret.
ParsedConfiguration parse_configuration(std::string_view toml, const std::filesystem::path& file);
/// The same for a file on disk.
ParsedConfiguration load_configuration(const std::filesystem::path& file);

/// "127.0.0.1:8080" or "[::1]:8080": a numeric address and a port (0: any free one).
Result<http::ListenTcp> parse_listen(std::string_view text);

}  // namespace sluice::host
