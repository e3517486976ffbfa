#include "host/config/section_reader.hpp"

#include <fmt/format.h>

namespace sluice::host {

std::optional<SecretSource> read_secret_source(const toml::Node& node, std::string_view key,
                                               const std::filesystem::path& folder, toml::Problems& problems) {
    // Whatever stands here may be the secret itself: it is not repeated.
    const auto wrong = [&](std::string_view what) {
        problems.add(node.place, fmt::format("`{}` {}; give {}", key, what, secret_forms));
        return std::nullopt;
    };
    if (node.kind != toml::Kind::table) return wrong("is a secret and must not be written here");
    const auto* member = node.members.size() == 1 ? &node.members.front() : nullptr;
    const bool environment = member && member->key == "env";
    if (!member || !(environment || member->key == "file") || member->value.text.empty()) {
        return wrong("names no place to read the secret from");
    }
    const auto& name = member->value.text;
    if (environment) return SecretSource{.kind = SecretSource::Kind::environment, .name = name};
    return SecretSource{.kind = SecretSource::Kind::file, .name = (folder / name).string()};
}

}  // namespace sluice::host
