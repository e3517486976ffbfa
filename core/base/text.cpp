#include "core/base/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace sluice {
namespace {

/// Damerau's distance (optimal string alignment): two neighbours swapped, the commonest slip, are one edit.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before_last, last(right.size() + 1), row(right.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 0; i < left.size(); ++i) {
        row[0] = i + 1;
        for (std::size_t j = 0; j < right.size(); ++j) {
            row[j + 1] = std::min({last[j] + (left[i] == right[j] ? 0 : 1), row[j] + 1, last[j + 1] + 1});
            const bool swapped = i > 0 && j > 0 && left[i] == right[j - 1] && left[i - 1] == right[j];
            if (swapped) row[j + 1] = std::min(row[j + 1], before_last[j - 1] + 1);
        }
        before_last = std::exchange(last, row);
    }
    return last.back();
}

}  // namespace

std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> candidates) {
    const std::size_t allowed = std::max<std::size_t>(1, wrong.size() / 3);
    std::optional<std::string> best;
    std::size_t best_distance = allowed + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(to_lower_ascii(wrong), to_lower_ascii(candidate));
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates) {
    const auto near = nearest(wrong, candidates);
    return near ? fmt::format("; did you mean `{}`?", *near) : std::string();
}

std::string list_names(std::span<const std::string> names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += "`" + names[i] + "`";
    }
    return text;
}

std::string to_lower_ascii(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

std::string_view trim(std::string_view text) {
    constexpr std::string_view white = " \t\r\n\v\f";
    const std::size_t first = text.find_first_not_of(white);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(white) - first + 1);
}

bool is_utf8(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80        ? 1
                                   : lead >> 5U == 6  ? 2
                                   : lead >> 4U == 14 ? 3
                                   : lead >> 3U == 30 ? 4
                                                      : 0;
        if (length == 0 || text.size() - at < length) return false;
        std::uint32_t code = length == 1 ? lead : lead & (0xFFU >> (length + 1));
        for (std::size_t i = 1; i < length; ++i) {
            const auto next = static_cast<unsigned char>(text[at + i]);
            if (next >> 6U != 2) return false;
            code = code << 6U | (next & 0x3FU);
        }
        constexpr std::uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
        if (code < smallest[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return false;
        at += length;
    }
    return true;
}

}  // namespace sluice
