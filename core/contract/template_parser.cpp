#include "core/contract/template_parser.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <vector>

#include "core/base/text.hpp"
#include "core/contract/pointers.hpp"

namespace sluice::contract {
namespace {

std::vector<std::string> names_of(const std::map<std::string, ConfigKey>& config, bool secrets) {
    std::vector<std::string> names;
    for (const auto& [name, key] : config)
        if ((key.type == ConfigKey::Type::secret) == secrets) names.push_back(name);
    return names;
}

/// One place, without its braces; an error says what is wrong with it.
std::expected<Template::Part, std::string> parse_place(std::string_view text, const TemplatePlace& place) {
    using Kind = Template::Part::Kind;
    const PointerPlace pointer_place{.inside_lines = place.inside_lines};
    if (text.starts_with('/') || text.starts_with('^')) {
        if (const auto wrong = pointer_problem(text, pointer_place)) return std::unexpected(*wrong);
        return Template::Part{Kind::pointer, std::string(text), {Pointer(std::string(text))}};
    }
    const std::size_t colon = text.find(':');
    const std::string_view kind = text.substr(0, colon);
    const std::string_view argument = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
    if (kind == "header" && !argument.empty()) {
        if (!place.headers)
            return std::unexpected(fmt::format(
                "`{{{}}}`: headers are known only in the `topic` and `event_id` of a `webhook` or `queue`", text));
        return Template::Part{Kind::header, std::string(argument), {}};
    }
    if (kind == "config" && !argument.empty()) {
        const std::string wrong = config_problem(argument, place.config);
        if (!wrong.empty()) return std::unexpected(wrong);
        return Template::Part{Kind::config, std::string(argument), {}};
    }
    if (kind == "hash" && !argument.empty()) {
        Template::Part part{Kind::hash, {}, {}};
        for (std::size_t start = 0; start <= argument.size();) {
            const std::size_t comma = std::min(argument.find(',', start), argument.size());
            const std::string_view pointer = argument.substr(start, comma - start);
            if (const auto wrong = pointer_problem(pointer, pointer_place)) return std::unexpected(*wrong);
            part.pointers.emplace_back(std::string(pointer));
            start = comma + 1;
        }
        return part;
    }
    static const std::array<std::string, 3> kinds{"header", "config", "hash"};
    return std::unexpected(
        fmt::format("`{{{}}}` is no place: write a JSON Pointer (`{{/id}}`), `{{header:NAME}}`, `{{config:KEY}}` or "
                    "`{{hash:/a,/b}}`{}",
                    text, did_you_mean(kind, kinds)));
}

}  // namespace

std::expected<Template, std::string> parse_template(std::string_view text, const TemplatePlace& place) {
    Template result;
    std::string literal;
    const auto end_literal = [&] {
        if (!literal.empty()) result.parts.push_back({Template::Part::Kind::literal, std::move(literal), {}});
        literal.clear();
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool doubled = i + 1 < text.size() && text[i + 1] == text[i];
        if (text[i] != '{' && text[i] != '}') {
            literal += text[i];
        } else if (doubled) {
            literal += text[i++];
        } else if (text[i] == '}') {
            return std::unexpected(
                fmt::format("`{}`: a `}}` without its `{{` at byte {}; a brace itself is written `}}}}`", text, i + 1));
        } else {
            const std::size_t end = text.find_first_of("{}", i + 1);
            if (end == std::string_view::npos || text[end] == '{')
                return std::unexpected(fmt::format(
                    "`{}`: the `{{` at byte {} is never closed; a brace itself is written `{{{{`", text, i + 1));
            auto part = parse_place(text.substr(i + 1, end - i - 1), place);
            if (!part) return std::unexpected(std::move(part.error()));
            end_literal();
            result.parts.push_back(std::move(*part));
            i = end;
        }
    }
    end_literal();
    if (result.parts.empty()) return std::unexpected("a template must not be empty");
    return result;
}

std::string config_problem(std::string_view key, const std::map<std::string, ConfigKey>& config) {
    const auto found = config.find(std::string(key));
    if (found == config.end())
        return fmt::format("there is no configuration key `{}`{}", key, did_you_mean(key, names_of(config, false)));
    if (found->second.type == ConfigKey::Type::secret)
        return fmt::format("the configuration key `{}` is a secret and cannot be used as a value", key);
    return {};
}

std::string secret_problem(std::string_view key, const std::map<std::string, ConfigKey>& config) {
    const auto found = config.find(std::string(key));
    if (found == config.end())
        return fmt::format("there is no configuration key `{}`{}", key, did_you_mean(key, names_of(config, true)));
    if (found->second.type != ConfigKey::Type::secret)
        return fmt::format("the configuration key `{}` must be of type `secret`", key);
    return {};
}

}  // namespace sluice::contract
