#include <simdjson.h>

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <utility>

#include "core/base/text.hpp"
#include "core/json/path.hpp"

// simdjson's first stage validates UTF-8 and finds where every token begins; the walk here goes from token to token,
// checks the grammar, and makes a flat array of nodes of them. (simdjson's own second stage turns numbers into doubles;
// its On-Demand walk takes twice as long.) Children of a container lie side by side, so that a look-up touches little
// memory.

namespace sluice::json {
namespace {

using detail::Node;
using simdjson::error_code;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_white(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/// The end of RFC 8259's number that begins here; null where none does. Bytes that are no number end the text.
const char* number_end(const char* at) {
    if (*at == '-') ++at;
    const bool zero = *at == '0';
    const char* whole = at;
    while (is_digit(*at)) ++at;
    if (at == whole || (zero && at - whole > 1)) return nullptr;
    if (*at == '.') {
        const char* fraction = ++at;
        while (is_digit(*at)) ++at;
        if (at == fraction) return nullptr;
    }
    if (*at == 'e' || *at == 'E') {
        ++at;
        if (*at == '+' || *at == '-') ++at;
        const char* exponent = at;
        while (is_digit(*at)) ++at;
        if (at == exponent) return nullptr;
    }
    return at;
}

/// What a parse needs and a document does not; kept by each thread, since allocating it takes longer than a parse.
struct Scratch {
    static constexpr std::size_t kept_bytes = 1024 * 1024;  ///< of a document; what a larger one needed is given back

    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage1;
    std::unique_ptr<Node[]> nodes;  ///< of containers that have ended
    std::unique_ptr<Node[]> open;   ///< children so far of those that have not

    /// Room for every value of a text with so many tokens. A value has two, but for the root and for containers that
    /// are never closed.
    void reserve(std::size_t tokens) {
        const std::size_t values = tokens / 2 + Document::max_depth + 2;
        if (values <= capacity_) return;
        nodes = std::make_unique_for_overwrite<Node[]>(values);
        open = std::make_unique_for_overwrite<Node[]>(values);
        capacity_ = values;
    }

    error_code prepare(std::size_t size) {
        if (!stage1)
            return simdjson::get_active_implementation()->create_dom_parser_implementation(
                std::max(size, least_capacity), Document::max_depth, stage1);
        return stage1->capacity() < size ? stage1->set_capacity(size) : simdjson::SUCCESS;
    }

private:
    static constexpr std::size_t least_capacity = 16 * 1024;
    std::size_t capacity_ = 0;
};

}  // namespace

std::string_view to_string(Kind kind) {
    constexpr std::string_view names[] = {"null", "boolean", "number", "string", "array", "object"};
    return names[static_cast<std::size_t>(kind)];
}

struct Document::Impl : Value::Origin {
    simdjson::padded_string text;
    std::unique_ptr<Node[]> array;  ///< the root is its last
    std::size_t count = 0;
    std::unique_ptr<char[]> unescaped;  ///< strings with escapes; made for the first of them
};

namespace {

class Walk {
public:
    Walk(const simdjson::padded_string& text, Scratch& scratch, std::unique_ptr<char[]>& unescaped)
        : bytes_(text.data()),
          size_(text.size()),
          stage1_(*scratch.stage1),
          tokens_(stage1_.structural_indexes.get()),
          count_(stage1_.n_structural_indexes),
          nodes_(scratch.nodes.get()),
          open_(scratch.open.get()),
          unescaped_(unescaped),
          escape_(next_escape(bytes_)) {}

    /// The root is the last of the nodes.
    error_code document() {
        Node* root = open_++;
        if (const auto error = value(*root, 1)) return error;
        if (at_ != count_) return simdjson::TRAILING_CONTENT;
        nodes_[node_count_++] = *root;
        return simdjson::SUCCESS;
    }
    std::size_t node_count() const { return node_count_; }

    /// Where the walk stands.
    std::size_t offset() const { return tokens_[std::min<std::uint32_t>(at_ == 0 ? 0 : at_ - 1, count_)]; }

private:
    /// The first byte of the next token; 0 at the end of the text (simdjson puts the text's size behind the last).
    char peek() const { return bytes_[tokens_[at_]]; }
    char take() { return bytes_[tokens_[at_++]]; }

