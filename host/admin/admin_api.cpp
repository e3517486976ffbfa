#include "host/admin/admin_api.hpp"

#include <fmt/format.h>

#include <vector>

#include "core/json/json.hpp"
#include "host/admin/query.hpp"
#include "host/admin/render.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_reason_bytes = 2'000;

http::Response error_response(int status, std::string_view message) {
    return http::json_response(status, render_error(message));
}

/// Failures of the journal: the caller's mistake, or a disk that is in trouble.
http::Response error_response(const Error& error) {
    return error_response(error.failure == Failure::invalid ? 409 : 503, error.message);
}

http::Response method_not_allowed(std::string_view right) {
    auto response = error_response(405, fmt::format("this is asked for with {}", right));
    response.headers.emplace_back("Allow", right);
    return response;
}

http::Response not_found() {
    return error_response(404,
                          "there is nothing here; there are /v0/status, /v0/events, /v0/events/SEQ, /v0/dead-letters, "
                          "/v0/dead-letters/SEQ/replay, /v0/dead-letters/SEQ/discard, /v0/connectors/NAME/resume, "
                          "/v0/connectors/NAME/flows/FLOW/trigger and /v0/connectors/NAME/flows/FLOW/sweep");
}

http::Response no_event(std::int64_t seq) {
    return error_response(404, fmt::format("there is no event {}", seq));
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

/// The `reason` of a discard's body.
Result<std::string> read_reason(const std::string& body) {
    const auto wrong = [] {
        return fail(Failure::invalid,
                    fmt::format("a discard needs a reason; send {{\"reason\":\"TEXT\"}} with a text of at "
                                "most {} bytes",
                                max_reason_bytes));
    };
    const auto document = json::Document::parse(body);
    if (!document) return wrong();
    const auto reason = document->root().find("reason");
    if (!reason || reason->kind() != json::Kind::string || reason->text().empty() ||
        reason->text().size() > max_reason_bytes) {
        return wrong();
    }
    return std::string(reason->text());
}

/// For the journal's notes: the socket tells who asks where the system says so.
std::string who_asks(const http::ServerRequest& request) {
    return request.peer == "unix" ? "admin" : fmt::format("admin ({})", request.peer);
}

}  // namespace

AdminApi::AdminApi(journal::Journal& journal, const Clock& clock, AdminHooks hooks)
    : journal_(journal), clock_(clock), hooks_(std::move(hooks)), thread_([this] { run(); }) {}

AdminApi::~AdminApi() {
    stop();
}

void AdminApi::handle(http::ServerRequest request, http::Respond respond) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && jobs_.size() < max_queued) {
            jobs_.push_back({std::move(request), std::move(respond)});
            wake_.notify_one();
            return;
        }
    }
    auto response = error_response(503, "the host is stopping, or too many admin requests wait");
    response.headers.emplace_back("Retry-After", "1");
    respond(std::move(response));
}

void AdminApi::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
}

void AdminApi::run() {
    for (;;) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        const Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.respond(answer(job.request));
    }
}

http::Response AdminApi::answer(const http::ServerRequest& request) {
    auto target = parse_target(request.target);
    if (!target) return error_response(400, target.error().message);
    const auto path = segments(target->path);
    if (path.size() < 2 || path[0] != "v0") return not_found();
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    const bool dead_letters = path[1] == "dead-letters";

    if (path.size() == 2 && path[1] == "status") {
        return get ? http::json_response(200, hooks_.status()) : method_not_allowed("GET");
    }
    if (path[1] == "connectors" && path.size() == 4 && path[3] == "resume") {
        return post ? resume(path[2]) : method_not_allowed("POST");
    }
    if (path[1] == "connectors" && path.size() == 6 && path[3] == "flows" && path[5] == "trigger") {
        return post ? started(hooks_.trigger(path[2], path[4], request.body)) : method_not_allowed("POST");
    }
    if (path[1] == "connectors" && path.size() == 6 && path[3] == "flows" && path[5] == "sweep") {
        return post ? started(hooks_.sweep(path[2], path[4])) : method_not_allowed("POST");
    }
    if (path[1] != "events" && !dead_letters) return not_found();
    if (path.size() == 2) return get ? list(target->filter, dead_letters) : method_not_allowed("GET");

    const auto seq = parse_seq(path[2]);
    if (!seq) return error_response(400, fmt::format("`{}` is no event's number", path[2]));
    if (path.size() == 3) return get ? show(*seq) : method_not_allowed("GET");
    if (path.size() == 4 && dead_letters && (path[3] == "replay" || path[3] == "discard")) {
        return post ? act(*seq, path[3], request) : method_not_allowed("POST");
    }
    return not_found();
}

http::Response AdminApi::list(journal::EventFilter filter, bool dead_letters) {
    if (dead_letters) {
        if (!filter.state) filter.state = journal::EventState::dead;
        if (*filter.state != journal::EventState::dead && *filter.state != journal::EventState::discarded) {
            return error_response(400, "dead letters are `dead` or `discarded`; other states are under /v0/events");
        }
    }
    const auto events = journal_.list(filter);
    if (!events) return error_response(events.error());
    return http::json_response(200, render_events(*events, filter.limit));
}

http::Response AdminApi::show(std::int64_t seq) {
    const auto detail = journal_.show(journal::Seq{seq});
    if (!detail) return error_response(detail.error());
    if (!*detail) return no_event(seq);
    const auto& event = (*detail)->event;
    return http::json_response(200, render_event(**detail, hooks_.error_owner(event.connector, event.flow)));
}

http::Response AdminApi::act(std::int64_t number, const std::string& action, const http::ServerRequest& request) {
    const journal::Seq seq{number};
    std::string reason;
    if (action == "discard") {
        auto read = read_reason(request.body);
        if (!read) return error_response(400, read.error().message);
        reason = std::move(*read);
    }
    const auto detail = journal_.show(seq);
    if (!detail) return error_response(detail.error());
    if (!*detail) return no_event(number);
    const auto& event = (*detail)->event;
    if (event.state != journal::EventState::dead) {
        return error_response(409,
                              fmt::format("event {} is {}, no dead letter", number, journal::to_string(event.state)));
    }
    const auto who = who_asks(request);
    const auto now_ms = clock_.now_ms();
    const auto acted =
        action == "replay" ? journal_.replay(seq, who, now_ms) : journal_.discard(seq, who, reason, now_ms);
    if (!acted) return error_response(acted.error());
    hooks_.notify(event.connector);
    return http::json_response(
        200, fmt::format(R"({{"seq":{},"done":"{}"}})", number, action == "replay" ? "replayed" : "discarded"));
}

http::Response AdminApi::started(const Result<journal::Appended>& appended) {
    if (!appended) return error_response(appended.error());
    return http::json_response(200, fmt::format(R"({{"seq":{},"done":"appended"}})", journal::to_int(appended->seq)));
}

http::Response AdminApi::resume(const std::string& connector) {
    const auto resumed = hooks_.resume(connector);
    if (!resumed)
        return error_response(resumed.error().failure == Failure::rejected ? 409 : 404, resumed.error().message);
    json::Writer out;
    out.begin_object().key("connector").string(connector).key("done").string("resumed").end_object();
    return http::json_response(200, out.take());
}

}  // namespace sluice::host
