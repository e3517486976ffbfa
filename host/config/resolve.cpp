#include "host/config/resolve.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <tuple>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/contract/delivery_parser.hpp"
#include "core/contract/extension.hpp"
#include "core/contract/hooks.hpp"
#include "core/toml/table_reader.hpp"
#include "host/config/read_file.hpp"
#include "host/queue/names.hpp"

namespace sluice::host {
namespace {

template <class Map>
std::vector<std::string> names(const Map& map) {
    std::vector<std::string> found;
    for (const auto& [name, value] : map) found.push_back(name);
    return found;
}

/// "; did you mean `x`?", or the names there are.
std::string hint(std::string_view wrong, const std::vector<std::string>& known) {
    if (auto near = did_you_mean(wrong, known); !near.empty()) return near;
    if (known.empty()) return "; there is none";
    return fmt::format("; there is: {}", fmt::join(known, ", "));
}

std::string_view type_of(const KeyValue& key) {
    constexpr std::string_view types[] = {"a string", "an integer", "a boolean", "a secret's place"};
    return types[key.value.index()];
}

std::string_view wanted(contract::ConfigKey::Type type) {
    switch (type) {
        case contract::ConfigKey::Type::text:
            return "a string";
        case contract::ConfigKey::Type::integer:
            return "an integer";
        case contract::ConfigKey::Type::boolean:
            return "true or false";
        case contract::ConfigKey::Type::secret:
            return "{ env = \"NAME\" } or { file = \"PATH\" }";
    }
    return "";
}

delivery::RateLimits to_rates(const contract::Limits& limits) {
    return {.per_second = limits.per_second.value_or(0),
            .per_minute = limits.per_minute.value_or(0),
            .per_day = limits.per_day.value_or(0),
            .concurrent = static_cast<int>(limits.concurrent.value_or(0))};
}

class Resolver {
public:
    Resolver(const Configuration& configuration, const PluginSet& plugins)
        : configuration_(configuration), plugins_(plugins), problems_(configuration.file) {}

    ResolvedSetup run() {
        journal_keys();
        for (const auto& [name, section] : configuration_.odoo) odoo(section);
        for (const auto& [name, section] : configuration_.nats) nats(section);
        for (const auto& [name, section] : configuration_.connectors) connector(section);
        for (const auto& connector : result_.setup.connectors) same_limits_in_group(connector);
        result_.problems = problems_.take();
        result_.problems.insert(result_.problems.end(), foreign_problems_.begin(), foreign_problems_.end());
        return std::move(result_);
    }

private:
    void problem(Place place, std::string message) { problems_.add(place, std::move(message)); }

    void journal_keys() {
        const auto& host = configuration_.host;
        for (std::size_t i = 0; i < host.journal_keys.size(); ++i) {
            const auto& source = host.journal_keys[i];
            const auto given = read_secret(source);
            if (!given) {
                problem(host.journal_key_places[i], "`journal_key`: " + given.error().message);
                continue;
            }
            auto key = crypto::from_base64(trim(given->reveal()));
            if (key && key->size() == crypto::aes_256_key_size) {
                result_.setup.journal_keys.emplace_back(std::move(*key));
                continue;
            }
            problem(host.journal_key_places[i],
                    fmt::format("`journal_key`: {} {} holds {}; right would be {} random bytes in base64 (head -c {} "
                                "/dev/urandom | base64)",
                                source.kind == SecretSource::Kind::file ? "file" : "environment variable", source.name,
                                key ? fmt::format("{} bytes", key->size()) : std::string("no base64"),
                                crypto::aes_256_key_size, crypto::aes_256_key_size));
        }
    }

    void odoo(const OdooSection& section) {
        odoo::Account account{.database = section.database,
                              .login = section.login,
                              .protocol = section.protocol,
                              .timeouts = section.timeouts,
                              .max_response_bytes = static_cast<std::size_t>(section.max_response_bytes)};
        // What the section lacks was reported when it was read.
        if (!section.url.empty()) {
            if (auto endpoint = http::Endpoint::parse(section.url)) {
                account.endpoint = std::move(*endpoint);
            } else {
                problem(section.url_place, endpoint.error().message);
            }
        }
        odoo_way(section, account.endpoint);
        account_secret("api_key", section.api_key, section.api_key_place, account.api_key);
        account_secret("password", section.password, section.password_place, account.password);
        result_.setup.odoo.emplace(section.name, std::move(account));
        result_.setup.ceilings.emplace(section.name, section.ceiling);
    }

