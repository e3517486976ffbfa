#include "core/toml/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::toml {
namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += fmt::format("\\{}", c);
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
            out += fmt::format("\\u{:04X}", static_cast<unsigned int>(static_cast<unsigned char>(c)));
        else
            out += c;
    }
    return out + "\"";
}

}  // namespace

std::string key_text(std::string_view key) {
    const bool bare = !key.empty() && std::ranges::all_of(key, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    return bare ? std::string(key) : quoted(key);
}

std::string to_toml(const Node& node) {
    std::string out;
    switch (node.kind) {
        case Kind::text:
            return quoted(node.text);
        case Kind::integer:
            return std::to_string(node.integer);
        case Kind::boolean:
            return node.boolean ? "true" : "false";
        case Kind::array:
            for (const Node& element : node.elements) out += (out.empty() ? "" : ", ") + to_toml(element);
            return "[" + out + "]";
        case Kind::table:
            for (const Member& member : node.members)
                out += fmt::format("{}{} = {}", out.empty() ? "" : ", ", key_text(member.key), to_toml(member.value));
            return out.empty() ? "{}" : "{ " + out + " }";
        case Kind::real:
        case Kind::date_time:
            break;
    }
    return "?";
}

}  // namespace sluice::toml