    const char* next_escape(const char* from) const {
        const char* end = bytes_ + size_;
        const void* found = from < end ? std::memchr(from, '\\', static_cast<std::size_t>(end - from)) : nullptr;
        return found == nullptr ? end : static_cast<const char*>(found);
    }

    error_code value(Node& node, std::size_t depth) {
        if (depth > Document::max_depth) return simdjson::DEPTH_ERROR;
        const char* token = bytes_ + tokens_[at_];
        node.text = token;
        switch (take()) {
            case '"': {
                std::uint32_t size = 0;
                const auto error = string(token, node.text, size);
                set(node, Kind::string, size, static_cast<std::size_t>(token - bytes_));
                return error;
            }
            case '{':
                return object(node, depth);
            case '[':
                return array(node, depth);
            case 't':
                return atom(node, "true", Kind::boolean, simdjson::T_ATOM_ERROR);
            case 'f':
                return atom(node, "false", Kind::boolean, simdjson::F_ATOM_ERROR);
            case 'n':
                return atom(node, "null", Kind::null, simdjson::N_ATOM_ERROR);
            default: {
                const bool number = *token == '-' || is_digit(*token);
                const char* end = number ? number_end(token) : nullptr;
                if (end == nullptr || !ends_at(end)) return number ? simdjson::NUMBER_ERROR : simdjson::TAPE_ERROR;
                set(node, Kind::number, static_cast<std::size_t>(end - token));
                return simdjson::SUCCESS;
            }
        }
    }

    /// Only white space is between here and the next token.
    bool ends_at(const char* end) const {
        const char* next = bytes_ + tokens_[at_];
        while (end < next && is_white(*end)) ++end;
        return end == next;
    }

    error_code atom(Node& node, std::string_view word, Kind kind, error_code wrong) {
        // The text is padded: a word that is cut short reads zeros.
        if (std::memcmp(node.text, word.data(), word.size()) != 0 || !ends_at(node.text + word.size())) return wrong;
        set(node, kind, word.size());
        return simdjson::SUCCESS;
    }

    /// `token` is its opening quote, and the next token is the one behind it.
    error_code string(const char* token, const char*& text, std::uint32_t& size) {
        const char* end = bytes_ + tokens_[at_] - 1;
        while (is_white(*end)) --end;
        if (*end != '"' || end == token) return simdjson::STRING_ERROR;
        ++token;
        if (escape_ >= end) {
            text = token;
            size = static_cast<std::uint32_t>(end - token);
            return simdjson::SUCCESS;
        }
        if (!unescaped_) {
            unescaped_ = std::make_unique_for_overwrite<char[]>(size_ + simdjson::SIMDJSON_PADDING);
            next_unescaped_ = unescaped_.get();
        }
        const auto* last = stage1_.parse_string(reinterpret_cast<const std::uint8_t*>(token),
                                                reinterpret_cast<std::uint8_t*>(next_unescaped_));
        if (last == nullptr) return simdjson::STRING_ERROR;
        text = next_unescaped_;
        next_unescaped_ = const_cast<char*>(reinterpret_cast<const char*>(last));
        size = static_cast<std::uint32_t>(next_unescaped_ - text);
        escape_ = next_escape(end);
        return simdjson::SUCCESS;
    }

    error_code array(Node& node, std::size_t depth) {
        Node* begin = open_;
        if (peek() == ']') {
            ++at_;
            return close(node, Kind::array, begin);
        }
        for (;;) {
            Node& child = *open_++;
            child.key_size = 0;
            if (const auto error = value(child, depth + 1)) return error;
            const char next = take();
            if (next == ']') return close(node, Kind::array, begin);
            if (next != ',') return simdjson::TAPE_ERROR;
        }
    }

    error_code object(Node& node, std::size_t depth) {
        Node* begin = open_;
        if (peek() == '}') {
            ++at_;
            return close(node, Kind::object, begin);
        }
        for (;;) {
            Node& member = *open_++;
            const char* token = bytes_ + tokens_[at_];
            if (take() != '"') return simdjson::TAPE_ERROR;
            std::uint32_t key_size = 0;
            if (const auto error = string(token, member.key, key_size)) return error;
            member.key_size = key_size;
            member.key_mark = detail::mark_of({member.key, key_size});
            if (take() != ':') return simdjson::TAPE_ERROR;
            if (const auto error = value(member, depth + 1)) return error;
            const char next = take();
            if (next == '}') return close(node, Kind::object, begin);
            if (next != ',') return simdjson::TAPE_ERROR;
        }
    }

