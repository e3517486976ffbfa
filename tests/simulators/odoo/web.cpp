#include "tests/simulators/odoo/web.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "tests/simulators/odoo/json2.hpp"
#include "tests/simulators/odoo/methods.hpp"
#include "tests/simulators/odoo/pages.hpp"
#include "tests/simulators/odoo/session_info.hpp"
#include "tests/simulators/odoo/sessions.hpp"
#include "tests/simulators/odoo/transaction.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kAuthenticate = "/web/session/authenticate";
constexpr std::string_view kSessionExpired = "odoo.http.SessionExpiredException";
constexpr std::string_view kConflict = "could not serialize access due to concurrent update\n";

bool is_json_route(std::string_view path) {
    static constexpr std::array<std::string_view, 8> kRoutes = {
        "/jsonrpc",           "/web/dataset/call_kw",          "/web/dataset/call_button",
        kAuthenticate,        "/web/session/get_session_info", "/web/session/destroy",
        "/web/session/check", "/web/webclient/version_info"};
    return std::find(kRoutes.begin(), kRoutes.end(), path) != kRoutes.end() || path == "/web/database/list" ||
           path.starts_with("/web/dataset/call_kw/") || path.starts_with("/web/dataset/call_button/");
}

bool needs_session(std::string_view path) {
    return path.starts_with("/web/dataset/") || path == "/web/session/get_session_info" ||
           path == "/web/session/destroy" || path == "/web/session/check";
}

// Routes real Odoo has and the simulator has not.
bool unclaimed_route(std::string_view path, int version) {
    return path.starts_with("/xmlrpc/") || path == "/web" || path.starts_with("/web/database/") ||
           path.starts_with("/web/dataset/") || path.starts_with("/longpolling/") || path.starts_with("/websocket") ||
           (version >= 19 && path.starts_with("/doc"));
}

// Odoo's debug shows the server's paths; a client that logs it verbatim can be caught by them.
std::string traceback(const OdooError& error) {
    return "Traceback (most recent call last):\n  File \"/opt/odoo/odoo/http.py\", line 1710, in _serve_db\n    return "
           "service_model.retrying(self._serve_ir_http, self.env)\n  File \"/opt/odoo/odoo/service/model.py\", line "
           "133, in "
           "retrying\n    result = func()\n  File \"/opt/odoo/odoo/api.py\", line 480, in call_kw\n    result = "
           "_call_kw_multi(method, "
           "model, args, kwargs)\n" +
           error.name + ": " + error.what() + "\n";
}

std::map<std::string, std::string> form(std::string_view body) {
    std::map<std::string, std::string> fields;
    for (const auto& pair : split(body, '&')) {
        const auto equals = pair.find('=');
        if (equals != std::string::npos) fields[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    return fields;
}

const json::value& param(const json::object& params, std::string_view name) {
    static const json::value kNone;
    const auto* value = params.if_contains(name);
    return value == nullptr ? kNone : *value;
}

// A released call of commit_late: told when it is over, however it ends.
class Released {
public:
    explicit Released(Faults& faults) : faults_(faults) {}
    ~Released() { faults_.released_call_ended(); }
    Released(const Released&) = delete;
    Released& operator=(const Released&) = delete;

private:
    Faults& faults_;
};

OdooError session_expired() {
    return {std::string(kSessionExpired), "Session expired"};
}

}  // namespace

void Web::wait(std::int64_t delay_ms) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(delay_ms);
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        std::this_thread::sleep_for(std::min(left + std::chrono::milliseconds(1), std::chrono::milliseconds(20)));
    }
}

HttpReply Web::handle(const HttpRequest& request) {
    if (json2::is_route(request.path, database_.version)) return json2_route(request);
    return is_json_route(request.path) ? json_route(request) : http_route(request);
}

json::object Web::error_body(const json::value& id, const OdooError& error) {
    const bool expired = error.name == kSessionExpired;
    const bool not_found = error.name == "werkzeug.exceptions.NotFound";
    if (error.name == kNotClaimed) stats_.not_claimed(error.what());
    const int code = expired ? 100 : not_found ? 404 : database_.version >= 19 ? 0 : 200;
    const char* message = expired ? "Odoo Session Expired" : not_found ? "404: Not Found" : "Odoo Server Error";
    return {{"jsonrpc", "2.0"},
            // Both are raised before the body's id is read: 18 and 19 look for the model to choose a cursor.
            {"id", expired || not_found ? json::value() : id},
            {"error", json::object{{"code", code},
                                   {"message", message},
                                   {"data", json::object{{"name", error.name},
                                                         {"debug", traceback(error)},
                                                         {"message", error.what()},
                                                         {"arguments", error.arguments},
                                                         {"context", json::object()}}}}}};
}