    void odoo_way(const OdooSection& section, http::Endpoint& endpoint) {
        endpoint.tls_files = section.tls_files;
        const auto readable = [&](std::string_view key, const std::string& file, Place place) {
            if (!file.empty() && ::access(file.c_str(), R_OK) != 0)
                problem(place, fmt::format("`{}`: {} cannot be read", key, file));
        };
        readable("ca", section.tls_files.ca, section.ca_place);
        readable("client_certificate", section.tls_files.certificate, section.certificate_place);
        readable("client_key", section.tls_files.key, section.key_place);
        if (section.proxy.empty()) return;
        auto proxy = http::Proxy::parse(section.proxy);
        if (!proxy) return problem(section.proxy_place, "`proxy`: " + proxy.error().message);
        Secret password;
        account_secret("proxy_password", section.proxy_password, section.proxy_password_place, password);
        if (!section.proxy_user.empty()) {
            proxy->authorization = "Basic " + crypto::base64(section.proxy_user + ":" + std::string(password.reveal()));
        }
        endpoint.proxy = std::move(*proxy);
    }

    void nats(const NatsSection& section) {
        NatsAccount account{.urls = section.urls, .user = section.user, .ca_file = section.ca.string()};
        account_secret("password", section.password, section.password_place, account.password);
        account_secret("token", section.token, section.token_place, account.token);
        // libnats reads the file itself, at each connect; that it can be read, by nobody else, is told from here.
        Secret creds;
        account_secret("creds", section.creds, section.creds_place, creds);
        account.creds_file = section.creds.name;
        if (!section.ca.empty() && ::access(section.ca.c_str(), R_OK) != 0)
            problem(section.ca_place, fmt::format("`ca`: {} cannot be read", section.ca.string()));
        result_.setup.nats.emplace(section.name, std::move(account));
    }

    /// Where the section has none, that was reported or the protocol needs another one.
    void account_secret(std::string_view key, const SecretSource& source, Place place, Secret& target) {
        if (source.name.empty()) return;
        if (auto secret = read_secret(source)) {
            target = std::move(*secret);
        } else {
            problem(place, fmt::format("`{}`: {}", key, secret.error().message));
        }
    }

    void connector(const ConnectorSection& section) {
        Connector made{.name = section.name, .lanes = section.lanes};
        made.odoo = odoo_name(section);
        made.rate_limit_group = section.rate_limit_group;
        made.context = section.context;
        const auto plugin = plugins_.plugins.find(section.plugin);
        if (plugin != plugins_.plugins.end()) {
            made.plugin = plugin->second;
            // Of a contract that could not be extended it is not known which keys it has.
            if (section.extension.empty() || extend(section, made)) keys(section, made);
            retries(section, made);
            modes(section, made);
            if (section.enabled) queues(section, made);
            made.limits = to_rates(section.limits.over(made.plugin->contract.limits));
            retentions(section, made);
        } else if (section.enabled && !section.plugin.empty()) {
            problem(section.plugin_place, fmt::format("there is no plugin `{}` in the plugin directories{}",
                                                      section.plugin, hint(section.plugin, names(plugins_.plugins))));
        }
        if (!section.enabled) {
            result_.setup.disabled.push_back(section.name);
        } else {
            result_.setup.connectors.push_back(std::move(made));
        }
    }

    /// False, and problems, where the contract stays as it was shipped.
    bool extend(const ConnectorSection& section, Connector& made) {
        made.extension_file = section.extension.string();
        const auto text = read_file(section.extension);
        if (!text) {
            problem(section.extension_place, fmt::format("`contract_extension`: {}", text.error().message));
            return false;
        }
        made.extension = *text;
        auto extended = contract::read_extended_contract(made.plugin->contract_text, made.plugin->contract_file(),
                                                         *text, made.extension_file);
        if (!extended) {
            foreign_problems_.insert(foreign_problems_.end(), extended.error().begin(), extended.error().end());
            return false;
        }
        if (auto missing = contract::missing_hooks(extended->contract, made.plugin->hook_names, extended->files);
            !missing.empty()) {
            foreign_problems_.insert(foreign_problems_.end(), missing.begin(), missing.end());
            return false;
        }
        auto own = std::make_shared<Plugin>(*made.plugin);
        own->contract = std::move(extended->contract);
        made.plugin = std::move(own);
        return true;
    }

    std::string odoo_name(const ConnectorSection& section) {
        const auto& all = configuration_.odoo;
        if (section.odoo.empty()) {
            if (all.size() == 1) return all.begin()->first;
            problem(section.place,
                    all.empty()
                        ? fmt::format("`connector.{}` has no Odoo to write to; add a table [odoo.main]", section.name)
                        : fmt::format("`connector.{}` lacks `odoo`: {}", section.name, list_names(names(all))));
        } else if (!all.contains(section.odoo)) {
            problem(section.odoo_place,
                    fmt::format("there is no [odoo.{}]{}", section.odoo, hint(section.odoo, names(all))));
        }
        return section.odoo;
    }

