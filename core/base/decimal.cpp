#include "core/base/decimal.hpp"

#include <fmt/format.h>
#include <boost/multiprecision/cpp_int.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace sluice {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::size_t max_digits = 64;
constexpr int max_exponent = 64;

constexpr int most_small_digits = 18;  ///< that fit 64 bits with their sign

constexpr auto small_powers = [] {
    std::array<std::int64_t, most_small_digits + 1> powers{1};
    for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
    return powers;
}();

cpp_int power_of_ten(int exponent) {
    if (exponent <= most_small_digits) return small_powers[static_cast<std::size_t>(exponent)];
    return boost::multiprecision::pow(cpp_int(10), static_cast<unsigned>(exponent));
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t count_digits(std::string_view text, std::size_t from) {
    std::size_t at = from;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
}

std::unexpected<Error> no_number(std::string_view text) {
    return fail(Failure::invalid,
                fmt::format("`{}` is not a decimal number such as 12, -0.50 or 1e-3", text.substr(0, 80)));
}

/// What rounding adds to a quotient cut towards zero. `half` compares twice the remainder with the denominator.
bool rounds_away(int half, bool odd, Rounding rounding) {
    switch (rounding) {
        case Rounding::down:
            return false;
        case Rounding::up:
            return true;
        case Rounding::half_up:
            return half >= 0;
        case Rounding::half_even:
            return half > 0 || (half == 0 && odd);
    }
    return false;
}

/// numerator / denominator (> 0) to the nearest integer.
std::int64_t divide_rounded(std::int64_t numerator, std::int64_t denominator, Rounding rounding) {
    const std::int64_t quotient = numerator / denominator;  // truncates towards zero
    const std::int64_t remainder = numerator % denominator;
    if (remainder == 0) return quotient;
    const std::int64_t size = remainder < 0 ? -remainder : remainder;
    const std::int64_t left = denominator - size;  // twice the remainder may not fit
    const int half = size < left ? -1 : size > left ? 1 : 0;
    if (!rounds_away(half, quotient % 2 != 0, rounding)) return quotient;
    return numerator < 0 ? quotient - 1 : quotient + 1;
}

cpp_int divide_rounded(const cpp_int& numerator, const cpp_int& denominator, Rounding rounding) {
    cpp_int quotient;
    cpp_int remainder;
    boost::multiprecision::divide_qr(numerator, denominator, quotient, remainder);
    if (remainder == 0) return quotient;
    const cpp_int twice = abs(remainder) * 2;
    if (!rounds_away(twice.compare(denominator), (quotient & 1) != 0, rounding)) return quotient;
    return numerator < 0 ? cpp_int(quotient - 1) : cpp_int(quotient + 1);
}

/// number * 10^exponent; nothing where that has more than 64 bits.
std::optional<std::int64_t> scaled_up(std::int64_t number, int exponent) {
    std::int64_t result = 0;
    if (exponent > most_small_digits ||
        __builtin_mul_overflow(number, small_powers[static_cast<std::size_t>(exponent)], &result))
        return std::nullopt;
    return result;
}

}  // namespace

struct Decimal::Big {
    cpp_int digits;
};

Decimal Decimal::of(Big digits, int scale) {
    Decimal number;
    number.scale_ = scale;
    const cpp_int& value = digits.digits;
    if (value >= std::numeric_limits<std::int64_t>::min() && value <= std::numeric_limits<std::int64_t>::max())
        number.small_ = static_cast<std::int64_t>(value);
    else
        number.big_ = std::make_shared<const Big>(std::move(digits));
    return number;
}

Decimal::Big Decimal::wide() const {
    return big_ ? *big_ : Big{small_};
}

bool Decimal::is_negative() const {
    return big_ ? big_->digits < 0 : small_ < 0;
}

Result<Decimal> Decimal::parse(std::string_view text) {
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) at = 1;

    const std::size_t whole_digits = count_digits(text, at);
    if (whole_digits == 0) return no_number(text);
    const std::string_view whole = text.substr(at, whole_digits);
    at += whole_digits;

    std::string_view fraction;
    if (at < text.size() && text[at] == '.') {
        fraction = text.substr(at + 1, count_digits(text, at + 1));
        if (fraction.empty()) return no_number(text);
        at += 1 + fraction.size();
    }

    int exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && text[at] == '+' && count_digits(text, at + 1) > 0) ++at;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error != std::errc{} || end == text.data() + at) return no_number(text);
        at = static_cast<std::size_t>(end - text.data());
    }
    if (at != text.size()) return no_number(text);

    if (exponent == 0 && whole.size() + fraction.size() <= most_small_digits) {
        std::int64_t digits = 0;
        for (const char c : whole) digits = digits * 10 + (c - '0');
        for (const char c : fraction) digits = digits * 10 + (c - '0');
        return scaled(negative ? -digits : digits, static_cast<int>(fraction.size()));
    }

    std::string digits(whole);
    digits += fraction;
    const std::size_t significant = digits.size() - std::min(digits.size(), digits.find_first_not_of('0'));
    if (significant > max_digits || digits.size() > 4 * max_digits || exponent < -max_exponent ||
        exponent > max_exponent) {
        return fail(Failure::invalid, fmt::format("`{}` has more than {} digits or an exponent beyond {}",
                                                  text.substr(0, 80), max_digits, max_exponent));
    }
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));  // cpp_int reads a leading 0 as octal
    cpp_int all(digits);
    if (negative) all = -all;
    return of({std::move(all)}, static_cast<int>(fraction.size())).shifted(exponent);
}

