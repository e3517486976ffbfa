#include "core/mapping/ratio.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace sluice::mapping {
namespace {

Decimal decimal(const std::string& text) {
    return *Decimal::parse(text);
}

/// Odoo's own arithmetic in doubles: float_round(..., rounding_method="HALF-UP") of odoo/tools/float_utils.py, over the
/// expression of account.tax: (price_unit * (1 - discount / 100)) * quantity.
double odoo_line(double price_unit, double discount, double quantity, double rounding) {
    const double value = price_unit * (1.0 - discount / 100.0) * quantity;
    double normalized = value / rounding;
    if (normalized == 0.0) return 0.0;
    normalized += std::copysign(std::exp2(std::log2(std::fabs(normalized)) - 52.0), normalized);
    return std::round(normalized) * rounding;
}

std::int64_t cents(double amount) {
    return std::llround(amount * 100.0);
}

TEST(Ratio, PercentsThatAreExactLeaveNothing) {
    EXPECT_EQ(percent_of(decimal("39.80"), decimal("398.00"), 2, 2).to_string(), "10.00");
    EXPECT_EQ(rest_of(decimal("39.80"), decimal("398.00"), 2, 2).to_string(), "0.00");
    EXPECT_EQ(percent_of(decimal("10.00"), decimal("59.97"), 2, 2).to_string(), "16.68");
    EXPECT_EQ(rest_of(decimal("10.00"), decimal("59.97"), 2, 2).to_string(), "0.00");
}

TEST(Ratio, TheCentThatIsLeftHasASign) {
    EXPECT_EQ(percent_of(decimal("100.01"), decimal("1234.57"), 2, 2).to_string(), "8.10");
    EXPECT_EQ(rest_of(decimal("100.01"), decimal("1234.57"), 2, 2).to_string(), "-0.01");
    EXPECT_EQ(rest_of(decimal("99.99"), decimal("1234.57"), 2, 2).to_string(), "0.01");
}

TEST(Ratio, NoPriceAtAll) {
    EXPECT_EQ(percent_of(decimal("5.00"), decimal("0.00"), 2, 2).to_string(), "0.00");
    EXPECT_EQ(rest_of(decimal("5.00"), decimal("0.00"), 2, 2).to_string(), "-5.00");
}

TEST(Ratio, EverythingOff) {
    EXPECT_EQ(percent_of(decimal("59.97"), decimal("59.97"), 2, 2).to_string(), "100.00");
    EXPECT_EQ(rest_of(decimal("59.97"), decimal("59.97"), 2, 2).to_string(), "0.00");
}

TEST(Ratio, NeverLeavesALineOnHalfACentThatDoublesRoundEitherWay) {
    // 40 x 46781.95 at 98.25 % is 32747.365, for which Odoo's doubles give 32747.36.
    EXPECT_EQ(percent_of(decimal("1838447.23"), decimal("1871278.00"), 2, 2).to_string(), "98.24");
    EXPECT_EQ(rest_of(decimal("1838447.23"), decimal("1871278.00"), 2, 2).to_string(), "-103.72");
}

TEST(Ratio, CurrenciesWithOtherDigits) {
    EXPECT_EQ(currency_digits("JPY"), 0);
    EXPECT_EQ(currency_digits("KWD"), 3);
    EXPECT_EQ(currency_digits("EUR"), 2);
    EXPECT_EQ(rest_of(decimal("333"), decimal("100000"), 2, 0).to_string(), "-3");
    EXPECT_EQ(rest_of(decimal("1.001"), decimal("20.000"), 2, 3).to_string(), "-0.001");
}

TEST(Ratio, LineAndRestAreExactlyWhatTheShopChargedAsOdooRoundsIt) {
    std::mt19937_64 random(20260101);  // a fixed seed: the same amounts in every run
    const auto up_to = [&random](std::int64_t most) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most + 1));
    };
    int with_rest = 0;
    for (int i = 0; i < 30'000; ++i) {
        const std::int64_t price_cents = 1 + up_to(i % 2 == 0 ? 10'000 : 5'000'000);
        const std::int64_t quantity = 1 + up_to(i % 3 == 0 ? 0 : 50);
        const std::int64_t off_cents = up_to(price_cents * quantity);
        const Decimal cent = decimal("0.01");
        const Decimal whole = Decimal(price_cents) * cent * Decimal(quantity);
        const Decimal off = Decimal(off_cents) * cent;
        const Decimal percent = percent_of(off, whole, 2, 2);
        const Decimal rest = rest_of(off, whole, 2, 2);
        with_rest += rest.is_zero() ? 0 : 1;
        // The doubles are Odoo's, not ours: what it makes of the numbers it is sent.
        const double line = odoo_line(static_cast<double>(price_cents) / 100.0, std::stod(percent.to_string()),
                                      static_cast<double>(quantity), 0.01);
        ASSERT_EQ(cents(line) + cents(std::stod(rest.to_string())), price_cents * quantity - off_cents)
            << quantity << " x " << price_cents << " cents - " << off_cents << " cents: " << percent.to_string()
            << " %, rest " << rest.to_string();
    }
    EXPECT_GT(with_rest, 10'000);
}

/// account.tax of 17 on an amount that is rounded already: base * amount / 100, rounded a line.
std::int64_t odoo_tax_cents(double base, double percent) {
    const double normalized = base * percent / 100.0 / 0.01;
    if (normalized == 0.0) return 0;
    return std::llround(normalized + std::copysign(std::exp2(std::log2(std::fabs(normalized)) - 52.0), normalized));
}

/// Rounded half up, exactly.
std::int64_t shop_tax_cents(const Decimal& amount, double percent) {
    const Decimal tax = amount * decimal(std::to_string(percent)) * decimal("0.01");
    return std::llround(std::stod(tax.round(2, Rounding::half_up).to_string()) * 100.0);
}

TEST(Ratio, TaxesOnLineAndRestAreWhatTheyAreOnBoth) {
    std::mt19937_64 random(20260102);
    const std::vector<std::pair<std::vector<std::string>, std::vector<double>>> taxes{
        {{"0.0725"}, {7.25}},
        {{"0.21"}, {21.0}},
        {{"0.0725", "0.015"}, {7.25, 1.5}},
        {{"0.05", "0.09975"}, {5.0, 9.975}}};
    int with_rest = 0;
    int moved = 0;
    int wrong = 0;
    for (int i = 0; i < 4'000; ++i) {
        const auto& [texts, percents] = taxes[static_cast<std::size_t>(i) % taxes.size()];
        std::vector<Decimal> rates;
        for (const auto& text : texts) rates.push_back(decimal(text));
        const auto whole_cents = static_cast<std::int64_t>(1 + random() % 2'000'000U);
        const auto off_cents = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(whole_cents));
        const Decimal whole = Decimal(whole_cents) * decimal("0.01");
        const Decimal off = Decimal(off_cents) * decimal("0.01");
        const Decimal percent = percent_of(off, whole, 2, 2, rates);
        const double rest = std::stod(rest_of(off, whole, 2, 2, rates).to_string());
        const double line =
            odoo_line(static_cast<double>(whole_cents) / 100.0, std::stod(percent.to_string()), 1.0, 0.01);
        with_rest += rest == 0.0 ? 0 : 1;
        moved += percent == percent_of(off, whole, 2, 2) ? 0 : 1;
        ASSERT_EQ(cents(line) + cents(rest), whole_cents - off_cents);
        for (const double tax : percents) {
            const auto difference =
                odoo_tax_cents(line, tax) + odoo_tax_cents(rest, tax) - shop_tax_cents(whole - off, tax);
            ASSERT_LE(std::abs(difference), 1);
            wrong += difference == 0 ? 0 : 1;
        }
    }
    EXPECT_GT(with_rest, 3'000);
    EXPECT_GT(moved, 1'000) << "as many would be a cent off";
    EXPECT_LT(wrong, 10) << "where steps of a percentage are whole steps of the tax too, none is right";
}

}  // namespace
}  // namespace sluice::mapping