    /// What the connector's flows with a `queue` need, where there are any.
    void queues(const ConnectorSection& section, Connector& made) {
        const auto& all = configuration_.nats;
        made.nats = section.nats;
        if (!section.nats.empty() && !all.contains(section.nats))
            return problem(section.nats_place,
                           fmt::format("there is no [nats.{}]{}", section.nats, hint(section.nats, names(all))));
        for (const auto& [name, flow] : made.plugin->contract.flows) {
            if (!flow.queue || !is_on(made, flow)) continue;
            if (made.nats.empty() && all.size() != 1)
                return problem(
                    section.place,
                    all.empty() ? fmt::format("`connector.{}` has no NATS server for the queue of its flow "
                                              "`{}`; add a table [nats.main] with `url`",
                                              section.name, name)
                                : fmt::format("`connector.{}` lacks `nats`: {}", section.name, list_names(names(all))));
            if (made.nats.empty()) made.nats = all.begin()->first;
            queue(section, made, flow);
        }
        for (const auto& conflict : queue_conflicts(made))
            problem(section.place, fmt::format("`connector.{}`: {}", section.name, conflict));
    }

    void queue(const ConnectorSection& section, const Connector& made, const contract::Flow& flow) {
        const auto read = queue_names(made, flow);
        if (!read) return problem(section.place, fmt::format("`connector.{}`: {}", section.name, read.error().message));
        const auto [taken, fresh] = consumers_.try_emplace({made.nats, read->stream, read->consumer},
                                                           fmt::format("flow `{}` of `{}`", flow.name, section.name));
        if (!fresh)
            problem(
                section.place,
                fmt::format("`connector.{}`: flow `{}` would read the consumer {} of stream {} together with {}, and "
                            "each get a part of the messages; give them two",
                            section.name, flow.name, read->consumer, read->stream, taken->second));
    }

    void keys(const ConnectorSection& section, Connector& made) {
        const auto& declared = made.plugin->contract.config;
        std::vector<std::string> known{
            "plugin",  "contract_extension", "enabled", "odoo", "nats", "lanes", "retry", "retention", "limits",
            "context", "rate_limit_group",   "mode",    "modes"};
        for (const auto& [name, key] : declared) known.push_back(name);
        for (const auto& [name, value] : section.keys) {
            const auto key = declared.find(name);
            if (key == declared.end()) {
                problem(value.key_place, toml::unknown_key(name, "connector." + section.name, known));
            } else {
                one_key(section, key->second, value, made);
            }
        }
        for (const auto& [name, key] : declared) {
            if (section.keys.contains(name)) continue;
            if (key.default_value) {
                made.config.emplace(name, *key.default_value);
            } else if (!key.optional) {
                problem(section.place, fmt::format("`connector.{}` lacks `{}`: {}{}{}", section.name, name,
                                                   wanted(key.type), key.help.empty() ? "" : "; ", key.help));
            }
        }
    }

    void one_key(const ConnectorSection& section, const contract::ConfigKey& key, const KeyValue& given,
                 Connector& made) {
        using Type = contract::ConfigKey::Type;
        if (key.type == Type::secret) {
            if (const auto* source = std::get_if<SecretSource>(&given.value)) {
                if (section.enabled) secret(key.name, *source, given.place, made);
            } else {
                problem(given.place, fmt::format("`{}` is a secret and must not be written here; give {}", key.name,
                                                 wanted(key.type)));
            }
            return;
        }
        const auto* text = std::get_if<std::string>(&given.value);
        const auto* integer = std::get_if<std::int64_t>(&given.value);
        const auto* boolean = std::get_if<bool>(&given.value);
        if (key.type == Type::text && text) {
            if (!key.choices.empty() && std::ranges::find(key.choices, *text) == key.choices.end()) {
                problem(given.place, fmt::format("`{}` must be {}; found `{}`{}", key.name, list_names(key.choices),
                                                 *text, did_you_mean(*text, key.choices)));
            }
            made.config.emplace(key.name, *text);
        } else if (key.type == Type::integer && integer) {
            made.config.emplace(key.name, std::to_string(*integer));
        } else if (key.type == Type::boolean && boolean) {
            made.config.emplace(key.name, *boolean ? "true" : "false");
        } else {
            problem(given.place, fmt::format("`{}` must be {}; found {}", key.name, wanted(key.type), type_of(given)));
        }
    }

    void secret(const std::string& name, const SecretSource& source, Place place, Connector& made) {
        if (auto value = read_secret(source)) {
            made.secrets.emplace(name, std::move(*value));
        } else {
            problem(place, fmt::format("`{}`: {}", name, value.error().message));
        }
    }

