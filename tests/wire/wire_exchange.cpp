#include "tests/wire/wire_exchange.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace sluice::wire {

namespace {

constexpr std::string_view kJson2 = "/json/2/";

std::string text(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* child(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value == nullptr ? nullptr : value->if_object();
}

void read_call(Exchange& exchange, const json::object& params) {
    const auto* args = params.if_contains("args");
    const json::array list = args != nullptr && args->is_array() ? args->get_array() : json::array();
    exchange.service = text(params, "service");
    exchange.service_method = text(params, "method");
    if (exchange.path == "/jsonrpc") {
        if (!list.empty() && list[0].is_string()) exchange.database = list[0].get_string();
        if (exchange.service != "object" || list.size() < 5) return;
        if (list[1].is_int64()) exchange.uid = list[1].get_int64();
        if (list[2].is_string()) exchange.secret = list[2].get_string();
        if (list[3].is_string()) exchange.model = list[3].get_string();
        if (list[4].is_string()) exchange.rpc_method = list[4].get_string();
        if (exchange.service_method == "execute") {
            exchange.args = json::array(list.begin() + 5, list.end());
        } else {
            if (list.size() > 5 && list[5].is_array()) exchange.args = list[5].get_array();
            if (list.size() > 6 && list[6].is_object()) exchange.kwargs = list[6].get_object();
        }
    } else if (exchange.path.starts_with("/web/dataset/call_")) {
        exchange.model = text(params, "model");
        exchange.rpc_method = text(params, "method");
        exchange.args = list;
        if (const auto* kwargs = child(params, "kwargs")) exchange.kwargs = *kwargs;
    } else {
        exchange.database = text(params, "db");
    }
}

// A call of JSON-2, as if it had been made with the ids and the values as positional arguments.
void read_named_call(Exchange& exchange, json::object named) {
    const auto names = exchange.path.substr(kJson2.size());
    exchange.model = names.substr(0, names.find('/'));
    exchange.rpc_method = names.substr(names.find('/') + 1);
    for (const auto* const first : {"ids", "vals_list", "fields", "vals", "data"}) {
        const bool of_load = first == std::string_view("fields") && exchange.rpc_method != "load";
        const auto* value = named.if_contains(first);
        if (value == nullptr || of_load) continue;
        exchange.args.push_back(*value);
        named.erase(first);
    }
    exchange.kwargs = std::move(named);
}

std::optional<Exchange> read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    boost::system::error_code error;
    const auto parsed = json::parse(content.str(), error);
    const auto* file = error ? nullptr : parsed.if_object();
    const auto* request = file == nullptr ? nullptr : child(*file, "request");
    if (request == nullptr) return std::nullopt;
    Exchange exchange;
    exchange.name = path.stem().string();
    if (const auto* version = file->if_contains("version"); version != nullptr && version->is_int64()) {
        exchange.version = static_cast<int>(version->get_int64());
    }
    exchange.method = text(*request, "method");
    exchange.path = text(*request, "path");
    exchange.body = text(*request, "body");
    if (const auto* headers = child(*request, "headers")) {
        for (const auto& [key, value] : *headers) exchange.headers[key] = text(*headers, key);
    }
    if (const auto* response = child(*file, "response")) {
        if (const auto* status = response->if_contains("status"); status != nullptr && status->is_int64()) {
            exchange.status = static_cast<int>(status->get_int64());
        }
        exchange.answer = text(*response, "body");
        if (const auto* headers = response->if_contains("headers"); headers != nullptr && headers->is_array()) {
            for (const auto& header : headers->get_array()) {
                const std::string key(header.at(0).as_string());
                if (key == "Content-Type") exchange.content_type = header.at(1).as_string();
                if (key == "Date") exchange.date = header.at(1).as_string();
            }
        }
    }
    const auto body = json::parse(exchange.body, error);
    const bool bare = exchange.path.starts_with(kJson2);
    if (!error && body.is_object()) {
        if (bare) {
            read_named_call(exchange, body.get_object());
        } else if (const auto* params = child(body.get_object(), "params")) {
            read_call(exchange, *params);
        }
    }
    const auto answer = json::parse(exchange.answer, error);
    if (bare && !error && exchange.status == 200) {
        exchange.result = answer;
        exchange.has_result = true;
    } else if (bare && !error && answer.is_object()) {
        exchange.error_data = answer.get_object();
    } else if (!error && answer.is_object()) {
        if (const auto* result = answer.get_object().if_contains("result")) {
            exchange.result = *result;
            exchange.has_result = true;
        }
        if (const auto* failure = child(answer.get_object(), "error")) {
            if (const auto* data = child(*failure, "data")) exchange.error_data = *data;
        }
    }
    return exchange;
}

}  // namespace

std::string Exchange::error_name() const {
    return text(error_data, "name");
}
std::string Exchange::error_message() const {
    return text(error_data, "message");
}

std::vector<Exchange> read_folder(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".json") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<Exchange> exchanges;
    for (const auto& path : paths) {
        if (auto exchange = read_file(path)) exchanges.push_back(std::move(*exchange));
    }
    return exchanges;
}

}  // namespace sluice::wire
