#include "core/json/splice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"
#include "core/json/json.hpp"

namespace sluice::json {
namespace {

/// Members or elements named in a message.
constexpr std::size_t max_named = 12;

/// Where a value stands in the text its document was parsed from.
class Places {
public:
    /// The document keeps a copy; only white space (and a byte order mark) comes before its root.
    Places(std::string_view text, const Document& document)
        : root_(document.root().raw().data()), offset_(text.find(document.root().raw())) {}
    std::size_t begin(const Value& value) const {
        return offset_ + static_cast<std::size_t>(value.raw().data() - root_);
    }
    std::size_t end(const Value& value) const { return begin(value) + value.raw().size(); }

private:
    const char* root_;
    std::size_t offset_;
};

std::string escaped(std::string_view name) {
    std::string token;
    for (const char c : name) {
        if (c == '~')
            token += "~0";
        else if (c == '/')
            token += "~1";
        else
            token += c;
    }
    return token;
}

/// "there is nothing at /items/7; the nearest there is is /items, an array of 2".
Error nothing_at(const Value& root, std::string_view pointer) {
    Error error{.failure = Failure::invalid};
    if (!pointer.starts_with('/')) {
        error.message = fmt::format("`{}` is no JSON Pointer, which begins with `/` (/line_items/0/sku)", pointer);
        return error;
    }
    auto parent = pointer;
    std::optional<Value> found;
    while (!found) {
        parent = parent.substr(0, parent.rfind('/'));
        found = root.at_pointer(parent);
    }
    const auto rest = pointer.substr(parent.size() + 1);
    const auto missing = rest.substr(0, rest.find('/'));
    error.message = fmt::format("there is nothing at {}: ", pointer);
    const auto where = parent.empty() ? std::string("the document") : std::string(parent);
    if (found->kind() == Kind::array) {
        error.message += fmt::format("{} is an array of {}", where, found->size());
    } else if (found->kind() == Kind::object) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < found->size(); ++i) names.push_back(escaped(found->key(i)));
        const auto near = did_you_mean(missing, names);
        if (names.size() > max_named) names.resize(max_named);
        error.message += fmt::format("{} has no `{}`{}", where, missing, near);
        if (near.empty() && !names.empty())
            error.message += fmt::format("; it has {}{}", list_names(names), found->size() > max_named ? ", ..." : "");
    } else {
        error.message += fmt::format("{} is a {} and has no members", where, to_string(found->kind()));
    }
    return error;
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The comma after `from`, with white space between.
std::size_t comma_after(std::string_view text, std::size_t from) {
    while (is_space(text[from])) ++from;
    return from;
}

/// A change must not leave what cannot be read: neither a value too deep nor a document too large.
Result<std::string> readable(std::string text) {
    const auto parsed = Document::parse(text);
    if (!parsed)
        return fail(Failure::invalid, "with this change nobody could read the document: " + parsed.error().message);
    return text;
}

}  // namespace

Result<std::string> replace_at(std::string_view document, std::string_view pointer, std::string_view value) {
    const auto parsed = Document::parse(document);
    if (!parsed) return fail(Failure::invalid, "the document is no JSON: " + parsed.error().message);
    const auto wanted = Document::parse(value);
    if (!wanted) {
        return fail(Failure::invalid, fmt::format("`{}` is no JSON; a text stands in quotes: \"{}\"",
                                                  value.substr(0, 80), value.substr(0, 80)));
    }
    const auto old = parsed->root().at_pointer(pointer);
    if (!old) return std::unexpected(nothing_at(parsed->root(), pointer));
    const Places places(document, *parsed);
    std::string text(document.substr(0, places.begin(*old)));
    text += wanted->root().raw();
    text += document.substr(places.end(*old));
    return readable(std::move(text));
}

Result<std::string> remove_at(std::string_view document, std::string_view pointer) {
    const auto parsed = Document::parse(document);
    if (!parsed) return fail(Failure::invalid, "the document is no JSON: " + parsed.error().message);
    const auto old = parsed->root().at_pointer(pointer);
    if (!old) return std::unexpected(nothing_at(parsed->root(), pointer));
    if (pointer.empty()) return fail(Failure::invalid, "the whole document cannot be removed");
    const auto parent = *parsed->root().at_pointer(pointer.substr(0, pointer.rfind('/')));
    const Places places(document, *parsed);
    std::size_t index = 0;
    while (places.begin(parent.at(index)) != places.begin(*old)) ++index;
    if (parent.kind() == Kind::object) {
        std::size_t named = 0;
        for (std::size_t i = 0; i < parent.size(); ++i) named += parent.key(i) == parent.key(index) ? 1 : 0;
        if (named > 1)
            return fail(Failure::invalid, fmt::format("{} stands there {} times: without the last the one before it "
                                                      "would count; set it instead",
                                                      pointer, named));
    }
    // With the comma before it; the first goes with the one after it.
    std::size_t from = places.begin(parent) + 1, to = places.end(*old);
    if (index > 0) {
        from = places.end(parent.at(index - 1));
    } else if (parent.size() > 1) {
        to = comma_after(document, to) + 1;
    }
    return readable(std::string(document.substr(0, from)).append(document.substr(to)));
}

}  // namespace sluice::json