    error_code close(Node& node, Kind kind, Node* begin) {
        const auto children = static_cast<std::size_t>(open_ - begin);
        std::memcpy(nodes_ + node_count_, begin, children * sizeof(Node));
        set(node, kind, children, node_count_);
        node_count_ += children;
        open_ = begin;
        return simdjson::SUCCESS;
    }

    static void set(Node& node, Kind kind, std::size_t size, std::size_t first = 0) {
        node.kind = static_cast<std::uint32_t>(kind) & 15U;
        node.size = static_cast<std::uint32_t>(size) & ((1U << 28U) - 1);
        node.first = static_cast<std::uint32_t>(first);
    }

    const char* bytes_;
    std::size_t size_;
    const simdjson::internal::dom_parser_implementation& stage1_;
    const std::uint32_t* tokens_;
    std::uint32_t count_;
    std::uint32_t at_ = 0;
    Node* nodes_;
    Node* open_;
    std::size_t node_count_ = 0;
    std::unique_ptr<char[]>& unescaped_;
    char* next_unescaped_ = nullptr;
    const char* escape_;  ///< the first backslash that no string so far has held
};

/// The end of the string or container that starts at `at`: quotes and brackets are balanced, for the document was
/// validated.
const char* token_end(const char* at) {
    int depth = 0;
    bool in_string = false;
    for (;; ++at) {
        if (in_string) {
            if (*at == '\\') {
                ++at;
            } else if (*at == '"') {
                in_string = false;
                if (depth == 0) return at + 1;
            }
            continue;
        }
        if (*at == '"') in_string = true;
        if (*at == '{' || *at == '[') ++depth;
        if ((*at == '}' || *at == ']') && --depth == 0) return at + 1;
    }
}

}  // namespace

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view bytes) {
    if (bytes.size() > max_bytes) {
        return fail(Failure::invalid,
                    fmt::format("JSON of {} bytes is larger than the limit of {}", bytes.size(), max_bytes));
    }
    thread_local Scratch scratch;
    auto impl = std::make_unique<Impl>();
    impl->text = simdjson::padded_string(bytes);
    auto error = scratch.prepare(bytes.size());
    if (!error)
        error = scratch.stage1->stage1(reinterpret_cast<const std::uint8_t*>(impl->text.data()), bytes.size(),
                                       simdjson::stage1_mode::regular);
    std::size_t offset = 0;
    if (!error) {
        scratch.reserve(scratch.stage1->n_structural_indexes);
        Walk walk(impl->text, scratch, impl->unescaped);
        error = walk.document();
        offset = walk.offset();
        impl->count = walk.node_count();
    }
    if (!error) {
        impl->array = std::make_unique_for_overwrite<Node[]>(impl->count);
        std::memcpy(impl->array.get(), scratch.nodes.get(), impl->count * sizeof(Node));
        impl->nodes = impl->array.get();
        impl->bytes = impl->text.data();
    }
    if (bytes.size() > Scratch::kept_bytes) scratch = {};
    if (error)
        return fail(Failure::invalid,
                    fmt::format("not valid JSON (near byte {}): {}", offset, simdjson::error_message(error)));
    return Document(std::move(impl));
}

Value Document::root() const {
    return {impl_.get(), impl_->nodes + impl_->count - 1};
}

std::string_view Value::raw() const {
    switch (kind()) {
        case Kind::string: {
            const char* first = document_->bytes + node_->first;
            return {first, static_cast<std::size_t>(token_end(first) - first)};
        }
        case Kind::array:
        case Kind::object:
            return {node_->text, static_cast<std::size_t>(token_end(node_->text) - node_->text)};
        default:
            return {node_->text, node_->size};
    }
}

std::optional<std::int64_t> Value::as_int64() const {
    if (kind() != Kind::number) return std::nullopt;
    const std::string_view token = text();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
    if (error != std::errc{} || end != token.data() + token.size()) return std::nullopt;
    return number;
}

std::optional<Value> Value::at_pointer(std::string_view pointer) const {
    return Path(pointer).follow(*this);
}

std::string identity_at(const Value& document, std::string_view pointer) {
    const auto value = document.at_pointer(pointer);
    if (!value || (value->kind() != Kind::string && value->kind() != Kind::number)) return "";
    return std::string(value->text());
}

}  // namespace sluice::json
