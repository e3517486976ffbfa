#pragma once
// "{config:KEY}" where a contract may leave a choice to the operator.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::contract {

/// The KEY of a text that is "{config:KEY}" and nothing else; nothing where it is another one.
inline std::optional<std::string> config_reference(std::string_view text) {
    constexpr std::string_view prefix = "{config:";
    if (!text.starts_with(prefix) || !text.ends_with('}')) return std::nullopt;
    return std::string(text.substr(prefix.size(), text.size() - prefix.size() - 1));
}

}  // namespace sluice::contract
