#pragma once
// The names of Odoo methods' arguments, for the protocol that knows no positional ones.

#include <string>

#include "core/base/result.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo::wire {

/// The call's positional and keyword arguments as one JSON object: `ids` of the records, the method's own names, and
/// the context. The names are those of Odoo 19 (odoo/orm/models.py). A method that is not known here may have the ids
/// as its one positional argument. Failure::invalid, saying how to give them, where the names cannot be told, and where
/// a method of records has none: Odoo would answer `true` and do nothing.
Result<std::string> name_arguments(const Call& call);

/// True where the caller gave `create` the values of one record rather than a list: Odoo's positional protocols then
/// answer with an id, JSON-2 with a list of one.
bool creates_one(const Call& call);

}  // namespace sluice::odoo::wire
