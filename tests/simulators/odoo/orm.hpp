#pragma once
// odoo.models.BaseModel on the store: browse, read, search, create, write, unlink. Every function checks the caller's
// access rights unless the environment is sudo, and raises what Odoo raises (FACTS section 4).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::orm {

// Reading one value as the store holds it: many2one as id or false, x2many as ids, datetimes with microseconds.
json::value get(Env& env, std::string_view model, std::int64_t id, std::string_view field);
std::int64_t get_id(Env& env, std::string_view model, std::int64_t id, std::string_view field);  // 0 when empty
std::string get_text(Env& env, std::string_view model, std::int64_t id, std::string_view field);
double get_number(Env& env, std::string_view model, std::int64_t id, std::string_view field);
bool exists(Env& env, std::string_view model, std::int64_t id);
std::string display_name(Env& env, std::string_view model, std::int64_t id);

// read(): [{id, field...}], missing records left out. `classic` gives many2one as [id, name].
json::array read(Env& env, std::string_view model, const Ids& ids, const std::vector<std::string>& fields,
                 bool classic);
// The value of one field as read() gives it.
json::value wire_value(Env& env, const Field& field, std::string_view model, std::int64_t id, bool classic);

struct SearchOptions {
    std::int64_t offset = 0;
    std::int64_t limit = -1;  // none
    std::string order;        // the model's own when empty
};
Ids search(Env& env, std::string_view model, const json::value& domain, const SearchOptions& options = {});
Ids sorted(Env& env, std::string_view model, Ids ids, std::string_view order);
// name_search(): ids in the model's order.
Ids name_search(Env& env, std::string_view model, const std::string& name, const json::value& domain,
                const std::string& op, std::int64_t limit);

std::int64_t create(Env& env, std::string_view model, json::object values);
void write(Env& env, std::string_view model, const Ids& ids, json::object values);
void unlink(Env& env, std::string_view model, const Ids& ids);
json::object default_get(Env& env, std::string_view model);
// Stores a computed field: bumps write_date when the value differs, as a flush of a stored compute does.
void store_computed(Env& env, std::string_view model, std::int64_t id, std::string_view field, json::value value);

// Raises MissingError for the first id that does not exist.
void ensure_exists(Env& env, std::string_view model, const Ids& ids);

// odoo.tools.float_round(value, precision_digits=digits), HALF-UP.
double round_half_up(double value, int digits);

}  // namespace sluice::sim::orm