void Web::give_cookie(const HttpRequest& request, HttpReply& reply) {
    if (reply.ending != HttpReply::Ending::answer) return;
    for (const auto& [name, value] : reply.headers) {
        if (name == "Set-Cookie" && value.starts_with("session_id=")) return;
    }
    Transaction transaction(database_);
    if (sessions::find(database_, request.header("cookie"))) return;
    const auto session = sessions::open(database_, 0);
    reply.headers.emplace_back("Set-Cookie", sessions::set_cookie(database_, session));
    transaction.commit();
}

HttpReply Web::json_route(const HttpRequest& request) {
    const auto type = request.header("content-type");
    const auto media = strip(type.substr(0, type.find(';')));
    if (request.method != "POST" || (media != "application/json" && media != "application/json-rpc")) {
        return pages::wrong_type(request.path, database_.version);
    }
    boost::system::error_code error;
    const auto body = json::parse(request.body, error);
    if (error) return pages::bad_request_text("Invalid JSON data");
    if (!body.is_object()) return pages::bad_request_text("Invalid JSON-RPC data");
    const auto& message = body.get_object();
    const json::value id = param(message, "id");
    const json::object params =
        param(message, "params").is_object() ? param(message, "params").get_object() : json::object();

    const auto subject = Rpc::subject(request.path, params);
    if (request.path == kAuthenticate) {
        stats_.call(request.path);
    } else if (!subject.method.empty()) {
        stats_.call(subject.model.empty() ? subject.method : subject.model + "." + subject.method);
        const std::lock_guard lock(database_.mutex);
        if (!sessions::find(database_, request.header("cookie"))) {
            stats_.without_cookie();
            if (!names_database(request)) stats_.listing_databases();
        }
    }
    return answer(request, json_rpc(request, id, params), faults_.take(subject));
}

Web::Spoken Web::json_rpc(const HttpRequest& request, const json::value& id, const json::object& params) {
    return {
        .subject = Rpc::subject(request.path, params),
        .run = [this, &request, params](HttpReply& reply) { return call(request, params, reply); },
        .succeed =
            [id](HttpReply& reply, json::value result) {
                json::object body{{"jsonrpc", "2.0"}, {"id", id}};
                if (!is_none_result(result)) body["result"] = std::move(result);
                reply.body = py_json(body);
            },
        .fail = [this, id](HttpReply& reply, const OdooError& error) { reply.body = py_json(error_body(id, error)); }};
}

HttpReply Web::json2_route(const HttpRequest& request) {
    if (auto refused = json2::refuse(request)) return *refused;
    const auto named = request.header("x-odoo-database");
    if (!names_database(request)) stats_.listing_databases();
    const bool selected = named.empty() ? !several_databases_ : named == database_.name;
    if (!selected) return pages::no_database(database_.version);
    const Spoken spoken{
        .subject = json2::subject(request),
        .run = [this, &request](HttpReply&) { return json2::call(database_, request); },
        .succeed = [](HttpReply& reply, json::value result) { reply.body = json2::body_of(std::move(result)); },
        .fail =
            [this](HttpReply& reply, const OdooError& error) {
                if (error.name == kNotClaimed) stats_.not_claimed(error.what());
                json2::fail(reply, error, traceback(error));
            }};
    stats_.call(spoken.subject.model + "." + spoken.subject.method);
    return answer(request, spoken, faults_.take(spoken.subject));
}

void Web::before_call(const Fault& fault) {
    switch (fault.kind) {
        case FaultKind::expire:
        case FaultKind::revoke_key: {
            Transaction transaction(database_);
            if (fault.kind == FaultKind::expire) {
                sessions::forget_all(database_);
            } else {
                users::revoke_keys(database_, 0);
            }
            transaction.commit();
            return;
        }
        case FaultKind::slow:
            wait(fault.delay_ms);
            return;
        case FaultKind::pg_down:
            raise_pg_down();
        case FaultKind::user_error:
            throw user_error(fault.message.empty() ? "The operation was refused by a fault of the simulator."
                                                   : fault.message);
        case FaultKind::conflict:
            throw OdooError("psycopg2.errors.SerializationFailure", std::string(kConflict));
        default:
            return;
    }
}