Decimal Decimal::scaled(std::int64_t digits, int scale) {
    Decimal number(digits);
    number.scale_ = scale;
    return number;
}

Decimal Decimal::shifted(int digits) const {
    if (digits <= scale_) {
        Decimal moved = *this;
        moved.scale_ -= digits;
        return moved;
    }
    Decimal whole = *this;
    whole.scale_ = 0;
    whole = whole.round(digits - scale_, Rounding::down);
    whole.scale_ = 0;
    return whole;
}

std::string Decimal::to_string() const {
    std::string digits =
        big_ ? cpp_int(abs(big_->digits)).str()
             : fmt::format_int(small_ < 0 ? 0 - static_cast<std::uint64_t>(small_) : static_cast<std::uint64_t>(small_))
                   .str();
    if (scale_ > 0) {
        const auto scale = static_cast<std::size_t>(scale_);
        if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
        digits.insert(digits.size() - scale, 1, '.');
    }
    if (is_negative()) digits.insert(0, 1, '-');
    return digits;
}

Decimal Decimal::operator-() const {
    if (!big_ && small_ != std::numeric_limits<std::int64_t>::min()) return scaled(-small_, scale_);
    return of({-wide().digits}, scale_);
}

Decimal operator+(const Decimal& left, const Decimal& right) {
    if (left.scale_ > right.scale_) return right + left;
    const int more = right.scale_ - left.scale_;
    if (!left.big_ && !right.big_) {
        std::int64_t sum = 0;
        const auto digits = scaled_up(left.small_, more);
        if (digits && !__builtin_add_overflow(*digits, right.small_, &sum)) return Decimal::scaled(sum, right.scale_);
    }
    return Decimal::of({left.wide().digits * power_of_ten(more) + right.wide().digits}, right.scale_);
}

Decimal operator-(const Decimal& left, const Decimal& right) {
    return left + -right;
}

Decimal operator*(const Decimal& left, const Decimal& right) {
    const int scale = left.scale_ + right.scale_;
    std::int64_t product = 0;
    if (!left.big_ && !right.big_ && !__builtin_mul_overflow(left.small_, right.small_, &product))
        return Decimal::scaled(product, scale);
    return Decimal::of({left.wide().digits * right.wide().digits}, scale);
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
    const int scale = std::max(left.scale_, right.scale_);
    if (!left.big_ && !right.big_) {
        const auto a = scaled_up(left.small_, scale - left.scale_);
        const auto b = scaled_up(right.small_, scale - right.scale_);
        if (a && b) return *a <=> *b;
    }
    const cpp_int a = left.wide().digits * power_of_ten(scale - left.scale_);
    const cpp_int b = right.wide().digits * power_of_ten(scale - right.scale_);
    return a.compare(b) <=> 0;
}

Decimal Decimal::round(int digits, Rounding rounding) const {
    if (digits == scale_) return *this;
    if (digits > scale_) {
        const auto more = big_ ? std::nullopt : scaled_up(small_, digits - scale_);
        if (more) return scaled(*more, digits);
        return of({wide().digits * power_of_ten(digits - scale_)}, digits);
    }
    const int fewer = scale_ - digits;
    if (!big_ && fewer <= most_small_digits)
        return scaled(divide_rounded(small_, small_powers[static_cast<std::size_t>(fewer)], rounding), digits);
    return of({divide_rounded(wide().digits, power_of_ten(fewer), rounding)}, digits);
}

Result<Decimal> Decimal::divide(const Decimal& part, const Decimal& whole, int digits, Rounding rounding) {
    if (whole.is_zero()) return fail(Failure::invalid, "division by zero");
    if (whole.is_negative()) return divide(-part, -whole, digits, rounding);
    if (!part.big_ && !whole.big_) {
        const auto numerator = scaled_up(part.small_, whole.scale_ + digits);
        const auto denominator = scaled_up(whole.small_, part.scale_);
        if (numerator && denominator) return scaled(divide_rounded(*numerator, *denominator, rounding), digits);
    }
    return of({divide_rounded(part.wide().digits * power_of_ten(whole.scale_ + digits),
                              whole.wide().digits * power_of_ten(part.scale_), rounding)},
              digits);
}

}  // namespace sluice
