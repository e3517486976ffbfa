#pragma once
// Recorded HTTP exchanges of a real Odoo: one JSON file each, {version, name, request, response}.

#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::wire {

namespace json = boost::json;

struct Exchange {
    int version = 17;
    std::string name;
    std::string method, path;
    std::map<std::string, std::string> headers;
    std::string body;
    // The recorded answer; no status when the server gave none.
    std::optional<int> status;
    std::string content_type, date;
    std::string answer;

    // The call inside: a model's method for execute_kw and call_kw, else empty.
    std::string model, rpc_method, service, service_method, secret, database;
    std::int64_t uid = 0;
    json::array args;
    json::object kwargs;
    json::value result;       // of the recorded answer
    json::object error_data;  // error.data of it
    bool has_result = false;

    bool failed() const { return !error_data.empty(); }
    std::string error_name() const;
    std::string error_message() const;
};

// The folder's exchanges in file order; files that are none are left out.
std::vector<Exchange> read_folder(const std::filesystem::path& folder);

}  // namespace sluice::wire
