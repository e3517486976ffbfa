#include "host/admin/body.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::host {

Body::Body(const std::string& text) {
    auto parsed = json::Document::parse(text.empty() ? "{}" : text);
    if (parsed && parsed->root().kind() == json::Kind::object) {
        document_.emplace(std::move(*parsed));
    } else {
        wrong(parsed ? "the body is no JSON object" : "the body is " + parsed.error().message);
    }
}

void Body::wrong(std::string message) {
    if (problem_.empty()) problem_ = std::move(message);
}

std::optional<json::Value> Body::member(std::string_view name) {
    known_.emplace_back(name);
    return document_ ? document_->root().find(name) : std::nullopt;
}

std::optional<std::string> Body::text(std::string_view name, std::size_t max_bytes) {
    const auto value = member(name);
    if (!value) return std::nullopt;
    if (value->kind() == json::Kind::string && !value->text().empty() && value->text().size() <= max_bytes)
        return std::string(value->text());
    wrong(fmt::format("`{}` must be a text of 1 to {} bytes", name, max_bytes));
    return std::nullopt;
}

std::string Body::needed_text(std::string_view name, std::string_view what) {
    auto given = text(name);
    if (!given) wrong(fmt::format("{} needs a {}; send {{\"{}\":\"TEXT\"}}", what, name, name));
    return given.value_or("");
}

std::optional<std::int64_t> Body::integer(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto value = member(name);
    if (!value) return std::nullopt;
    const auto number = value->as_int64();
    if (number && *number >= least && *number <= most) return number;
    wrong(fmt::format("`{}` must be a number from {} to {}", name, least, most));
    return std::nullopt;
}

bool Body::flag(std::string_view name) {
    const auto value = member(name);
    if (value && value->kind() != json::Kind::boolean) wrong(fmt::format("`{}` must be true or false", name));
    return value && value->is_true();
}

std::vector<json::Value> Body::array(std::string_view name) {
    const auto value = member(name);
    if (!value) return {};
    if (value->kind() != json::Kind::array) wrong(fmt::format("`{}` must be an array", name));
    std::vector<json::Value> elements;
    for (std::size_t i = 0; value->kind() == json::Kind::array && i < value->size(); ++i)
        elements.push_back(value->at(i));
    return elements;
}

std::string Body::problem() {
    const auto root = document_ ? std::optional(document_->root()) : std::nullopt;
    for (std::size_t i = 0; root && i < root->size(); ++i) {
        const std::string name(root->key(i));
        if (std::ranges::find(known_, name) != known_.end()) continue;
        wrong(fmt::format("unknown member `{}`{}; there are {}", name, did_you_mean(name, known_), list_names(known_)));
    }
    return problem_;
}

}  // namespace sluice::host
