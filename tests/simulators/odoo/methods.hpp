#pragma once
// The methods of the RPC surface: which exist on which model, their Python signatures, and what they do.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

// A call after Python bound its arguments: one value a parameter, null where the default stands.
struct Call {
    Env& env;
    const Model& model;
    Ids ids;                          // of a record method
    bool single_id = false;           // ids came as an int
    std::vector<json::value> values;  // by position in Method::parameters
    std::vector<bool> given;
};

struct Method {
    std::string owner;                    // class in TypeErrors
    std::vector<std::string> parameters;  // a leading '*' marks a required one
    bool model_level = false;             // @api.model: no ids
    std::function<json::value(Call&)> run;
};

// Answers None: no `result` in the response.
inline constexpr std::string_view kNoneResult = "\x01none";
json::value none_result();
bool is_none_result(const json::value& value);

// The method of a model, or nothing. Known methods of Odoo that are not here raise NotClaimed.
const Method* find_method(std::string_view model, std::string_view name);

// odoo.api.call_kw: binds and runs. Raises AccessError for private names, AttributeError for unknown ones.
json::value call_method(Env& env, std::string_view model, std::string_view method, json::array args,
                        json::object kwargs);

}  // namespace sluice::sim
