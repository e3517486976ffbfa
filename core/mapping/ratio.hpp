#pragma once
// A discount as an amount of money, expressed as Odoo can hold it: a percentage of few digits, and the cents it leaves.

#include <string_view>
#include <vector>

#include "core/base/decimal.hpp"

namespace sluice::mapping {

/// 100 * part / whole, half-even to `digits`; 0 where `whole` is 0. Where that would put the line's amount exactly on
/// half a cent (of `currency_digits`) it is the next percentage towards the exact one: Odoo computes in doubles, and
/// 1871278.00 * (1 - 98.25 / 100) comes out below the half that it should round up.
/// `rates` are of taxes on top (0.21): Odoo rounds each tax a line, so the line's and the rest's may be a cent off that
/// of both together, and a tax on half a cent either way. Then it is the nearest percentage with which they are not, if
/// one of a hundred on each side is (one discount in a thousand has none: a cent of tax is off).
Decimal percent_of(const Decimal& part, const Decimal& whole, int digits, int currency_digits,
                   const std::vector<Decimal>& rates = {});

/// What to add to a line of amount `whole` with that percentage so that the sum is whole - part, both in
/// `currency_digits`. Odoo rounds the line's amount, price_unit * (1 - discount / 100) * quantity, half up, away from
/// zero (odoo.tools.float_utils.float_round, called by res.currency.round).
Decimal rest_of(const Decimal& part, const Decimal& whole, int digits, int currency_digits,
                const std::vector<Decimal>& rates = {});

/// Digits of an ISO 4217 currency: 0 for JPY, 3 for KWD, 2 for most and for a code that is not known.
int currency_digits(std::string_view code);

}  // namespace sluice::mapping
