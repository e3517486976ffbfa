#pragma once
// What Python code inside Odoo raises. The dispatcher turns it into the JSON-RPC error of FACTS section 4.

#include <stdexcept>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

struct OdooError : std::runtime_error {
    OdooError(std::string name_, const std::string& message) : OdooError(std::move(name_), message, {message}) {}
    OdooError(std::string name_, const std::string& message, json::array arguments_)
        : std::runtime_error(message), name(std::move(name_)), arguments(std::move(arguments_)) {}

    std::string name;  // data.name, e.g. "odoo.exceptions.UserError"
    json::array arguments;
    std::string field;  // set by NOT NULL failures: `load` names the field in its message
};

// Something real Odoo would do and this simulator does not. Counted, printed, never silent.
inline constexpr std::string_view kNotClaimed = "simulator.NotClaimed";

OdooError not_claimed(const std::string& what);
OdooError user_error(const std::string& message);
OdooError validation_error(const std::string& message);
OdooError access_error(const std::string& message);
OdooError access_denied();
OdooError missing_error(std::string_view model, std::int64_t id, std::int64_t uid);
OdooError value_error(const std::string& message);
OdooError type_error(const std::string& message);
OdooError key_error(const std::string& key);
OdooError attribute_error(const std::string& message);
// psycopg2.errors.InvalidTextRepresentation: a text where PostgreSQL wants an integer.
OdooError invalid_integer_text(std::string_view text);
OdooError invalid_field(std::string_view field, std::string_view model);

// True for odoo.exceptions.UserError and its subclasses.
bool is_user_error(const OdooError& error);

}  // namespace sluice::sim
