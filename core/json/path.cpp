#include "core/json/path.hpp"

#include <charconv>
#include <limits>

namespace sluice::json {

std::string unescape_token(std::string_view token) {
    std::string name;
    name.reserve(token.size());
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1')) {
            name += token[++i] == '0' ? '~' : '/';
        } else {
            name += token[i];
        }
    }
    return name;
}

namespace {

std::size_t index_of(std::string_view token) {
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool plain = error == std::errc{} && end == token.data() + token.size() && (token[0] != '0' || token == "0");
    return plain ? index : none;
}

}  // namespace

Path::Path(std::string_view pointer) {
    leads_somewhere_ = pointer.empty() || pointer.front() == '/';
    while (!pointer.empty() && leads_somewhere_) {
        const std::size_t next = std::min(pointer.find('/', 1), pointer.size());
        const std::string_view token = pointer.substr(1, next - 1);
        steps_.push_back({Name(unescape_token(token)), index_of(token)});
        pointer.remove_prefix(next);
    }
}

}  // namespace sluice::json
