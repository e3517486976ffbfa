#pragma once
// account.tax: what compute_all (addons/account/models/account_tax.py, 17) makes of a line's amount.

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::tax {

struct Amounts {
    double untaxed = 0.0;
    double tax = 0.0;
};

// Percentages, on top or included in the price, each rounded a line; anything else is not claimed. `price` is one
// unit's, after its discount; `digits` are the currency's.
Amounts compute_all(Env& env, const Ids& taxes, double price, double quantity, int digits);

// The digits of a currency's rounding (0.01 -> 2).
int currency_digits(Env& env, std::int64_t currency);

}  // namespace sluice::sim::tax
