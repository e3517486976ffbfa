#pragma once
// What the database holds before the first call: Odoo's own data, and records a test or a demonstration asks for.

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

// Countries, states, currencies, one company, units, a category, a warehouse; the users OdooBot and admin; one plain
// service user (kDefaultLogin). Only on an empty store.
void install_base(Database& database);

// {"users": [{login, password, api_keys, kind, name, tz, id}],
//  "products": [{name, default_code, list_price, barcode, ..., "external_id"}],
//  "partners": [{name, email, ..., "external_id"}],
//  "records": {"account.tax": [{...}], "sale.order": [...]},
//  "stock": [{"product": "shop.mug", "location": "stock.stock_location_stock", "quantity": 5}],
//  "modules": ["stock_delivery"]}
// A record's "id" is used as it is; "external_id" names it; a many2one takes an id, an external id or a country code.
// Throws std::invalid_argument with what is wrong.
void apply_seed(Database& database, const json::object& seed);

// Everything a test may compare, as the store holds it: {"partners", "orders", "lines", "products", "pickings",
// "moves", "move_lines", "quants", "locations", "external_ids"}.
json::object dump(Database& database);

inline constexpr std::string_view kDefaultLogin = "sluice";
inline constexpr std::string_view kDefaultPassword = "sluice";
inline constexpr std::string_view kDefaultApiKey = "sluice-simulator-api-key";

}  // namespace sluice::sim
