#pragma once
// What the readers of several tables of the configuration file share.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "core/toml/table_reader.hpp"
#include "host/config/configuration.hpp"

namespace sluice::host {

inline constexpr std::string_view secret_forms = "{ env = \"NAME\" } or { file = \"PATH\" }";

/// Narrows what integer() has checked already.
template <class Target>
void take(Target& target, std::optional<std::int64_t> value) {
    if (value) target = static_cast<Target>(*value);
}

inline void take(std::string& target, std::optional<std::string> value) {
    if (value) target = std::move(*value);
}

/// `{ env = "NAME" }` or `{ file = "PATH" }` under `key`, a path relative to `folder`; nothing and a problem where it
/// is neither.
std::optional<SecretSource> read_secret_source(const toml::Node& node, std::string_view key,
                                               const std::filesystem::path& folder, toml::Problems& problems);

/// `[odoo.NAME]`.
OdooSection read_odoo(const toml::Member& member, const std::filesystem::path& folder, toml::Problems& problems);

}  // namespace sluice::host