    void modes(const ConnectorSection& section, Connector& made) {
        const auto& flows = made.plugin->contract.flows;
        const auto read = [](const std::string& word) {
            return word == "shadow" ? Mode::shadow : word == "paused" ? Mode::paused : Mode::live;
        };
        const auto all = section.modes.find("");
        for (const auto& [name, flow] : flows)
            if (all != section.modes.end()) made.modes[name] = read(all->second.mode);
        for (const auto& [name, given] : section.modes) {
            if (name.empty()) continue;
            if (flows.contains(name))
                made.modes[name] = read(given.mode);
            else
                problem(given.place,
                        fmt::format("plugin `{}` has no flow `{}`{}", section.plugin, name, hint(name, names(flows))));
        }
        std::erase_if(made.modes, [](const auto& one) { return one.second == Mode::live; });
    }

    void retries(const ConnectorSection& section, Connector& made) {
        const auto& flows = made.plugin->contract.flows;
        for (const auto& [name, flow] : flows) made.retry.emplace(name, flow.retry);
        for (const auto& [name, changed] : section.retry) {
            const auto found = made.retry.find(name);
            if (found == made.retry.end()) {
                problem(changed.place,
                        fmt::format("plugin `{}` has no flow `{}`{}", section.plugin, name, hint(name, names(flows))));
                continue;
            }
            auto& retry = found->second;
            retry.base_ms = changed.base_ms.value_or(retry.base_ms);
            retry.cap_ms = changed.cap_ms.value_or(retry.cap_ms);
            retry.limit = changed.limit.value_or(retry.limit);
            if (retry.base_ms > retry.cap_ms) {
                problem(changed.place,
                        fmt::format("base_ms {} of flow `{}` is above its cap_ms {}; give a cap_ms of at least {}",
                                    retry.base_ms, name, retry.cap_ms, retry.base_ms));
            }
        }
    }

    /// One account has one set of limits.
    void same_limits_in_group(const Connector& connector) {
        if (connector.rate_limit_group.empty()) return;
        const auto& all = result_.setup.connectors;
        const auto first = std::ranges::find(all, connector.rate_limit_group, &Connector::rate_limit_group);
        if (first->limits == connector.limits) return;
        problem(configuration_.connectors.at(connector.name).place,
                fmt::format("connectors `{}` and `{}` share the rate_limit_group `{}` and have different limits; give "
                            "both the same [connector.NAME.limits]",
                            first->name, connector.name, connector.rate_limit_group));
    }

    void retentions(const ConnectorSection& section, Connector& made) {
        const auto& flows = made.plugin->contract.flows;
        for (const auto& [name, flow] : flows) made.retention.emplace(name, flow.retention);
        for (const auto& [name, changed] : section.retention) {
            const auto found = made.retention.find(name);
            if (found == made.retention.end()) {
                problem(changed.place,
                        fmt::format("plugin `{}` has no flow `{}`{}", section.plugin, name, hint(name, names(flows))));
                continue;
            }
            auto& retention = found->second;
            retention.payload_ms = changed.payload_ms.value_or(retention.payload_ms);
            retention.ids_ms = changed.ids_ms.value_or(retention.ids_ms);
            if (const auto wrong = contract::retention_problem(retention); !wrong.empty())
                problem(changed.place, fmt::format("flow `{}`: {}", name, wrong));
        }
    }

    const Configuration& configuration_;
    const PluginSet& plugins_;
    toml::Problems problems_;
    std::vector<Problem> foreign_problems_;  ///< of other files
    ResolvedSetup result_;
    std::map<std::tuple<std::string, std::string, std::string>, std::string> consumers_;  ///< who reads them
};

}  // namespace

ResolvedSetup resolve(const Configuration& configuration, const PluginSet& plugins) {
    return Resolver(configuration, plugins).run();
}

std::string data_dir_problem(const std::filesystem::path& data_dir) {
    std::error_code code;
    auto folder = std::filesystem::absolute(data_dir, code);
    // Where it is not there yet, the folder it would be made in decides.
    while (!std::filesystem::exists(folder, code) && folder.has_relative_path()) folder = folder.parent_path();
    const auto message = [&](std::string_view what) {
        return fmt::format("`data_dir` {}: {} {}; give a folder this account may write to", data_dir.string(),
                           folder.string(), what);
    };
    if (!std::filesystem::is_directory(folder, code)) return message("is no folder");
    if (::access(folder.c_str(), W_OK | X_OK) != 0) return message("cannot be written to");
    return "";
}

}  // namespace sluice::host
