#pragma once
// The ABI's named arguments as the two argument lists of an Odoo call.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::host {

struct OdooArguments {
    std::string args = "[]";    ///< a JSON array
    std::string kwargs = "{}";  ///< a JSON object
};

/// `named` is a JSON object ("" is {}). "ids" (an array of ids, or one id) becomes the first positional argument. For
/// `create` "vals_list" is positional too: Odoo 16 to 18 read args[0] of every create (odoo.api._call_kw_model_create).
/// All values keep their bytes. Failure::invalid where it is no JSON object.
Result<OdooArguments> split_arguments(std::string_view method, std::string_view named);

}  // namespace sluice::host
