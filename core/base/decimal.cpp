#include "core/base/decimal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sluice {
namespace {

using boost::multiprecision::cpp_int;

constexpr std::size_t max_digits = 64;
constexpr int max_exponent = 64;

cpp_int power_of_ten(int exponent) {
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

/// numerator / denominator (> 0) to the nearest integer.
cpp_int divide_rounded(const cpp_int& numerator, const cpp_int& denominator, Rounding rounding) {
    cpp_int quotient;
    cpp_int remainder;
    boost::multiprecision::divide_qr(numerator, denominator, quotient, remainder);  // truncates towards zero
    if (remainder == 0 || rounding == Rounding::down) return quotient;
    const cpp_int twice = abs(remainder) * 2;
    const int half = twice.compare(denominator);
    const bool away = half > 0 || (half == 0 && (rounding == Rounding::half_up || (quotient & 1) != 0));
    if (!away) return quotient;
    return numerator < 0 ? cpp_int(quotient - 1) : cpp_int(quotient + 1);
}

}  // namespace

Result<Decimal> Decimal::parse(std::string_view text) {
    std::size_t at = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) at = 1;

    const std::size_t whole_digits = count_digits(text, at);
    if (whole_digits == 0) return no_number(text);
    std::string digits(text.substr(at, whole_digits));
    at += whole_digits;

    int scale = 0;
    if (at < text.size() && text[at] == '.') {
        const std::size_t fraction_digits = count_digits(text, at + 1);
        if (fraction_digits == 0) return no_number(text);
        digits += text.substr(at + 1, fraction_digits);
        scale = static_cast<int>(std::min<std::size_t>(fraction_digits, 1'000));
        at += 1 + fraction_digits;
    }

    int exponent = 0;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && text[at] == '+') ++at;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error != std::errc{} || end == text.data() + at) return no_number(text);
        at = static_cast<std::size_t>(end - text.data());
    }
    if (at != text.size()) return no_number(text);
    const std::size_t significant = digits.size() - std::min(digits.size(), digits.find_first_not_of('0'));
    if (significant > max_digits || digits.size() > 4 * max_digits || exponent < -max_exponent ||
        exponent > max_exponent) {
        return fail(Failure::invalid, fmt::format("`{}` has more than {} digits or an exponent beyond {}",
                                                  text.substr(0, 80), max_digits, max_exponent));
    }

    Decimal number;
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));  // cpp_int reads a leading 0 as octal
    number.digits_ = cpp_int(digits);
    if (negative) number.digits_ = -number.digits_;
    number.scale_ = scale - exponent;
    if (number.scale_ < 0) {
        number.digits_ *= power_of_ten(-number.scale_);
        number.scale_ = 0;
    }
    return number;
}

std::string Decimal::to_string() const {
    std::string digits = cpp_int(abs(digits_)).str();
    if (scale_ > 0) {
        const auto scale = static_cast<std::size_t>(scale_);
        if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
        digits.insert(digits.size() - scale, 1, '.');
    }
    if (digits_ < 0) digits.insert(0, 1, '-');
    return digits;
}

Decimal Decimal::operator-() const {
    Decimal negated = *this;
    negated.digits_ = -negated.digits_;
    return negated;
}

Decimal operator+(const Decimal& left, const Decimal& right) {
    Decimal sum;
    sum.scale_ = std::max(left.scale_, right.scale_);
    sum.digits_ =
        left.digits_ * power_of_ten(sum.scale_ - left.scale_) + right.digits_ * power_of_ten(sum.scale_ - right.scale_);
    return sum;
}

Decimal operator-(const Decimal& left, const Decimal& right) {
    return left + -right;
}

Decimal operator*(const Decimal& left, const Decimal& right) {
    Decimal product;
    product.scale_ = left.scale_ + right.scale_;
    product.digits_ = left.digits_ * right.digits_;
    return product;
}

std::strong_ordering operator<=>(const Decimal& left, const Decimal& right) {
    const int scale = std::max(left.scale_, right.scale_);
    const cpp_int a = left.digits_ * power_of_ten(scale - left.scale_);
    const cpp_int b = right.digits_ * power_of_ten(scale - right.scale_);
    return a.compare(b) <=> 0;
}

Decimal Decimal::round(int digits, Rounding rounding) const {
    Decimal rounded;
    rounded.scale_ = digits;
    rounded.digits_ = digits >= scale_ ? cpp_int(digits_ * power_of_ten(digits - scale_))
                                       : divide_rounded(digits_, power_of_ten(scale_ - digits), rounding);
    return rounded;
}

Result<Decimal> Decimal::divide(const Decimal& part, const Decimal& whole, int digits, Rounding rounding) {
    if (whole.is_zero()) return fail(Failure::invalid, "division by zero");
    cpp_int numerator = part.digits_ * power_of_ten(whole.scale_ + digits);
    cpp_int denominator = whole.digits_ * power_of_ten(part.scale_);
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    Decimal quotient;
    quotient.scale_ = digits;
    quotient.digits_ = divide_rounded(numerator, denominator, rounding);
    return quotient;
}

}  // namespace sluice
