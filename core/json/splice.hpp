#pragma once
// Changes one value of a document and no other byte of it.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::json {

/// The document with `value` (JSON) in the place of the value that `pointer` (RFC 6901) names; of a repeated name the
/// last, which is the one that is read. White space, order, number tokens and escapes elsewhere stay as they are.
/// Failure::invalid where document or value is no JSON, or nothing is there: the message names the nearest parent that
/// is, and what it has.
Result<std::string> replace_at(std::string_view document, std::string_view pointer, std::string_view value);

/// The document without that member or element, and without one comma beside it. Failure::invalid likewise, for the
/// whole document (""), and for a repeated name, behind which an older value would appear.
Result<std::string> remove_at(std::string_view document, std::string_view pointer);

}  // namespace sluice::json
