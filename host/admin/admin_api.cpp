#include "host/admin/admin_api.hpp"

#include <fmt/format.h>

#include <memory>

#include "host/admin/answers.hpp"
#include "host/admin/query.hpp"

namespace sluice::host {
namespace {

http::Response method_not_allowed(std::string_view right) {
    auto response = error_response(405, fmt::format("this is asked for with {}", right));
    response.headers.emplace_back("Allow", right);
    return response;
}

http::Response not_found() {
    return error_response(
        404,
        "there is nothing here; there are /v0/status, /v0/events, /v0/events/SEQ, /v0/events/SEQ/dry-run, "
        "/v0/dead-letters, /v0/dead-letters/groups, /v0/dead-letters/replay, /v0/dead-letters/discard, "
        "/v0/dead-letters/SEQ with /replay, /discard, /edit and /dry-run, /v0/connectors/NAME/pause and /resume, "
        "/v0/connectors/NAME/flows/FLOW with /pause, /resume, /trigger, /sweep and /reconcile, /v0/journal/backup and "
        "/v0/journal/check");
}

std::vector<std::string> segments(const std::string& path) {
    std::vector<std::string> found;
    std::size_t begin = 1;
    while (begin <= path.size()) {
        const auto end = std::min(path.find('/', begin), path.size());
        found.push_back(path.substr(begin, end - begin));
        begin = end + 1;
    }
    return found;
}

/// It may take as long as another system, or reading the whole journal, takes.
bool takes_its_time(std::string_view target) {
    const auto path = target.substr(0, target.find('?'));
    return path.starts_with("/v0/journal/") || path.ends_with("/dry-run");
}

}  // namespace

AdminApi::AdminApi(journal::Journal& journal, const Clock& clock, AdminHooks hooks)
    : hooks_(std::move(hooks)),
      events_(journal, hooks_),
      dead_letters_(journal, clock, hooks_),
      controls_(journal, clock, hooks_),
      quick_(max_queued),
      slow_(max_queued) {}

AdminApi::~AdminApi() {
    stop();
}

void AdminApi::handle(http::ServerRequest request, http::Respond respond) {
    auto& worker = takes_its_time(request.target) ? slow_ : quick_;
    // Shared: a std::function must be copyable, and a body may be large.
    const auto given = std::make_shared<http::ServerRequest>(std::move(request));
    if (worker.post([this, given, respond] { respond(answer(*given)); })) return;
    auto response = error_response(503, "the host is stopping, or too many admin requests wait");
    response.headers.emplace_back("Retry-After", "1");
    respond(std::move(response));
}

void AdminApi::stop() {
    quick_.stop();
    slow_.stop();
}

http::Response AdminApi::answer(const http::ServerRequest& request) {
    const auto target = parse_target(request.target);
    if (!target) return error_response(400, target.error().message);
    const auto path = segments(target->path);
    if (path.size() < 2 || path[0] != "v0") return not_found();
    const bool get = request.method == "GET";
    if (path[1] == "status" && path.size() == 2)
        return get ? http::json_response(200, hooks_.status()) : method_not_allowed("GET");
    if (path[1] == "events") return answer_events(path, target->filter, get);
    if (path[1] == "dead-letters") return answer_dead_letters(path, target->filter, request);
    if (path[1] == "connectors") return answer_connectors(path, target->filter, request);
    if (path[1] == "journal") return answer_journal(path, request);
    return not_found();
}

http::Response AdminApi::answer_events(const std::vector<std::string>& path, const journal::EventFilter& filter,
                                       bool get) {
    if (path.size() == 2) return get ? events_.list(filter) : method_not_allowed("GET");
    const auto seq = parse_seq(path[2]);
    if (!seq) return error_response(400, fmt::format("`{}` is no event's number", path[2]));
    if (path.size() == 3) return get ? events_.show(*seq) : method_not_allowed("GET");
    if (path.size() == 4 && path[3] == "dry-run") return get ? method_not_allowed("POST") : events_.dry_run(*seq);
    return not_found();
}

http::Response AdminApi::answer_dead_letters(const std::vector<std::string>& path, const journal::EventFilter& filter,
                                             const http::ServerRequest& request) {
    const bool get = request.method == "GET", post = request.method == "POST";
    if (path.size() == 2) return get ? dead_letters_.list(filter) : method_not_allowed("GET");
    const auto& what = path[2];
    if (path.size() == 3 && what == "groups") return get ? dead_letters_.groups(filter) : method_not_allowed("GET");
    if (path.size() == 3 && (what == "replay" || what == "discard")) {
        if (!post) return method_not_allowed("POST");
        return what == "replay" ? dead_letters_.replay_all(request) : dead_letters_.discard_all(request);
    }
    if (path.size() == 3 || (path.size() == 4 && path[3] == "dry-run")) return answer_events(path, filter, get);

    const auto seq = parse_seq(what);
    if (!seq) return error_response(400, fmt::format("`{}` is no event's number", what));
    if (path.size() != 4) return not_found();
    const auto& action = path[3];
    if (action != "replay" && action != "discard" && action != "edit") return not_found();
    if (!post) return method_not_allowed("POST");
    if (action == "replay") return dead_letters_.replay(*seq, request);
    return action == "discard" ? dead_letters_.discard(*seq, request) : dead_letters_.edit(*seq, request);
}

http::Response AdminApi::answer_connectors(const std::vector<std::string>& path, const journal::EventFilter& filter,
                                           const http::ServerRequest& request) {
    const bool of_flow = path.size() == 6 && path[3] == "flows";
    if (path.size() != 4 && !of_flow) return not_found();
    const auto& connector = path[2];
    const auto flow = of_flow ? path[4] : std::string();
    const auto& action = path.back();
    if (of_flow && action == "reconcile") {
        if (request.method == "GET") return controls_.reconcile_report(connector, flow, filter.after_seq);
        return request.method == "POST" ? controls_.reconcile(connector, flow, request)
                                        : method_not_allowed("GET or POST");
    }
    const bool starts = action == "trigger" || action == "sweep";
    if (action != "pause" && action != "resume" && !(of_flow && starts)) return not_found();
    if (request.method != "POST") return method_not_allowed("POST");
    if (action == "pause") return controls_.pause(connector, flow, request);
    if (action == "resume") return controls_.resume(connector, flow, request);
    return action == "trigger" ? controls_.trigger(connector, flow, request.body) : controls_.sweep(connector, flow);
}

http::Response AdminApi::answer_journal(const std::vector<std::string>& path, const http::ServerRequest& request) {
    if (path.size() != 3 || (path[2] != "backup" && path[2] != "check")) return not_found();
    if (request.method != "POST") return method_not_allowed("POST");
    return path[2] == "backup" ? controls_.backup(request) : controls_.check();
}

}  // namespace sluice::host
