#include "tests/simulators/odoo/convert.hpp"

#include <algorithm>
#include <charconv>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

double to_float(const json::value& value) {
    if (!truthy(value)) return 0.0;
    if (value.is_string()) {
        const auto text = strip(std::string_view(value.get_string()));
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) {
            throw value_error("could not convert string to float: " + py_repr(value));
        }
        return number;
    }
    if (value.is_array() || value.is_object()) {
        throw type_error("float() argument must be a string or a real number, not '" + py_type_name(value) + "'");
    }
    return as_double(value);
}

std::int64_t to_integer(const json::value& value) {
    if (!truthy(value)) return 0;
    if (value.is_string()) {
        const auto text = strip(std::string_view(value.get_string()));
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc() || end != text.data() + text.size()) {
            throw value_error("invalid literal for int() with base 10: " + py_repr(value));
        }
        return number;
    }
    if (value.is_array() || value.is_object()) {
        throw type_error("int() argument must be a string, a bytes-like object or a real number, not '" +
                         py_type_name(value) + "'");
    }
    if (value.is_double()) return static_cast<std::int64_t>(value.get_double());
    return value.is_bool() ? 1 : value.to_number<std::int64_t>();
}

json::value to_many2one(Env& env, const Field& field, const json::value& given) {
    // A pair [id, name], as read() gives it, counts as its id.
    const json::value& value = given.is_array() && !given.get_array().empty() ? given.get_array()[0] : given;
    if (!truthy(value)) return false;
    if (value.is_string()) throw invalid_integer_text(value.get_string());
    const auto id = as_id(value);
    if (!id) throw value_error("Wrong value for " + field.name + ": " + py_repr(given));
    if (env.database().schema.find(field.relation) == nullptr) {
        throw not_claimed("records of '" + field.relation + "' (field '" + field.name + "')");
    }
    if (!orm::exists(env, field.relation, *id)) throw missing_error(field.relation, *id, env.uid());
    return *id;
}

json::value to_selection(const Model& model, const Field& field, const json::value& value) {
    if (!truthy(value)) return false;
    const bool known =
        field.selection.empty() || std::any_of(field.selection.begin(), field.selection.end(), [&](auto& item) {
            return value.is_string() && item.first == std::string_view(value.get_string());
        });
    if (!known) throw value_error("Wrong value for " + model.name + "." + field.name + ": " + py_repr(value));
    return value;
}

}  // namespace

json::value convert_to_column(Env& env, const Model& model, const Field& field, const json::value& value) {
    switch (field.type) {
        case FieldType::text_like:
            return is_empty(value) ? json::value(false) : json::value(py_str(value));
        case FieldType::binary:
            return is_empty(value) ? json::value(false) : json::value(py_str(value));
        case FieldType::html: {
            if (is_empty(value)) return false;
            const auto text = py_str(value);
            // html_sanitize wraps plain text into a paragraph.
            if (text.empty() || text.find('<') != std::string::npos) return json::value(text);
            return json::value("<p>" + text + "</p>");
        }
        case FieldType::integer:
            return to_integer(value);
        case FieldType::floating: {
            const double number = to_float(value);
            return field.digits < 0 ? number : orm::round_half_up(number, field.digits);
        }
        case FieldType::monetary:
            return orm::round_half_up(to_float(value), 2);
        case FieldType::boolean:
            return truthy(value);
        case FieldType::date:
            if (!truthy(value)) return false;
            if (!value.is_string()) throw type_error("'" + py_type_name(value) + "' object is not a date");
            return json::value(to_date_strict(value.get_string()));
        case FieldType::datetime:
            if (!truthy(value)) return false;
            if (!value.is_string()) throw type_error("object of type '" + py_type_name(value) + "' has no len()");
            return json::value(to_datetime_strict(value.get_string()));
        case FieldType::selection:
            return to_selection(model, field, value);
        case FieldType::many2one:
            return to_many2one(env, field, value);
        case FieldType::one2many:
        case FieldType::many2many:
        case FieldType::other:
            break;
    }
    throw not_claimed("writing field '" + field.name + "' of '" + model.name + "' (" + field.type_name + ")");
}

}  // namespace sluice::sim
