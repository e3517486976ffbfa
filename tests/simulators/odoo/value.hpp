#pragma once
// Python's view of JSON values: truth, repr, str and json.dumps as Odoo's process prints them (`[1, 2.0]`, ASCII only).
// The simulator stands for Python, so it uses Boost.JSON and shares no code with core/.

#include <boost/json.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::sim {

namespace json = boost::json;
using Ids = std::vector<std::int64_t>;

// bool(value) of Python: false, null, 0, 0.0, "" and empty containers are false.
bool truthy(const json::value& value);
// An empty field of a record: Odoo keeps False (here also null) for SQL NULL.
bool is_empty(const json::value& value);
// An integer id, or nothing. A bool is no id.
std::optional<std::int64_t> as_id(const json::value& value);
// A number as a double; 0 for everything else.
double as_double(const json::value& value);
// A record's text, "" when empty.
std::string as_text(const json::value& value);
Ids as_ids(const json::value& value);
json::array to_array(const Ids& ids);

// repr() and str() of Python for the value.
std::string py_repr(const json::value& value);
std::string py_str(const json::value& value);
// type(value).__name__ of Python.
std::string py_type_name(const json::value& value);
// repr(float): the shortest text that reads back, with ".0" when integral and "1e+16" from 1e16 on.
std::string py_float(double number);
// json.dumps(value): ", " and ": " between, \uXXXX for all beyond ASCII.
std::string py_json(const json::value& value);

std::string lower(std::string_view text);
std::string strip(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);
std::string replace_all(std::string text, std::string_view from, std::string_view to);

}  // namespace sluice::sim
