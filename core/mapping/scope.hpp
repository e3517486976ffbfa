#pragma once
// Where a rule looks: the document's root, the element of a line, and the configuration.

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/base/headers.hpp"
#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"
#include "core/mapping/place.hpp"
#include "core/mapping/record.hpp"

namespace sluice::mapping {

using contract::Pointer;

/// What every missing value is called, so that one missing value asked for by several rules is one broken rule.
inline constexpr std::string_view absent_message = "required, and absent";

/// "an array", for messages.
std::string describe(json::Kind kind);

/// How a scope was reached from the document's root, element by element; the steps live on the stack.
struct Trail {
    const Trail* before = nullptr;       ///< null: this is the root
    const std::string* array = nullptr;  ///< pointer of the array, from where `before` is
    std::size_t index = 0;

    /// The pointer in the document.
    std::string text() const;
};

/// Views; everything it was made of outlives it.
class Scope {
public:
    using Legs = std::span<const Pointer::Leg>;

    /// `trail` leads to `element`.
    Scope(json::Value root, json::Value element, const Trail& trail, const Config& config)
        : root_(root), element_(element), trail_(&trail), config_(&config) {}

    /// The element's own pointer in the document; "" for the document itself.
    std::string base() const { return trail_->text(); }
    Place place() const { return place(*trail_, {}); }
    /// The pointer as one into the document, without "^".
    std::string absolute(const Pointer& pointer) const { return place_of_whole(pointer).text(); }
    Place place_of_whole(const Pointer& pointer) const { return place(trail_of(pointer), pointer.plain()); }
    /// Its part that names one place: up to the first "*".
    Place place_of(const Pointer& pointer) const { return place(trail_of(pointer), pointer.legs().front().text); }
    std::optional<json::Value> at(const Pointer& pointer) const {
        return pointer.legs().front().path.follow(origin(pointer));
    }
    /// The element itself.
    json::Value value() const { return element_; }
    /// A configuration key's value; nothing where it has none or an empty one.
    std::optional<std::string_view> config(const std::string& key) const;

    /// The scalar's text, as long as the document lives. Absent, null and "" are nothing; an array or object is a
    /// broken rule.
    std::expected<std::optional<std::string_view>, Broken> text_at(const Pointer& pointer) const;
    /// The decimal there, or the sum over every "*"; nothing where the value, or the array, is absent.
    std::expected<std::optional<Decimal>, Broken> decimal_at(const Pointer& pointer) const;
    /// Calls `visit` with the same rules seen from each element of the array there, or of every array that "*" leads
    /// to; an absent one has none. What is no array ends it: that is what comes back.
    template <class Visit>
    std::optional<Broken> each(const Pointer& pointer, Visit visit) const {
        return each(origin(pointer), pointer.legs(), trail_of(pointer), visit);
    }
    /// The same of the elements of its last "*".
    template <class Visit>
    std::optional<Broken> each_on_the_way(const Pointer& pointer, Visit visit) const {
        return each(origin(pointer), Legs(pointer.legs()).first(pointer.legs().size() - 1), trail_of(pointer), visit);
    }

    /// Whether any, or every one, of the conditions holds here.
    bool any_holds(const contract::Conditions& conditions) const;
    bool all_hold(const contract::Conditions& conditions) const;

private:
    static constexpr Trail from_root{};

    json::Value origin(const Pointer& pointer) const { return pointer.from_root() ? root_ : element_; }
    const Trail& trail_of(const Pointer& pointer) const { return pointer.from_root() ? from_root : *trail_; }
    static Place place(const Trail& trail, std::string_view tail);
    static Broken no_array(const json::Value& value, const Trail& trail, const std::string& leg);

    template <class Visit>
    std::optional<Broken> each(json::Value from, Legs legs, const Trail& trail, Visit& visit) const {
        const auto array = legs.front().path.follow(from);
        if (!array || array->is_null()) return std::nullopt;
        if (array->kind() != json::Kind::array) return no_array(*array, trail, legs.front().text);
        for (std::size_t i = 0; i < array->size(); ++i) {
            const Trail element{&trail, &legs.front().text, i};
            if (legs.size() == 1) {
                visit(Scope(root_, array->at(i), element, *config_));
            } else if (auto broken = each(array->at(i), legs.subspan(1), element, visit)) {
                return broken;
            }
        }
        return std::nullopt;
    }

    json::Value root_, element_;
    const Trail* trail_;
    const Config* config_;
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
