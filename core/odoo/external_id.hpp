#pragma once
// External ids (ir.model.data): how a vendor's id finds its record in Odoo again.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::odoo {

/// The longest name used; longer ones end in a SHA-256 of the whole.
inline constexpr std::size_t max_external_id_length = 128;

/// `__sluice__.<connector>_`: what every external id of a connector begins with. In the connector's name every byte
/// outside [A-Za-z0-9-] is `-xHH` (a literal `-x` is `-x2dx`): it has no underscore, so no connector's prefix begins
/// another's.
std::string external_id_prefix(std::string_view connector);

/// `__sluice__.<connector>_<external_id>`, where every byte outside [A-Za-z0-9_-] is `_xHH` and a literal `_x` is
/// `_x5fx`, so that different ids stay different. Odoo refuses spaces and reads a dot as the end of the module.
std::string full_external_id(std::string_view connector, std::string_view external_id);

/// The id that full_external_id() made this one of, for this connector; nothing where it is another's, or so long that
/// it ends in a hash.
std::optional<std::string> own_external_id(std::string_view connector, std::string_view full);

}  // namespace sluice::odoo
