#include "core/odoo/external_id.hpp"

#include <charconv>

#include "core/base/crypto.hpp"

namespace sluice::odoo {
namespace {

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

/// Every byte that is not plain becomes `<mark>xHH`, and so does a mark that an `x` follows, so that the text can be
/// told from it.
std::string escape(std::string_view text, char mark) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool starts_escape = c == mark && i + 1 < text.size() && text[i + 1] == 'x';
        if ((is_plain(c) || c == mark) && !starts_escape) {
            out += c;
        } else {
            out += mark + ("x" + crypto::hex(text.substr(i, 1)));
        }
    }
    return out;
}

}  // namespace

std::string external_id_prefix(std::string_view connector) {
    return "__sluice__." + escape(connector, '-') + "_";
}

std::optional<std::string> own_external_id(std::string_view connector, std::string_view full) {
    const auto prefix = external_id_prefix(connector);
    if (!full.starts_with(prefix)) return std::nullopt;
    const auto name = full.substr(prefix.size());
    std::string out;
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] != '_' || i + 1 >= name.size() || name[i + 1] != 'x') {
            out += name[i];
            continue;
        }
        unsigned int byte = 0;
        const auto digits = name.substr(i + 2, 2);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || read.ec != std::errc() || read.ptr != digits.data() + 2) return std::nullopt;
        out += static_cast<char>(byte);
        i += 3;
    }
    // Only what is written back the same is ours: another notation, or a hashed one, is not.
    if (full_external_id(connector, out) != full) return std::nullopt;
    return out;
}

std::string full_external_id(std::string_view connector, std::string_view external_id) {
    static constexpr std::size_t hash_length = 64;
    const auto name = escape(external_id, '_');
    const auto prefix = external_id_prefix(connector);
    if (name.size() <= max_external_id_length) return prefix + name;
    // One longer than any that is not hashed, so that the two kinds cannot meet.
    return prefix + name.substr(0, max_external_id_length - hash_length) + "_" +
           crypto::hex(crypto::sha256(external_id));
}

}  // namespace sluice::odoo
