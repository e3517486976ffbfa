#include <simdjson.h>

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "core/base/text.hpp"
#include "core/json/json.hpp"

// One pass of simdjson's On-Demand parser (which validates as it goes and hands out raw number tokens) into a flat
// array of nodes: children of a container lie behind one another in `children`, so that a look-up touches little
// memory.

namespace sluice::json {
namespace {

namespace ondemand = simdjson::ondemand;

struct Node {
    Kind kind = Kind::null;
    std::string_view raw;     ///< the exact bytes
    std::string_view text;    ///< string: unescaped; number, boolean: the token
    std::uint32_t first = 0;  ///< containers: index into children
    std::uint32_t size = 0;
};

struct Child {
    std::string_view key;
    std::uint32_t node = 0;
};

/// RFC 8259's number; On-Demand hands the token out unchecked.
bool is_number(std::string_view token) {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t first = at;
        while (at < token.size() && token[at] >= '0' && token[at] <= '9') ++at;
        return at - first;
    };
    if (at < token.size() && token[at] == '-') ++at;
    const bool zero = at < token.size() && token[at] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (at < token.size() && token[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < token.size() && (token[at] == 'e' || token[at] == 'E')) {
        ++at;
        if (at < token.size() && (token[at] == '+' || token[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == token.size();
}

}  // namespace

std::string_view to_string(Kind kind) {
    constexpr std::string_view names[] = {"null", "boolean", "number", "string", "array", "object"};
    return names[static_cast<std::size_t>(kind)];
}

struct Document::Impl {
    simdjson::padded_string bytes;
    ondemand::parser parser;
    std::vector<Node> nodes;
    std::vector<Child> children;
    const char* where = nullptr;  ///< where parsing failed, if known

    simdjson::error_code build();
    template <class V>
    simdjson::error_code add(V& value, std::size_t depth, std::uint32_t& index);
    template <class V>
    simdjson::error_code add_container(V& value, std::size_t depth, Node& node);
    void commit(std::vector<Child>& collected, Node& node);
};

void Document::Impl::commit(std::vector<Child>& collected, Node& node) {
    node.first = static_cast<std::uint32_t>(children.size());
    node.size = static_cast<std::uint32_t>(collected.size());
    children.insert(children.end(), collected.begin(), collected.end());
}

template <class V>
simdjson::error_code Document::Impl::add_container(V& value, std::size_t depth, Node& node) {
    std::vector<Child> collected;
    if (node.kind == Kind::array) {
        ondemand::array array;
        if (const auto error = value.get_array().get(array)) return error;
        for (auto element : array) {
            ondemand::value child;
            if (const auto error = element.get(child)) return error;
            std::uint32_t index = 0;
            if (const auto error = add(child, depth + 1, index)) return error;
            collected.push_back({.key = {}, .node = index});
        }
    } else {
        ondemand::object object;
        if (const auto error = value.get_object().get(object)) return error;
        for (auto member : object) {
            ondemand::field field;
            if (const auto error = std::move(member).get(field)) return error;
            std::string_view key;
            if (const auto error = field.unescaped_key().get(key)) return error;
            std::uint32_t index = 0;
            if (const auto error = add(field.value(), depth + 1, index)) return error;
            collected.push_back({.key = key, .node = index});
        }
    }
    commit(collected, node);
    return simdjson::SUCCESS;
}

template <class V>
simdjson::error_code Document::Impl::add(V& value, std::size_t depth, std::uint32_t& index) {
    if (depth > max_depth) return simdjson::DEPTH_ERROR;
    index = static_cast<std::uint32_t>(nodes.size());
    nodes.emplace_back();
    Node node;
    ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return error;
    std::string_view token;
    if constexpr (std::is_same_v<V, ondemand::value>) {
        token = value.raw_json_token();
    } else {
        if (const auto error = value.raw_json_token().get(token)) return error;
    }
    const char* first = token.data();
    token = trim(token);
    switch (type) {
        case ondemand::json_type::null: {
            node.kind = Kind::null;
            bool null = false;
            if (const auto error = simdjson::simdjson_result<bool>(value.is_null()).get(null)) return error;
            if (!null || token != "null") return simdjson::N_ATOM_ERROR;
            node.raw = token;
            break;
        }
        case ondemand::json_type::boolean: {
            node.kind = Kind::boolean;
            bool flag = false;
            if (const auto error = value.get_bool().get(flag)) return error;
            node.raw = node.text = token;
            break;
        }
        case ondemand::json_type::number: {
            node.kind = Kind::number;
            if (!is_number(token)) return simdjson::NUMBER_ERROR;
            node.raw = node.text = token;
            break;
        }
        case ondemand::json_type::string: {
            node.kind = Kind::string;
            if (const auto error = value.get_string().get(node.text)) return error;
            node.raw = token;
            break;
        }
        case ondemand::json_type::array:
        case ondemand::json_type::object: {
            node.kind = type == ondemand::json_type::array ? Kind::array : Kind::object;
            if (const auto error = add_container(value, depth, node)) return error;
            node.raw = std::string_view(first, 1);  // raw() finds the end: few containers are ever asked for it
            break;
        }
    }
    nodes[index] = node;
    return simdjson::SUCCESS;
}

simdjson::error_code Document::Impl::build() {
    ondemand::document document;
    if (const auto error = parser.iterate(bytes).get(document)) return error;
    std::uint32_t root = 0;
    const auto error = add(document, 1, root);
    if (error) {
        const char* location = nullptr;
        if (!document.current_location().get(location)) where = location;
        return error;
    }
    const Node& top = nodes[root];
    if (top.kind == Kind::array || top.kind == Kind::object) {
        return document.current_location().error() == simdjson::OUT_OF_BOUNDS ? simdjson::SUCCESS
                                                                              : simdjson::TRAILING_CONTENT;
    }
    return trim(std::string_view(bytes.data(), bytes.size())) == top.raw ? simdjson::SUCCESS
                                                                         : simdjson::TRAILING_CONTENT;
}

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

namespace {

/// The end of the container that starts at `at`: brackets are balanced, for the document was validated.
const char* container_end(const char* at) {
    int depth = 0;
    bool in_string = false;
    for (;; ++at) {
        if (in_string) {
            if (*at == '\\') {
                ++at;
            } else if (*at == '"') {
                in_string = false;
            }
            continue;
        }
        if (*at == '"') in_string = true;
        if (*at == '{' || *at == '[') ++depth;
        if ((*at == '}' || *at == ']') && --depth == 0) return at + 1;
    }
}

}  // namespace

Result<Document> Document::parse(std::string_view bytes) {
    if (bytes.size() > max_bytes) {
        return fail(Failure::invalid,
                    fmt::format("JSON of {} bytes is larger than the limit of {}", bytes.size(), max_bytes));
    }
    auto impl = std::make_unique<Impl>();
    impl->bytes = simdjson::padded_string(bytes);
    if (const auto error = impl->build()) {
        const auto offset = impl->where ? impl->where - impl->bytes.data() : 0;
        return fail(Failure::invalid,
                    fmt::format("not valid JSON (near byte {}): {}", offset, simdjson::error_message(error)));
    }
    return Document(std::move(impl));
}

Value Document::root() const {
    return {this, 0};
}

namespace {
constexpr std::size_t not_found = static_cast<std::size_t>(-1);
}

Kind Value::kind() const {
    return document_->impl_->nodes[node_].kind;
}
std::string_view Value::text() const {
    return document_->impl_->nodes[node_].text;
}

std::string_view Value::raw() const {
    const Node& node = document_->impl_->nodes[node_];
    if (node.kind != Kind::array && node.kind != Kind::object) return node.raw;
    const char* first = node.raw.data();
    return {first, static_cast<std::size_t>(container_end(first) - first)};
}

bool Value::is_true() const {
    return kind() == Kind::boolean && text() == "true";
}

std::optional<std::int64_t> Value::as_int64() const {
    if (kind() != Kind::number) return std::nullopt;
    const std::string_view token = text();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
    return number;
}

std::size_t Value::size() const {
    return document_->impl_->nodes[node_].size;
}

Value Value::at(std::size_t index) const {
    const auto& impl = *document_->impl_;
    return {document_, impl.children[impl.nodes[node_].first + index].node};
}

std::string_view Value::key(std::size_t index) const {
    const auto& impl = *document_->impl_;
    return impl.children[impl.nodes[node_].first + index].key;
}

std::optional<Value> Value::find(std::string_view name) const {
    if (kind() != Kind::object) return std::nullopt;
    std::size_t found = not_found;
    for (std::size_t i = 0; i < size(); ++i) {
        if (key(i) == name) found = i;
    }
    if (found == not_found) return std::nullopt;
    return at(found);
}

std::optional<Value> Value::at_pointer(std::string_view pointer) const {
    if (pointer.empty()) return *this;
    if (pointer[0] != '/') return std::nullopt;
    const std::size_t next = pointer.find('/', 1);
    const std::string_view escaped = pointer.substr(1, next == std::string_view::npos ? next : next - 1);
    const std::string_view rest = next == std::string_view::npos ? std::string_view{} : pointer.substr(next);

    std::optional<Value> child;
    if (kind() == Kind::array) {
        std::size_t index = 0;
        const auto [end, error] = std::from_chars(escaped.data(), escaped.data() + escaped.size(), index);
        const bool plain =
            error == std::errc{} && end == escaped.data() + escaped.size() && (escaped[0] != '0' || escaped == "0");
        if (plain && index < size()) child = at(index);
    } else if (escaped.find('~') == std::string_view::npos) {
        child = find(escaped);
    } else {
        std::string name;
        for (std::size_t i = 0; i < escaped.size(); ++i) {
            if (escaped[i] == '~' && i + 1 < escaped.size() && (escaped[i + 1] == '0' || escaped[i + 1] == '1')) {
                name += escaped[++i] == '0' ? '~' : '/';
            } else {
                name += escaped[i];
            }
        }
        child = find(name);
    }
    return child ? child->at_pointer(rest) : std::nullopt;
}

std::string identity_at(const Value& document, std::string_view pointer) {
    const auto value = document.at_pointer(pointer);
    if (!value || (value->kind() != Kind::string && value->kind() != Kind::number)) return "";
    return std::string(value->text());
}

}  // namespace sluice::json
