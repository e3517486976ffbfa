#include "core/contract/pointers.hpp"

#include <fmt/format.h>

namespace sluice::contract {

std::optional<std::string> pointer_problem(std::string_view pointer, PointerPlace place) {
    std::string_view rest = pointer;
    if (rest.starts_with('^')) {
        if (!place.inside_lines)
            return fmt::format("`{}`: `^` (the document's root) has a meaning only inside lines", pointer);
        rest.remove_prefix(1);
        if (rest.empty()) return fmt::format("`{}` names the whole document, which is no value", pointer);
    }
    if (rest.empty())
        return place.inside_lines
                   ? std::nullopt
                   : std::optional<std::string>("an empty JSON Pointer names the whole document, which is no value");
    if (!rest.starts_with('/'))
        return fmt::format("`{}` is no JSON Pointer, which starts with `/`; did you mean `{}/{}`?", pointer,
                           pointer.starts_with('^') ? "^" : "", rest);
    for (std::size_t i = 0; i < rest.size(); ++i)
        if (rest[i] == '~' && (i + 1 == rest.size() || (rest[i + 1] != '0' && rest[i + 1] != '1')))
            return fmt::format("`{}` is no JSON Pointer: `~` is written `~0`, and `/` within a name `~1`", pointer);
    if (has_wildcard(pointer) && !place.wildcard)
        return fmt::format("`{}`: `*` (every element) sums decimals and has no meaning here", pointer);
    return std::nullopt;
}

bool has_wildcard(std::string_view pointer) {
    return pointer.find("/*/") != std::string_view::npos || pointer.ends_with("/*");
}

}  // namespace sluice::contract
