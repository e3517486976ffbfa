#pragma once
// What a person writes to change a payload, as the admin API takes it.

#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::host {

struct PayloadEdit {
    std::vector<std::string> set;     ///< "/line_items/0/sku=\"A-1\""
    std::vector<std::string> remove;  ///< "/note"
    std::string payload;              ///< the whole of it instead; "" is none
    std::string reason;
    bool replay = false;
};

/// The body of the request. Failure::invalid says which part cannot be read and what would be right. The values keep
/// their bytes.
Result<std::string> edit_body(const PayloadEdit& edit);

}  // namespace sluice::host
