#pragma once
// JSON as it came: numbers stay the text they were, so that a 64-bit id or an amount of money survives untouched.

#include <cstdint>
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

/// A view of one value of a Document; cheap to copy, valid while its Document lives.
class Value {
public:
    Kind kind() const;
    bool is_null() const { return kind() == Kind::null; }
    /// A string's text with its escapes resolved; a number's or boolean's token; "" for the others.
    std::string_view text() const;
    /// The exact bytes of this value in the document.
    std::string_view raw() const;
    /// True only for the token `true`.
    bool is_true() const;
    /// A number token that is an integer of 64 bits.
    std::optional<std::int64_t> as_int64() const;

    /// Elements of an array or members of an object; 0 for the others.
    std::size_t size() const;
    /// The i-th element (of an array) or the i-th member's value (of an object), in document order; i < size().
    Value at(std::size_t index) const;
    /// The i-th member's name; i < size(), objects only.
    std::string_view key(std::size_t index) const;
    /// A member by name (the last one, where a name repeats, as Python and JavaScript read it).
    std::optional<Value> find(std::string_view name) const;
    /// RFC 6901 JSON Pointer ("" is this value itself, "/a/0/b", "~0" and "~1" as escapes).
    std::optional<Value> at_pointer(std::string_view pointer) const;

private:
    friend class Document;
    Value(const Document* document, std::uint32_t node) : document_(document), node_(node) {}
    const Document* document_;
    std::uint32_t node_;
};

/// A parsed document, immutable. Movable; Values point into it, so move it only before taking any.
class Document {
public:
    /// Named limits; a document beyond them is Failure::invalid.
    static constexpr std::size_t max_depth = 64;
    static constexpr std::size_t max_bytes = 64 * 1024 * 1024;

    /// Parses a copy of `bytes`. The error names the byte offset and what was expected.
    static Result<Document> parse(std::string_view bytes);

    Document(Document&&) noexcept;
    Document& operator=(Document&&) noexcept;
    ~Document();

    Value root() const;

private:
    friend class Value;
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
