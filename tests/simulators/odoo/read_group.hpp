#pragma once
// read_group() and web_read_group() of 16 to 18: sums and counts by field values, months and days.

#include "tests/simulators/odoo/methods.hpp"

namespace sluice::sim {

json::value read_group(Call& call);
json::value web_read_group(Call& call);
// From 19 on: {domain, groupby, aggregates, ...}, keys such as "amount_total:sum" and "__count".
json::value formatted_read_group(Call& call);

}  // namespace sluice::sim
