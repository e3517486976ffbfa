#include <fmt/format.h>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/scope.hpp"

namespace sluice::mapping {
namespace {

constexpr std::size_t hash_digits = 32;

using contract::Pointer;
using Kind = contract::Template::Part::Kind;

/// Nothing where the part was appended.
using Missing = std::optional<Unfilled>;

Missing absent(std::string pointer, std::string message) {
    return Unfilled{{std::move(pointer), std::move(message)}, true};
}

Missing append_hash(const std::vector<Pointer>& pointers, const Scope& scope, std::string& out) {
    std::string joined;
    bool any = false;
    for (const Pointer& pointer : pointers) {
        auto text = scope.text_at(pointer);
        if (!text) return Unfilled{std::move(text.error()), false};
        any = any || text->has_value();
        joined += to_lower_ascii(trim(text->value_or("")));
        joined += '\n';
    }
    // The hash of nothing would be one identity for all documents that lack the values.
    if (!any) return absent(scope.absolute(pointers.front()), std::string(absent_message));
    out += crypto::hex(std::string_view(crypto::sha256(joined)).substr(0, hash_digits / 2));
    return std::nullopt;
}

Missing append_part(const contract::Template::Part& part, const Scope& scope, const http::Headers* headers,
                    std::string& out) {
    switch (part.kind) {
        case Kind::literal:
            out += part.text;
            break;
        case Kind::pointer: {
            auto text = scope.text_at(part.pointers.front());
            if (!text) return Unfilled{std::move(text.error()), false};
            if (!*text) return absent(scope.absolute(part.pointers.front()), std::string(absent_message));
            out += **text;
            break;
        }
        case Kind::hash:
            return append_hash(part.pointers, scope, out);
        case Kind::header: {
            const std::string_view value =
                headers == nullptr ? std::string_view() : http::find_header(*headers, part.text);
            if (value.empty()) return absent("", fmt::format("the header `{}` is missing", part.text));
            out += value;
            break;
        }
        case Kind::config: {
            const auto value = scope.config(part.text);
            if (!value) return absent("", fmt::format("the configuration key `{}` has no value", part.text));
            out += *value;
            break;
        }
    }
    return std::nullopt;
}

}  // namespace

std::expected<std::string, Unfilled> fill(const contract::Template& text, const Scope& scope,
                                          const http::Headers* headers) {
    std::string filled;
    for (const auto& part : text.parts)
        if (auto missing = append_part(part, scope, headers, filled)) return std::unexpected(std::move(*missing));
    return filled;
}

Result<std::string> fill_template(const contract::Template& text, const json::Value& document,
                                  const json::Value& element, const http::Headers& headers, const Config& config) {
    const Trail trail;
    auto filled = fill(text, Scope(document, element, trail, config), &headers);
    if (filled) return std::move(*filled);
    const Broken& broken = filled.error().broken;
    return fail(Failure::invalid, broken.pointer.empty() ? broken.message : broken.pointer + ": " + broken.message);
}

}  // namespace sluice::mapping
