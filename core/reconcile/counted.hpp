#pragma once
// The part of a record that counts.

#include <string>
#include <vector>

#include "core/mapping/record.hpp"

namespace sluice::reconcile {

/// The record with those fields alone that `fields` names ("client_order_ref"; "order_line" is all of these lines,
/// "order_line.price_unit" that field of each); none is all of them. Without what guards it and what it would become by
/// methods of its own: these are looked at by themselves. It is found as the whole one is.
mapping::MappedRecord counted(const mapping::MappedRecord& record, const std::vector<std::string>& fields);

}  // namespace sluice::reconcile
