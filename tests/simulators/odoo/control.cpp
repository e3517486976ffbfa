#include "tests/simulators/odoo/control.hpp"

#include <stdexcept>

#include "tests/simulators/odoo/seed.hpp"

namespace sluice::sim {

namespace {

HttpReply reply_with(int status, const json::value& body) {
    HttpReply reply;
    reply.status = status;
    reply.body = py_json(body) + "\n";
    return reply;
}

json::object body_of(const HttpRequest& request) {
    boost::system::error_code error;
    const auto body = json::parse(request.body, error);
    if (error || !body.is_object()) throw std::invalid_argument("the body must be a JSON object");
    return body.get_object();
}

json::value run(const ControlTargets& targets, const HttpRequest& request) {
    const std::string what = request.method + " " + request.path;
    if (what == "POST /_sim/faults") {
        return json::object{{"id", targets.faults.inject(parse_fault(body_of(request)))}};
    }
    if (what == "GET /_sim/faults") return targets.faults.describe();
    if (what == "DELETE /_sim/faults") {
        targets.faults.clear();
        return json::object{{"cleared", true}};
    }
    if (what == "POST /_sim/release") return json::object{{"released", targets.faults.release()}};
    if (what == "GET /_sim/stats") {
        json::object stats = targets.stats.describe();
        stats["faults_fired"] = targets.faults.fired();
        stats["calls_held"] = targets.faults.held();
        return stats;
    }
    if (what == "POST /_sim/seed") {
        apply_seed(targets.database, body_of(request));
        return json::object{{"seeded", true}};
    }
    if (what == "GET /_sim/dump") return dump(targets.database);
    if (what == "POST /_sim/listener") {
        const auto body = body_of(request);
        const auto* open = body.if_contains("open");
        if (open == nullptr || !open->is_bool()) throw std::invalid_argument("expected {\"open\": true|false}");
        targets.set_listening(open->get_bool());
        return json::object{{"open", open->get_bool()}};
    }
    throw std::invalid_argument("no such control call: " + what);
}

}  // namespace

bool is_control(const HttpRequest& request) {
    return request.path.starts_with("/_sim/");
}

HttpReply control(const ControlTargets& targets, const HttpRequest& request) {
    try {
        return reply_with(200, run(targets, request));
    } catch (const std::exception& error) {
        return reply_with(400, json::object{{"error", error.what()}});
    }
}

}  // namespace sluice::sim
