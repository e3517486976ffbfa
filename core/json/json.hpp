#pragma once
// JSON as it came: numbers stay the text they were, so that a 64-bit id or an amount of money survives untouched.

#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::json {

enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
std::string_view to_string(Kind kind);

class Document;

namespace detail {

/// A value in a Document's array of nodes, in which the children of a container stand side by side.
struct Node {
    const char* key;   ///< of a member: its name, escapes resolved
    const char* text;  ///< string: its text, escapes resolved; else the first byte of its token
    std::uint32_t key_size;
    std::uint32_t key_mark;   ///< mark_of(key): most names differ in it
    std::uint32_t first;      ///< container: index of the first child; string: offset of its opening quote
    std::uint32_t size : 28;  ///< container: children; else bytes of `text`
    std::uint32_t kind : 4;
};
static_assert(sizeof(Node) == 32);

/// Cheap to make of any name, and cheap to tell two names apart by.
inline std::uint32_t mark_of(std::string_view name) {
    if (name.empty()) return 0;
    const auto byte = [&name](std::size_t at) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(name[at]));
    };
    return static_cast<std::uint32_t>(name.size()) ^ byte(0) << 8U ^ byte(name.size() / 2) << 16U ^
           byte(name.size() - 1) << 24U;
}

/// Names are short: a call of memcmp costs more than the comparison.
inline bool is_same(const char* left, const char* right, std::size_t size) {
    constexpr std::size_t word = sizeof(std::uint64_t);
    const auto differ = [=](std::size_t at) {
        std::uint64_t a = 0, b = 0;
        std::memcpy(&a, left + at, word);
        std::memcpy(&b, right + at, word);
        return a != b;
    };
    if (size < word) {
        for (std::size_t i = 0; i < size; ++i)
            if (left[i] != right[i]) return false;
        return true;
    }
    for (std::size_t at = 0; at + word < size; at += word)
        if (differ(at)) return false;
    return !differ(size - word);
}

}  // namespace detail

/// A member's name that is looked for often.
struct Name {
    explicit Name(std::string text_) : text(std::move(text_)), mark(detail::mark_of(text)) {}
    std::string text;
    std::uint32_t mark;
};

/// A view of one value of a Document; cheap to copy, valid while its Document lives.
class Value {
public:
    Kind kind() const { return static_cast<Kind>(node_->kind); }
    bool is_null() const { return kind() == Kind::null; }
    /// A string's text with its escapes resolved; a number's or boolean's token; "" for the others.
    std::string_view text() const {
        const bool scalar = kind() == Kind::string || kind() == Kind::number || kind() == Kind::boolean;
        return scalar ? std::string_view(node_->text, node_->size) : std::string_view();
    }
    /// The exact bytes of this value in the document.
    std::string_view raw() const;
    /// True only for the token `true`.
    bool is_true() const { return kind() == Kind::boolean && node_->text[0] == 't'; }
    /// A number token that is an integer of 64 bits.
    std::optional<std::int64_t> as_int64() const;

    /// Elements of an array or members of an object; 0 for the others.
    std::size_t size() const { return kind() == Kind::array || kind() == Kind::object ? node_->size : 0; }
    /// The i-th element (of an array) or the i-th member's value (of an object), in document order; i < size().
    Value at(std::size_t index) const { return {document_, child(index)}; }
    /// The i-th member's name; i < size(), objects only.
    std::string_view key(std::size_t index) const {
        const detail::Node* member = child(index);
        return {member->key, member->key_size};
    }
    /// A member by name (the last one, where a name repeats, as Python and JavaScript read it).
    std::optional<Value> find(std::string_view name) const { return find(name, detail::mark_of(name)); }
    std::optional<Value> find(const Name& name) const { return find(name.text, name.mark); }
    /// RFC 6901 JSON Pointer ("" is this value itself, "/a/0/b", "~0" and "~1" as escapes).
    std::optional<Value> at_pointer(std::string_view pointer) const;

private:
    friend class Document;
    /// What all Values of a document share; it stays where it is when the Document is moved.
    struct Origin {
        const detail::Node* nodes = nullptr;
        const char* bytes = nullptr;
    };
    Value(const Origin* document, const detail::Node* node) : document_(document), node_(node) {}
    const detail::Node* child(std::size_t index) const { return document_->nodes + node_->first + index; }
    std::optional<Value> find(std::string_view name, std::uint32_t mark) const {
        if (kind() != Kind::object) return std::nullopt;
        const detail::Node* first = document_->nodes + node_->first;
        for (const detail::Node* member = first + node_->size; member-- != first;)
            if (member->key_mark == mark && member->key_size == name.size() &&
                detail::is_same(member->key, name.data(), name.size()))
                return Value(document_, member);
        return std::nullopt;
    }
    const Origin* document_;
    const detail::Node* node_;
};

/// A parsed document, immutable. Movable.
class Document {
public:
    /// Named limits; a document beyond them is Failure::invalid.
    static constexpr std::size_t max_depth = 64;
    static constexpr std::size_t max_bytes = 64 * 1024 * 1024;
    static_assert(max_bytes < 1U << 28U, "detail::Node::size");

    /// Parses a copy of `bytes`. The error names the byte offset and what was expected.
    static Result<Document> parse(std::string_view bytes);

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Value root() const;

private:
    struct Impl;
    explicit Document(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// Writes one JSON document into a string. Commas and colons are its own; calls out of order are a programming error
/// (assert).
class Writer {
public:
    Writer& begin_object();
    Writer& end_object();
    Writer& begin_array();
    Writer& end_array();
    Writer& key(std::string_view name);
    Writer& string(std::string_view text);
    Writer& integer(std::int64_t value);
    Writer& boolean(bool value);
    Writer& null();
    /// Bytes that are JSON already: a number token, a Value's raw().
    Writer& raw(std::string_view json);

    const std::string& text() const { return out_; }
    std::string take() { return std::move(out_); }

private:
    void before_value();
    std::string out_;
    std::vector<bool> has_elements_;
    bool after_key_ = false;
};

/// What identifies something: the text of the string or number a pointer names; "" where there is none.
std::string identity_at(const Value& document, std::string_view pointer);

/// A JSON string literal with its quotes.
std::string quote(std::string_view text);

}  // namespace sluice::json
