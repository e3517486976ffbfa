// The laws of exact numbers, on both sides of 64 bits.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/base/decimal.hpp"

namespace sluice {
namespace {

/// Small amounts, amounts at the edge of 64 bits, and amounts beyond it.
rc::Gen<Decimal> amounts() {
    const auto small = rc::gen::apply([](std::int64_t digits, int scale) { return Decimal::scaled(digits, scale); },
                                      rc::gen::inRange<std::int64_t>(-1'000'000, 1'000'000), rc::gen::inRange(0, 7));
    const auto edge = rc::gen::apply(
        [](std::int64_t digits, int scale, bool most) {
            constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max();
            return Decimal::scaled(most ? limit - digits : digits - limit - 1, scale);
        },
        rc::gen::inRange<std::int64_t>(0, 100), rc::gen::inRange(0, 20), rc::gen::arbitrary<bool>());
    const auto large =
        rc::gen::map(rc::gen::pair(edge, edge), [](const auto& pair) { return pair.first * pair.second; });
    return rc::gen::oneOf(small, edge, large);
}

Decimal size_of(const Decimal& number) {
    return number.is_negative() ? -number : number;
}

RC_GTEST_PROP(Decimal, IsAnExactRing, ()) {
    const Decimal a = *amounts(), b = *amounts(), c = *amounts();
    RC_ASSERT(a + b == b + a);
    RC_ASSERT((a + b) + c == a + (b + c));
    RC_ASSERT(a * b == b * a);
    RC_ASSERT(a * (b + c) == a * b + a * c);
    RC_ASSERT((a + b) - b == a);
    RC_ASSERT(-(-a) == a);
    RC_ASSERT((a < b) == (a - b).is_negative());
    RC_ASSERT((a - a).is_zero());
}

RC_GTEST_PROP(Decimal, IsReadAsItIsWritten, ()) {
    const Decimal a = *amounts();
    const auto again = Decimal::parse(a.to_string());
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == a);
    RC_ASSERT(again->to_string() == a.to_string());
}

RC_GTEST_PROP(Decimal, MovingThePointLosesNothing, ()) {
    const Decimal a = *amounts();
    const int digits = *rc::gen::inRange(0, 13);
    RC_ASSERT(a.shifted(digits).shifted(-digits) == a);
    RC_ASSERT(a.shifted(-digits).shifted(digits) == a);
    RC_ASSERT(a.shifted(1) == a * Decimal(10));
}

RC_GTEST_PROP(Decimal, RoundingKeepsItsLaws, ()) {
    const Decimal a = *amounts();
    const int digits = *rc::gen::inRange(0, 13);
    const auto rounding = *rc::gen::element(Rounding::half_even, Rounding::half_up, Rounding::down, Rounding::up);
    const Decimal rounded = a.round(digits, rounding);
    const Decimal unit = Decimal::scaled(1, digits), off = size_of(rounded - a);
    RC_ASSERT(rounded.scale() == digits);
    RC_ASSERT(off < unit);
    RC_ASSERT(rounded.round(digits, rounding) == rounded);
    RC_ASSERT((-a).round(digits, rounding) == -rounded);
    if (a.scale() <= digits) RC_ASSERT(rounded == a);
    if (rounding == Rounding::down) RC_ASSERT(size_of(rounded) <= size_of(a));
    if (rounding == Rounding::up) RC_ASSERT(size_of(rounded) >= size_of(a));
    if (rounding == Rounding::half_up || rounding == Rounding::half_even) RC_ASSERT(off + off <= unit);
    if (rounding == Rounding::half_up && off + off == unit) RC_ASSERT(size_of(rounded) > size_of(a));
}

RC_GTEST_PROP(Decimal, AQuotientIsTheNearest, ()) {
    const Decimal a = *amounts(), b = *amounts();
    if (b.is_zero()) RC_DISCARD("no quotient");
    const int digits = *rc::gen::inRange(0, 13);
    const Decimal quotient = *Decimal::divide(a, b, digits, Rounding::half_even);
    const Decimal off = size_of(quotient * b - a);
    RC_ASSERT(off + off <= size_of(b) * Decimal::scaled(1, digits));
}

}  // namespace
}  // namespace sluice
