#include "core/mapping/ratio.hpp"

#include <algorithm>
#include <array>

namespace sluice::mapping {
namespace {

// ISO 4217 list one, the currencies whose minor unit is not two digits.
constexpr std::array<std::string_view, 16> no_digits{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW",
                                                     "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"};
constexpr std::array<std::string_view, 7> three_digits{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

/// 10 to the minus `digits`.
Decimal unit_of(int digits) {
    return Decimal::scaled(1, digits);
}

/// What Odoo makes of a line of amount `whole` with a discount, before it rounds; exact.
Decimal line_amount(const Decimal& whole, const Decimal& percent) {
    return whole * (Decimal(100) - percent) * unit_of(2);
}

bool is_half(const Decimal& amount, int digits) {
    const Decimal twice = (amount - amount.round(digits, Rounding::down)) * Decimal(2);
    return twice == unit_of(digits) || -twice == unit_of(digits);
}

/// How far from the nearest percentage one is looked for with which taxes are exact.
constexpr int most_steps = 100;

/// The nearest percentage; its neighbour where Odoo would round the line either way.
Decimal nearest_percent(const Decimal& part, const Decimal& whole, int digits, int currency_digits) {
    const auto nearest = Decimal::divide(part * Decimal(100), whole, digits, Rounding::half_even);
    if (!nearest) return Decimal(0).round(digits, Rounding::half_even);
    if (nearest->is_zero() || !is_half(line_amount(whole, *nearest), currency_digits)) return *nearest;
    const bool exact_is_higher = (part * Decimal(100) > *nearest * whole) != whole.is_negative();
    return exact_is_higher && *nearest < Decimal(100) ? *nearest + unit_of(digits) : *nearest - unit_of(digits);
}

Decimal rest_with(const Decimal& percent, const Decimal& part, const Decimal& whole, int currency_digits) {
    return (whole - part).round(currency_digits, Rounding::half_up) -
           line_amount(whole, percent).round(currency_digits, Rounding::half_up);
}

/// Whether every tax on the line and on the rest is together what it is on the whole of them.
bool taxes_add_up(const Decimal& percent, const Decimal& part, const Decimal& whole, int digits,
                  const std::vector<Decimal>& rates) {
    const Decimal line = line_amount(whole, percent).round(digits, Rounding::half_up);
    const Decimal rest = rest_with(percent, part, whole, digits);
    const auto tax_on = [digits](const Decimal& amount, const Decimal& rate) {
        return (amount * rate).round(digits, Rounding::half_up);
    };
    return std::ranges::all_of(rates, [&](const Decimal& rate) {
        // A tie is rounded either way by Odoo's doubles.
        return !is_half(line * rate, digits) && tax_on(line, rate) + tax_on(rest, rate) == tax_on(line + rest, rate);
    });
}

}  // namespace

Decimal percent_of(const Decimal& part, const Decimal& whole, int digits, int currency_digits,
                   const std::vector<Decimal>& rates) {
    Decimal nearest = nearest_percent(part, whole, digits, currency_digits);
    const auto is_right = [&](const Decimal& percent) {
        return !percent.is_negative() && percent <= Decimal(100) &&
               !is_half(line_amount(whole, percent), currency_digits) &&
               taxes_add_up(percent, part, whole, currency_digits, rates);
    };
    if (rates.empty() || taxes_add_up(nearest, part, whole, currency_digits, rates)) return nearest;
    for (int step = 1; step <= most_steps; ++step) {
        const Decimal distance = unit_of(digits) * Decimal(step);
        for (const Decimal& percent : {nearest + distance, nearest - distance})
            if (is_right(percent)) return percent;
    }
    return nearest;
}

Decimal rest_of(const Decimal& part, const Decimal& whole, int digits, int currency_digits,
                const std::vector<Decimal>& rates) {
    return rest_with(percent_of(part, whole, digits, currency_digits, rates), part, whole, currency_digits);
}

int currency_digits(std::string_view code) {
    if (std::ranges::find(no_digits, code) != no_digits.end()) return 0;
    if (std::ranges::find(three_digits, code) != three_digits.end()) return 3;
    return 2;
}

}  // namespace sluice::mapping
