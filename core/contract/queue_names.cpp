#include "core/contract/queue_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::contract {
namespace {

/// White space and control characters; bytes of UTF-8 beyond ASCII are fine.
bool is_blank(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

/// The first token of what is left, which is taken off it.
std::string_view next_token(std::string_view& rest) {
    const auto dot = std::min(rest.find('.'), rest.size());
    const auto token = rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    return token;
}

}  // namespace

std::optional<std::string> queue_name_problem(std::string_view name) {
    constexpr std::string_view never = ".*>/\\";
    if (name.empty()) return "it is empty";
    if (name.size() > max_queue_name_bytes) return fmt::format("it has more than {} bytes", max_queue_name_bytes);
    const bool wrong = std::ranges::any_of(name, [&](char c) { return is_blank(c) || never.find(c) != never.npos; });
    if (wrong) return "it must have no white space and none of `.`, `*`, `>`, `/` and `\\`";
    return std::nullopt;
}

std::optional<std::string> subject_problem(std::string_view subject) {
    if (subject.empty()) return "it is empty";
    if (std::ranges::any_of(subject, is_blank)) return "it must have no white space";
    if (subject.starts_with('.') || subject.ends_with('.') || subject.find("..") != subject.npos)
        return "its tokens, which `.` parts, must not be empty";
    for (auto rest = subject; !rest.empty();) {
        const auto token = next_token(rest);
        if (token.size() > 1 && token.find_first_of("*>") != token.npos)
            return fmt::format("`{}`: a wildcard is a token by itself", token);
        if (token == ">" && !rest.empty()) return "`>` stands for all that follows, so nothing comes after it";
    }
    return std::nullopt;
}

bool subjects_overlap(std::string_view left, std::string_view right) {
    if (left.empty() || right.empty()) return true;
    while (!left.empty() && !right.empty()) {
        const auto one = next_token(left), other = next_token(right);
        if (one == ">" || other == ">") return true;
        if (one != other && one != "*" && other != "*") return false;
    }
    return left.empty() && right.empty();
}

}  // namespace sluice::contract
