#pragma once
// One row of a mapping: where the value of one field comes from, and what it must be like.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/base/pattern.hpp"
#include "core/contract/pointer.hpp"
#include "core/schedule/zone.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

/// A text with places: "order_{/id}", "{header:X-Shopify-Topic}", "{config:shop}", "{hash:/email,/zip}" (the first 32
/// hex digits of the SHA-256 of the lower-cased, trimmed texts with a line break after each, an absent one as ""; all
/// absent is an absent place), "{^/id}" (document root, inside lines; "^" works before each pointer of a hash too).
/// "{{" and "}}" are braces.
struct Template {
    struct Part {
        enum class Kind { literal, pointer, header, config, hash } kind = Kind::literal;
        std::string text;               ///< literal text, pointer ("^/id"), header or key name; "" for a hash
        std::vector<Pointer> pointers;  ///< of a hash; the one of a pointer
        bool operator==(const Part&) const = default;
    };
    std::vector<Part> parts;
    bool operator==(const Template&) const = default;
};

/// How a value is read from the document.
enum class As { text, integer, decimal, datetime, email, boolean, date };

/// How another system writes moments and days.
struct Clock {
    static constexpr std::string_view unix_seconds = "unix", unix_milliseconds = "unix_ms";
    std::string format;                  ///< as strftime has it, or one of these; "": RFC 3339
    std::optional<schedule::Zone> zone;  ///< whose wall clock it is
};

/// Pointers and texts: holds where the value at the pointer is what the text says.
using Conditions = std::vector<std::pair<Pointer, std::string>>;

/// Where one field's value comes from. Exactly one of from, value, config, text, hook, find, find_each, record,
/// percent, rest is set.
struct FieldRule {
    std::string name;
    toml::Place place;                 ///< in the contract, for messages
    std::vector<Pointer> from;         ///< pointers tried in order; "^/..." is from the document's root inside lines. A
                                       ///< "*" token stands for every element: decimals are summed.
    std::optional<std::string> value;  ///< constant
    std::optional<std::string> config;  ///< a configuration key's value
    std::optional<Template> text;
    /// A value that the plugin's code computes of the values at `arguments`; the whole element (or document) where
    /// there are none.
    struct Hook {
        std::string name;
        std::vector<Pointer> arguments;
    };
    std::optional<Hook> hook;
    std::optional<std::string> record;     ///< a named record of this mapping
    std::optional<std::string> or_record;  ///< the named record to use where `record` does not exist (`or`)
    struct Find {
        std::string model;
        std::vector<FieldRule> by;   ///< Odoo field = value
        bool empty_on_none = false;  ///< on_none = "empty" | "reject"
        /// on_none = "create": the record is made, by this external id, with the keys and these fields.
        std::optional<Template> create_id;
        std::vector<FieldRule> create;
        std::string on_many;         ///< "" and "reject": several are an error; "first"; "{config:KEY}"
        std::vector<Find> empty_if;  ///< at most one: what must exist for on_none = "empty" to hold
    };
    std::optional<Find> find;
    /// The references of a many2many: one search an element of an array, each of which must find.
    struct FindEach {
        Pointer each;          ///< of an array, "*" for every element; absent or null is no references
        Find find;             ///< pointers of `by` start at the element
        Conditions none_when;  ///< where one holds there are no references, whatever the array has
    };
    std::optional<FindEach> find_each;
    /// `part` (pointers tried in order) against the product of `whole` (every pointer a factor).
    struct Ratio {
        std::vector<Pointer> part, whole;
        int digits = 2;           ///< of the percentage
        int currency_digits = 2;  ///< to which Odoo rounds a line's amount
        Pointer currency;         ///< of an ISO 4217 code that decides `currency_digits` instead; "": none
        /// Two pointers, or none: of `part` and `whole` only first / second counts (what is left of a line).
        std::vector<Pointer> share;
        /// The line's taxes that come on top of its amount: the percentage must leave them what they are on the whole.
        struct Taxes {
            Pointer each;          ///< of an array of taxes
            Pointer rate;          ///< in one of them: 0.21
            Pointer included;      ///< where it is true, taxes are part of the amount; "": never
            Conditions none_when;  ///< where one holds there are none
            bool operator==(const Taxes&) const = default;
        };
        std::optional<Taxes> taxes;
        bool operator==(const Ratio&) const = default;
    };
    /// `part` as a percentage of `whole`: a discount amount as Odoo's discount field. The nearest of `digits` digits,
    /// half-even, or its neighbour where the line's amount would fall on half a cent, which Odoo's doubles round either
    /// way. Whole 0 gives 0.
    std::optional<Ratio> percent;
    /// The amount (0 or a few cents, either sign) to add to a line with that percentage, which Odoo rounds half up to
    /// the currency's digits, so that the sum is exactly `whole` - `part`. A `percent` of the same record has this
    /// Ratio.
    std::optional<Ratio> rest;
    As as = As::text;
    bool negate = false;
    int shift = 0;  ///< decimals: digits the point moves to the right (0.0725 by 2 is 7.25)
    bool required = false;
    bool create_only = false;       ///< written when the record is created, left alone afterwards
    Conditions when, unless;        ///< left out where one of `when` does not hold, or one of `unless` does
    Clock clock;                    ///< of dates and date-times
    bool quoted = false;            ///< in a JSON document: a text whatever its type
    bool null_when_absent = false;  ///< in a JSON document: else it is left out
    std::optional<std::string> default_value;
    std::optional<int> digits;  ///< decimals: cut to this many, `rounding`
    Rounding rounding = Rounding::half_even;
    std::optional<std::size_t> min_length, max_length;  ///< texts: characters
    std::optional<Pattern> pattern;                     ///< texts: the whole of it matches
    std::optional<Decimal> least, most;                 ///< `min` and `max` of the number as it is written
    /// Of dates: what becomes of a day in a period that is closed.
    struct PeriodCutoff {
        std::string
            closed_until; /* the last closed day, "2025-12-31", or "{config:KEY}", whose value may be "": none */
        std::string late; /* "reject", "first_open_day" or "{config:KEY}" */
    };
    std::optional<PeriodCutoff> period_cutoff;
    /// Enumeration: document value -> Odoo value; an unlisted one is a broken rule.
    std::map<std::string, std::string> map;
};

/// A hook that rules name, at the first place that does.
struct NamedHook {
    std::string name;
    toml::Place place;
};

}  // namespace sluice::contract
