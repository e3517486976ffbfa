#pragma once
// Exact decimal numbers for money and quantities.

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice {

/// How a decimal is cut to fewer digits. The names are Python `decimal`'s: half_up, down and up go by the absolute
/// value.
enum class Rounding { half_even, half_up, down, up };

/// An integer of any size times ten to the minus `scale`. Copies are values; every operation is exact unless it says
/// `round`.
class Decimal {
public:
    Decimal() = default;
    explicit Decimal(std::int64_t whole) : small_(whole) {}
    /// `digits` times ten to the minus `scale` (>= 0): (5, 2) is 0.05.
    static Decimal scaled(std::int64_t digits, int scale);

    /// Reads a JSON or Odoo number: "12", "-0.50", "1e-3", "1E+2". Refuses anything else ("", ".5", "1,5", "NaN", "
    /// 1"), more than 64 significant digits, and exponents beyond +-64: limits no amount of money meets.
    static Result<Decimal> parse(std::string_view text);

    /// Plain notation with exactly `scale()` digits after the point: "12", "-0.50"; never an exponent.
    std::string to_string() const;

    /// Digits after the point (>= 0).
    int scale() const { return scale_; }
    bool is_zero() const { return !big_ && small_ == 0; }
    bool is_negative() const;

    Decimal operator-() const;
    friend Decimal operator+(const Decimal& left, const Decimal& right);
    friend Decimal operator-(const Decimal& left, const Decimal& right);
    friend Decimal operator*(const Decimal& left, const Decimal& right);
    /// Numeric order: 1.50 equals 1.5.
    friend std::strong_ordering operator<=>(const Decimal& left, const Decimal& right);
    friend bool operator==(const Decimal& left, const Decimal& right) { return (left <=> right) == 0; }

    /// The point moved so many digits to the right (below 0: to the left); exact.
    Decimal shifted(int digits) const;
    /// This number with exactly `digits` digits after the point.
    Decimal round(int digits, Rounding rounding) const;
    /// `part` / `whole`, cut to `digits` digits after the point; `whole` must not be zero (Failure::invalid).
    static Result<Decimal> divide(const Decimal& part, const Decimal& whole, int digits, Rounding rounding);

private:
    struct Big;  ///< an integer of any size
    static Decimal of(Big digits, int scale);
    Big wide() const;

    std::int64_t small_ = 0;          ///< the digits, where they fit, as almost every amount's do
    std::shared_ptr<const Big> big_;  ///< else these
    int scale_ = 0;
};

}  // namespace sluice
