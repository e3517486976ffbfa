#include "tests/simulators/odoo/json2.hpp"

#include <algorithm>
#include <map>

#include "tests/simulators/odoo/generic_methods.hpp"
#include "tests/simulators/odoo/methods.hpp"
#include "tests/simulators/odoo/pages.hpp"
#include "tests/simulators/odoo/transaction.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim::json2 {

namespace {

constexpr std::string_view kPrefix = "/json/2/";

OdooError http_error(const std::string& name, int status, const std::string& message) {
    return {"werkzeug.exceptions." + name, message, json::array{json::value(message), status}};
}
OdooError not_found(const std::string& message) {
    return http_error("NotFound", 404, message);
}
OdooError unprocessable(const std::string& message) {
    return http_error("UnprocessableEntity", 422, message);
}

// {model, method}, both empty where the path has not these two parts.
std::pair<std::string, std::string> parts(std::string_view path) {
    const auto names = split(path.substr(kPrefix.size()), '/');
    if (names.size() != 2 || names[0].empty() || names[1].empty()) return {};
    return {names[0], names[1]};
}

std::int64_t authenticate(Database& database, const HttpRequest& request) {
    const auto given = request.header("authorization");
    std::string scheme(given.substr(0, given.find(' ')));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), [](unsigned char c) { return std::tolower(c); });
    if (scheme != "bearer") {
        throw http_error("Unauthorized", 401,
                         "User not authenticated, use an API Key with a Bearer Authorization header.");
    }
    const auto key = given.find(' ') == std::string_view::npos ? std::string() : strip(given.substr(scheme.size()));
    const std::lock_guard lock(database.mutex);
    const auto uid = users::of_key(database, key);
    if (uid == 0) throw http_error("Unauthorized", 401, "Invalid apikey");
    return uid;
}

json::object arguments(const HttpRequest& request) {
    if (request.body.empty()) return {};
    boost::system::error_code error;
    const auto body = json::parse(request.body, error);
    if (error) {
        throw http_error("BadRequest", 400,
                         "could not parse the body as json: Expecting value: line 1 column 1 (char 0)");
    }
    return body.is_object() ? body.get_object() : json::object();
}

// inspect.Signature.bind() of the method.
void check_names(const Method& method, const json::object& kwargs) {
    for (const auto& parameter : method.parameters) {
        if (parameter.starts_with('*') && !kwargs.contains(parameter.substr(1))) {
            throw unprocessable("missing a required argument: '" + parameter.substr(1) + "'");
        }
    }
    for (const auto& [key, value] : kwargs) {
        if (key == "context") continue;
        const bool known = std::any_of(method.parameters.begin(), method.parameters.end(), [&](const auto& parameter) {
            return parameter == std::string_view(key) || parameter == "*" + std::string(key);
        });
        if (!known) throw unprocessable("got an unexpected keyword argument '" + std::string(key) + "'");
    }
}

int status_of(const OdooError& error) {
    static const std::map<std::string_view, int> kStatus = {
        {"odoo.exceptions.AccessDenied", 401},    {"odoo.exceptions.AccessError", 403},
        {"odoo.exceptions.MissingError", 404},    {"odoo.exceptions.UserError", 422},
        {"odoo.exceptions.ValidationError", 422}, {"odoo.exceptions.RedirectWarning", 422},
        {"werkzeug.exceptions.BadRequest", 400},  {"werkzeug.exceptions.Unauthorized", 401},
        {"werkzeug.exceptions.NotFound", 404},    {"werkzeug.exceptions.UnprocessableEntity", 422}};
    const auto found = kStatus.find(error.name);
    return found == kStatus.end() ? 500 : found->second;
}

}  // namespace

bool is_route(std::string_view path, int version) {
    return version >= 19 && path.starts_with(kPrefix);
}

std::optional<HttpReply> refuse(const HttpRequest& request) {
    if (request.method != "POST" || parts(request.path).first.empty()) {
        HttpReply reply;
        fail(reply, not_found("Did you mean POST /json/2/<model>/<method>?"), "");
        return reply;
    }
    const auto type = request.header("content-type");
    if (strip(type.substr(0, type.find(';'))) != "application/json") return pages::wrong_type(request.path, 19);
    return std::nullopt;
}

FaultSubject subject(const HttpRequest& request) {
    const auto [model, method] = parts(request.path);
    return {request.path, model, method};
}

json::value call(Database& database, const HttpRequest& request) {
    const auto uid = authenticate(database, request);
    auto kwargs = arguments(request);
    const auto [model, name] = parts(request.path);
    if (database.schema.find(model) == nullptr && !Schema::is_odoo_model(model)) {
        throw not_found("the model '" + model + "' does not exist");
    }
    if (const auto* context = kwargs.if_contains("context"); context != nullptr && context->is_object()) {
        const auto* language = context->get_object().if_contains("lang");
        if (language != nullptr && language->is_string() && language->get_string() != "en_US") {
            throw user_error("Invalid language code: " + as_text(*language));
        }
    }
    json::array positional;
    const auto* method = name.starts_with('_') ? nullptr : find_method(model, name);
    if (method != nullptr) {
        method = method_of_version(*method, name, database.version);
        const auto* ids = kwargs.if_contains("ids");
        if (method->model_level && ids != nullptr) {
            throw unprocessable("cannot call " + model + "." + name + " with ids");
        }
        if (!method->model_level) {
            positional.push_back(ids == nullptr ? json::value(json::array()) : *ids);
            kwargs.erase("ids");
        }
        check_names(*method, kwargs);
    }
    Transaction transaction(database);
    Env env(database, uid, {});
    json::value result;
    try {
        result = call_method(env, model, name, std::move(positional), std::move(kwargs));
    } catch (const OdooError& error) {
        if (error.name == "builtins.AttributeError" && method == nullptr) throw not_found(error.what());
        throw;
    }
    transaction.commit();
    if (name == "create" && result.is_int64()) result = json::array{result};
    return result;
}

std::string body_of(json::value result) {
    return py_json(is_none_result(result) ? json::value() : result);
}

void fail(HttpReply& reply, const OdooError& error, std::string_view debug) {
    reply.status = status_of(error);
    if (reply.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer ");
    reply.body = py_json(json::object{{"name", error.name},
                                      {"message", error.what()},
                                      {"arguments", error.arguments},
                                      {"context", json::object()},
                                      {"debug", debug}});
}

}  // namespace sluice::sim::json2
