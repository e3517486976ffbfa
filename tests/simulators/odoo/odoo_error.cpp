#include "tests/simulators/odoo/odoo_error.hpp"

#include <array>

namespace sluice::sim {

OdooError not_claimed(const std::string& what) {
    return {std::string(kNotClaimed), "The Odoo simulator does not implement " + what};
}
OdooError user_error(const std::string& message) {
    return {"odoo.exceptions.UserError", message};
}
OdooError validation_error(const std::string& message) {
    return {"odoo.exceptions.ValidationError", message};
}
OdooError access_error(const std::string& message) {
    return {"odoo.exceptions.AccessError", message};
}
OdooError access_denied() {
    return {"odoo.exceptions.AccessDenied", "Access Denied"};
}

OdooError missing_error(std::string_view model, std::int64_t id, std::int64_t uid) {
    return {"odoo.exceptions.MissingError",
            "Record does not exist or has been deleted.\n(Record: " + std::string(model) + "(" + std::to_string(id) +
                ",), User: " + std::to_string(uid) + ")"};
}

OdooError value_error(const std::string& message) {
    return {"builtins.ValueError", message};
}
OdooError type_error(const std::string& message) {
    return {"builtins.TypeError", message};
}
OdooError key_error(const std::string& key) {
    return {"builtins.KeyError", key};
}
OdooError attribute_error(const std::string& message) {
    return {"builtins.AttributeError", message};
}

OdooError invalid_integer_text(std::string_view text) {
    return {"psycopg2.errors.InvalidTextRepresentation",
            "invalid input syntax for type integer: \"" + std::string(text) + "\"\nLINE 1: ...\n"};
}

OdooError invalid_field(std::string_view field, std::string_view model) {
    return value_error("Invalid field '" + std::string(field) + "' on model '" + std::string(model) + "'");
}

bool is_user_error(const OdooError& error) {
    static constexpr std::array<std::string_view, 5> kNames = {
        "odoo.exceptions.UserError", "odoo.exceptions.ValidationError", "odoo.exceptions.AccessError",
        "odoo.exceptions.MissingError", "odoo.exceptions.AccessDenied"};
    for (const auto name : kNames) {
        if (error.name == name) return true;
    }
    return false;
}

}  // namespace sluice::sim
