#include "core/contract/pointer.hpp"

namespace sluice::contract {
namespace {

/// Where the first "*" token stands; npos where there is none.
std::size_t find_wildcard(std::string_view pointer) {
    for (std::size_t at = pointer.find("/*"); at != std::string_view::npos; at = pointer.find("/*", at + 1))
        if (at + 2 == pointer.size() || pointer[at + 2] == '/') return at;
    return std::string_view::npos;
}

}  // namespace

Pointer::Pointer(std::string text) : text_(std::move(text)) {
    constexpr std::size_t wildcard_bytes = 2;
    for (std::string_view rest = plain();;) {
        const std::size_t star = find_wildcard(rest);
        const std::string_view leg = rest.substr(0, star);
        legs_.push_back({std::string(leg), json::Path(leg)});
        if (star == std::string_view::npos) return;
        rest.remove_prefix(star + wildcard_bytes);
    }
}

}  // namespace sluice::contract
