#include "core/journal/fingerprint.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/base/crypto.hpp"

namespace sluice::journal {

namespace {

constexpr std::size_t fingerprint_bytes = 6;

bool is_quote(char c) {
    return c == '"' || c == '\'' || c == '`';
}
bool is_word(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

/// The end of what is quoted at `start`, or npos. An apostrophe within a word ("doesn't") quotes nothing.
std::size_t end_of_quote(std::string_view text, std::size_t start) {
    if (start > 0 && is_word(text[start - 1])) return std::string_view::npos;
    for (auto end = text.find(text[start], start + 1); end != std::string_view::npos;
         end = text.find(text[start], end + 1)) {
        if (end + 1 == text.size() || !is_word(text[end + 1])) return end;
    }
    return std::string_view::npos;
}

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

/// True where `before` ends with a word after which a name of the schema comes.
bool announces_a_name(std::string_view before) {
    constexpr std::array<std::string_view, 10> words = {"field",    "column", "constraint", "relation",  "table",
                                                        "property", "model",  "attribute",  "parameter", "argument"};
    while (!before.empty() && (before.back() == ' ' || before.back() == ':')) before.remove_suffix(1);
    auto start = before.size();
    while (start > 0 && is_word(before[start - 1])) --start;
    return std::ranges::find(words, before.substr(start)) != words.end();
}

/// True of what is the same for every record with this cause: the name of a field or model.
bool is_identifier(std::string_view quoted, std::string_view before) {
    const auto may_stand = [](char c) {
        return is_lower(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    if (quoted.empty() || !std::ranges::all_of(quoted, may_stand)) return false;
    if (announces_a_name(before)) return true;
    return is_lower(quoted.front()) && quoted.find_first_of("0123456789") == std::string_view::npos &&
           quoted.find_first_of("_.") != std::string_view::npos;
}

/// Words that hold a digit, and what is quoted and no identifier, are each as good as any other.
std::string shape_of(std::string_view text) {
    std::string shape;
    std::size_t word = 0;  // where the word at the end of `shape` begins
    bool has_digit = false;
    const auto end_word = [&] {
        if (has_digit) shape.replace(word, std::string::npos, "0");
        has_digit = false;
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_word(c)) {
            has_digit = has_digit || std::isdigit(static_cast<unsigned char>(c)) != 0;
            shape += c;
            continue;
        }
        end_word();
        const auto end = is_quote(c) ? end_of_quote(text, i) : std::string_view::npos;
        if (end != std::string_view::npos) {
            const auto quoted = text.substr(i + 1, end - i - 1);
            shape += '\'';
            if (is_identifier(quoted, text.substr(0, i))) shape += quoted;
            shape += '\'';
            i = end;
        } else {
            shape += c;
        }
        word = shape.size();
    }
    end_word();
    return shape;
}

}  // namespace

std::string fingerprint(std::string_view outcome) {
    return crypto::hex(crypto::sha256(shape_of(outcome)).substr(0, fingerprint_bytes));
}

}  // namespace sluice::journal