HttpReply Web::answer(const HttpRequest& request, const Spoken& spoken, const std::optional<Fault>& fault) {
    HttpReply reply;
    const auto kind = fault ? std::optional(fault->kind) : std::nullopt;
    if (kind == FaultKind::die_before_apply || kind == FaultKind::hang) {
        reply.ending = kind == FaultKind::hang ? HttpReply::Ending::hang : HttpReply::Ending::close;
        reply.hang_generation = faults_.generation();
        return reply;
    }
    if (kind == FaultKind::html_page) {
        reply.status = fault->status;
        reply.content_type = "text/html; charset=utf-8";
        reply.body = fault->body.empty()
                         ? "<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
                         : fault->body;
        return reply;
    }
    const auto generation = faults_.generation();
    std::optional<BegunAt> begun;
    std::optional<Released> released;
    if (kind == FaultKind::commit_late) {
        begun.emplace(database_.clock());
        if (!faults_.wait_for_release(stopping_)) {
            reply.ending = HttpReply::Ending::close;
            return reply;
        }
        released.emplace(faults_);
    }
    try {
        json::value result;
        if (kind == FaultKind::conflict && spoken.subject.method == "load") {
            // load() swallows the conflict and saves nothing.
            result = json::object{{"ids", false},
                                  {"messages", json::array{json::object{{"rows", json::object{{"from", 0}, {"to", 0}}},
                                                                        {"record", 0},
                                                                        {"type", "error"},
                                                                        {"message", kConflict}}}},
                                  {"nextrow", 0}};
        } else {
            const bool page = needs_session(request.path) || json2::is_route(request.path, database_.version);
            if (kind == FaultKind::pg_down && page) return without_database(request);
            if (fault) before_call(*fault);
            result = spoken.run(reply);
            if (kind == FaultKind::lost_commit) throw OdooError("psycopg2.InterfaceError", "connection already closed");
        }
        spoken.succeed(reply, std::move(result));
    } catch (const OdooError& error) {
        if (error.name == kSessionExpired && !knows_database(request)) return pages::no_database(database_.version);
        spoken.fail(reply, error);
    } catch (const std::exception& error) {
        // A shape the simulator did not expect (a list where it wants an object): say so instead of guessing.
        spoken.fail(reply, not_claimed(std::string("this call: ") + error.what()));
    }
    if (kind == FaultKind::die_after_apply) reply.ending = HttpReply::Ending::close;
    if (kind == FaultKind::truncate) reply.ending = HttpReply::Ending::half_body;
    if (kind == FaultKind::hang_after_apply) {
        reply.ending = HttpReply::Ending::hang;
        reply.hang_generation = generation;
    }
    const bool plain_web = request.path == "/web/webclient/version_info" || request.path == "/web/database/list";
    if (plain_web) give_cookie(request, reply);
    return reply;
}

json::value Web::call(const HttpRequest& request, const json::object& params, HttpReply& reply) {
    if (request.path == "/web/webclient/version_info") return rpc_.version_info();
    if (request.path == "/web/database/list") return json::array{json::value(database_.name)};
    if (request.path == kAuthenticate) return authenticate(request, params, reply);
    if (needs_session(request.path)) return session_call(request, params);
    std::vector<std::string> missing;
    for (const std::string_view name : {"service", "method", "args"}) {
        if (!params.contains(name)) missing.push_back("'" + std::string(name) + "'");
    }
    if (!missing.empty()) {
        std::string names = missing.front();
        for (std::size_t i = 1; i < missing.size(); ++i) {
            names += (i + 1 == missing.size() ? (missing.size() > 2 ? ", and " : " and ") : ", ") + missing[i];
        }
        throw type_error("RPC.jsonrpc() missing " + std::to_string(missing.size()) + " required positional argument" +
                         (missing.size() > 1 ? "s" : "") + ": " + names);
    }
    const auto& args = param(params, "args");
    if (!args.is_array()) throw type_error("Value after * must be an iterable, not " + py_type_name(args));
    return rpc_.dispatch(py_str(param(params, "service")), py_str(param(params, "method")), args.get_array());
}

bool Web::names_database(const HttpRequest& request) const {
    return database_.version >= 19 && request.header("x-odoo-database") == database_.name;
}

bool Web::knows_database(const HttpRequest& request) {
    if (!several_databases_ || names_database(request)) return true;
    const std::lock_guard lock(database_.mutex);
    return sessions::find(database_, request.header("cookie")).has_value();
}

HttpReply Web::without_database(const HttpRequest& request) {
    // Odoo takes the database out of the session (17: http.py, _serve_db). A server with one puts it back later.
    if (several_databases_) {
        Transaction transaction(database_);
        if (const auto session = sessions::find(database_, request.header("cookie"))) {
            sessions::close(database_, session->id);
        }
        transaction.commit();
    }
    return pages::no_database(database_.version);
}

json::value Web::authenticate(const HttpRequest& request, const json::object& params, HttpReply& reply) {
    if (py_str(param(params, "db")) != database_.name) throw access_error("Database not found.");
    Transaction transaction(database_);
    const auto uid = users::login(database_, py_str(param(params, "login")), py_str(param(params, "password")), true);
    if (uid == 0) throw access_denied();
    // The header without a session makes the request stateless: nothing is saved, no cookie is set.
    if (names_database(request) && !sessions::find(database_, request.header("cookie"))) {
        return session_info(database_, uid, rpc_.version_info());
    }
    const auto session = sessions::open(database_, uid);
    transaction.commit();
    reply.headers.emplace_back("Set-Cookie", sessions::set_cookie(database_, session));
    return session_info(database_, uid, rpc_.version_info());
}

