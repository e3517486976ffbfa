#pragma once
// Where a rule looks: the document's root, the element of a line, and the configuration.

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/base/headers.hpp"
#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/record.hpp"

namespace sluice::mapping {

/// What every missing value is called, so that one missing value asked for by several rules is one broken rule.
inline constexpr std::string_view absent_message = "required, and absent";

/// "an array", for messages.
std::string describe(json::Kind kind);

/// The part of a pointer that names one place: up to the first "*".
std::string one_place(const std::string& pointer);

/// One element of an array, and its pointer in the document.
struct Element {
    json::Value value;
    std::string pointer;
};

/// Views; everything it was made of outlives it.
class Scope {
public:
    /// `base` is the element's own pointer in the document: "" for the document itself, else "/line_items/2".
    Scope(json::Value root, json::Value element, std::string base, const Config& config)
        : root_(root), element_(element), base_(std::move(base)), config_(config) {}

    const std::string& base() const { return base_; }
    /// The pointer as one into the document, without "^".
    std::string absolute(std::string_view pointer) const;
    std::optional<json::Value> at(std::string_view pointer) const;
    /// A configuration key's value; nothing where it has none or an empty one.
    std::optional<std::string> config(const std::string& key) const;

    /// The scalar's text. Absent, null and "" are nothing; an array or object is a broken rule.
    std::expected<std::optional<std::string>, Broken> text_at(std::string_view pointer) const;
    /// The decimal there, or the sum over every "*"; nothing where the value, or the array, is absent.
    std::expected<std::optional<Decimal>, Broken> decimal_at(std::string_view pointer) const;
    /// The elements of the array there, or of every array that "*" leads to; none where it is absent.
    std::expected<std::vector<Element>, Broken> elements_at(std::string_view pointer) const;
    /// The same rules, seen from an element.
    Scope inside(const Element& element) const { return {root_, element.value, element.pointer, config_}; }

    /// Whether any, or every one, of the conditions holds here.
    bool any_holds(const contract::Conditions& conditions) const;
    bool all_hold(const contract::Conditions& conditions) const;

private:
    json::Value root_, element_;
    std::string base_;
    const Config& config_;
};

/// Why a template has no text.
struct Unfilled {
    Broken broken;
    bool absent = false;  ///< a place has no value, as against a wrong one
};

/// `headers` is null where there are none.
std::expected<std::string, Unfilled> fill(const contract::Template& text, const Scope& scope,
                                          const http::Headers* headers);

}  // namespace sluice::mapping
