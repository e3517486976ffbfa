#include <fmt/format.h>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/scope.hpp"

namespace sluice::mapping {
namespace {

constexpr std::size_t hash_digits = 32;

using Filled = std::expected<std::string, Unfilled>;

Filled absent(std::string pointer, std::string message) {
    return std::unexpected(Unfilled{{std::move(pointer), std::move(message)}, true});
}

Filled text_place(const std::string& pointer, const Scope& scope) {
    auto text = scope.text_at(pointer);
    if (!text) return std::unexpected(Unfilled{std::move(text.error()), false});
    if (!*text) return absent(scope.absolute(pointer), std::string(absent_message));
    return std::move(**text);
}

Filled hash_place(const std::vector<std::string>& pointers, const Scope& scope) {
    std::string joined;
    bool any = false;
    for (const std::string& pointer : pointers) {
        auto text = scope.text_at(pointer);
        if (!text) return std::unexpected(Unfilled{std::move(text.error()), false});
        any = any || text->has_value();
        joined += to_lower_ascii(trim(text->value_or(""))) + "\n";
    }
    // The hash of nothing would be one identity for all documents that lack the values.
    if (!any) return absent(scope.absolute(pointers.front()), std::string(absent_message));
    return crypto::hex(crypto::sha256(joined)).substr(0, hash_digits);
}

Filled fill_part(const contract::Template::Part& part, const Scope& scope, const http::Headers* headers) {
    using Kind = contract::Template::Part::Kind;
    switch (part.kind) {
        case Kind::literal:
            return part.text;
        case Kind::pointer:
            return text_place(part.text, scope);
        case Kind::hash:
            return hash_place(part.pointers, scope);
        case Kind::header: {
            const std::string_view value =
                headers == nullptr ? std::string_view() : http::find_header(*headers, part.text);
            if (value.empty()) return absent("", fmt::format("the header `{}` is missing", part.text));
            return std::string(value);
        }
        case Kind::config: {
            auto value = scope.config(part.text);
            if (!value) return absent("", fmt::format("the configuration key `{}` has no value", part.text));
            return std::move(*value);
        }
    }
    return {};
}

}  // namespace

std::expected<std::string, Unfilled> fill(const contract::Template& text, const Scope& scope,
                                          const http::Headers* headers) {
    std::string filled;
    for (const auto& part : text.parts) {
        auto value = fill_part(part, scope, headers);
        if (!value) return value;
        filled += *value;
    }
    return filled;
}

Result<std::string> fill_template(const contract::Template& text, const json::Value& document,
                                  const json::Value& element, const http::Headers& headers, const Config& config) {
    auto filled = fill(text, Scope(document, element, "", config), &headers);
    if (filled) return std::move(*filled);
    const Broken& broken = filled.error().broken;
    return fail(Failure::invalid, broken.pointer.empty() ? broken.message : broken.pointer + ": " + broken.message);
}

}  // namespace sluice::mapping
