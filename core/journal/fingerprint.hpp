#pragma once
// Which dead letters have one cause.

#include <string>
#include <string_view>

namespace sluice::journal {

/// Twelve hexadecimal digits, the same for outcomes ("rejected: no product with SKU 'A-1'") that differ only in
/// numbers and in what stands in quotes: ids, amounts, dates, names. Names of things in a schema are no such names:
/// what is quoted counts where it is lower case with a "_" or "." and no digit ('country_id'), or comes after "field",
/// "column" and the like (field 'street2'). Of a list of broken rules all count.
std::string fingerprint(std::string_view outcome);

}  // namespace sluice::journal
