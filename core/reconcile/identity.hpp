#pragma once
// External ids, read backwards.

#include <optional>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"

namespace sluice::reconcile {

/// The value that the template's one place had when it made this external id: "450789469" of "order_450789469" by
/// "order_{/id}"; nothing where the id is not of this template.
std::optional<std::string> value_in(const contract::Template& text, std::string_view external_id);

}  // namespace sluice::reconcile