json::value Web::session_call(const HttpRequest& request, const json::object& params) {
    std::int64_t uid = 0;
    {
        Transaction transaction(database_);
        const auto session = sessions::find(database_, request.header("cookie"));
        if (!session || session->uid == 0) throw session_expired();
        uid = session->uid;
        if (request.path == "/web/session/destroy") {
            sessions::close(database_, session->id);
            transaction.commit();
            return none_result();
        }
        if (request.path == "/web/session/check") return none_result();
        if (request.path == "/web/session/get_session_info") return session_info(database_, uid, rpc_.version_info());
    }
    for (const std::string_view name : {"model", "method", "args", "kwargs"}) {
        if (!params.contains(name))
            throw type_error("DataSet.call_kw() missing a required positional argument: '" + std::string(name) + "'");
    }
    json::value result = rpc_.call_kw(uid, py_str(param(params, "model")), py_str(param(params, "method")),
                                      param(params, "args").as_array(), param(params, "kwargs").as_object());
    if (request.path.starts_with("/web/dataset/call_button")) {
        // Only an action comes back from a button.
        const bool action = result.is_object() && result.get_object().contains("type");
        if (!action) return false;
    }
    return result;
}

HttpReply Web::http_route(const HttpRequest& request) {
    if (const auto fault = faults_.take({request.path, {}, {}})) {
        if (fault->kind == FaultKind::slow) {
            wait(fault->delay_ms);
        } else {
            return answer(request, json_rpc(request, nullptr, {}), fault);
        }
    }
    HttpReply reply;
    if (request.path == "/web/health") {
        reply.content_type = "application/json";
        reply.body = "{\"status\": \"pass\"}";
        return reply;
    }
    if (request.path == "/web/login") return request.method == "POST" ? login_post(request) : login_page(request);
    if (database_.version >= 19 && (request.path == "/web/version" || request.path == "/json/version")) {
        const auto info = rpc_.version_info();
        reply.content_type = "application/json";
        reply.body = py_json(
            json::object{{"version_info", info.at("server_version_info")}, {"version", info.at("server_version")}});
        return reply;
    }
    if (request.path == "/xmlrpc/2/common" &&
        request.body.find("<methodName>version</methodName>") != std::string::npos) {
        return pages::xmlrpc_version(rpc_.version_info());
    }
    if (database_.version >= 19 && request.path.starts_with("/doc-bearer/")) {
        json2::fail(reply, access_error("This page is only accessible to Technical Documentation users."), "");
        return reply;
    }
    if (unclaimed_route(request.path, database_.version)) {
        stats_.not_claimed("the route " + request.path);
        reply.status = 501;
        reply.content_type = "text/plain";
        reply.body =
            std::string(kNotClaimed) + ": the Odoo simulator does not implement the route " + request.path + "\n";
        return reply;
    }
    reply = request.path == "/" ? pages::redirect("/web") : pages::not_found();
    give_cookie(request, reply);
    return reply;
}

HttpReply Web::login_page(const HttpRequest& request) {
    const auto wanted = request.query.find("db");
    if (wanted != request.query.end() && wanted->second != database_.name)
        return pages::redirect("/web/database/selector");
    Transaction transaction(database_);
    auto session = sessions::find(database_, request.header("cookie"));
    const bool fresh = !session;
    if (fresh) session = sessions::open(database_, 0);
    // With several databases the first request only binds the cookie to one and comes back.
    const bool bind = fresh && several_databases_;
    HttpReply reply = bind ? pages::redirect(wanted == request.query.end() ? "/web/database/selector"
                                                                           : "/web/login?db=" + database_.name)
                           : pages::login(session->csrf_token, false);
    if (bind && wanted != request.query.end()) reply.status = 302;
    reply.headers.emplace_back("Set-Cookie", sessions::set_cookie(database_, *session));
    transaction.commit();
    return reply;
}

HttpReply Web::login_post(const HttpRequest& request) {
    const auto fields = form(request.body);
    const auto field = [&](const std::string& name) {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    };
    Transaction transaction(database_);
    const auto session = sessions::find(database_, request.header("cookie"));
    if (!session || session->csrf_token != field("csrf_token")) return pages::invalid_csrf();
    const auto uid = users::login(database_, field("login"), field("password"), true);
    if (uid == 0) return pages::login(session->csrf_token, true);
    sessions::close(database_, session->id);
    const auto fresh = sessions::open(database_, uid);
    transaction.commit();
    auto reply = pages::redirect("/web");
    reply.headers.emplace_back("Set-Cookie", sessions::set_cookie(database_, fresh));
    return reply;
}

}  // namespace sluice::sim
