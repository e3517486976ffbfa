#include "host/admin/controls_api.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "core/base/timestamp.hpp"
#include "host/admin/answers.hpp"
#include "host/admin/body.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_path_bytes = 4'096;

http::Response started(const Result<journal::Appended>& appended) {
    if (!appended) return error_response(appended.error());
    return http::json_response(200, fmt::format(R"({{"seq":{},"done":"appended"}})", journal::to_int(appended->seq)));
}

void write_subject(json::Writer& out, const std::string& connector, const std::string& flow) {
    out.begin_object().key("connector").string(connector);
    if (!flow.empty()) out.key("flow").string(flow);
}

void write_texts(json::Writer& out, std::string_view name, const std::vector<std::string>& texts) {
    out.key(name).begin_array();
    for (const auto& text : texts) out.string(text);
    out.end_array();
}

/// A moment of a request; a day is its midnight in UTC.
std::optional<std::int64_t> moment(Body& body, std::string_view name) {
    const auto given = body.text(name);
    if (!given) return std::nullopt;
    constexpr std::size_t day_length = std::string_view("2026-01-31").size();
    const auto moment = parse_rfc3339(given->size() == day_length ? *given + "T00:00:00Z" : *given);
    if (!moment) body.wrong(fmt::format("`{}` is `{}`; give a day or a time like 2026-01-31T08:00:00Z", name, *given));
    return moment;
}

/// There is no such thing, or not in the state that was asked for.
http::Response refused(const Error& error) {
    if (error.failure == Failure::rejected) return error_response(409, error.message);
    return error.failure == Failure::invalid ? error_response(404, error.message) : error_response(error);
}

}  // namespace

http::Response ControlsApi::pause(const std::string& connector, const std::string& flow,
                                  const http::ServerRequest& request) const {
    Body body(request.body);
    const auto reason = body.needed_text("reason", "a pause");
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    const auto paused = hooks_.pause(
        {.connector = connector, .flow = flow, .who = who_asks(request), .reason = reason, .at_ms = clock_.now_ms()});
    if (!paused) return refused(paused.error());
    json::Writer out;
    write_subject(out, connector, flow);
    return http::json_response(200, out.key("done").string("paused").end_object().take());
}

http::Response ControlsApi::resume(const std::string& connector, const std::string& flow,
                                   const http::ServerRequest& request) const {
    const auto resumed = hooks_.resume(connector, flow, who_asks(request));
    if (!resumed) return refused(resumed.error());
    json::Writer out;
    write_subject(out, connector, flow);
    out.key("done").string("resumed");
    write_texts(out, "ended", resumed->ended);
    write_texts(out, "still", resumed->still);
    return http::json_response(200, out.end_object().take());
}

http::Response ControlsApi::trigger(const std::string& connector, const std::string& flow,
                                    const std::string& data) const {
    return started(hooks_.trigger(connector, flow, data));
}

http::Response ControlsApi::sweep(const std::string& connector, const std::string& flow) const {
    return started(hooks_.sweep(connector, flow));
}

http::Response ControlsApi::reconcile(const std::string& connector, const std::string& flow,
                                      const http::ServerRequest& request) const {
    Body body(request.body);
    ReconcileWish wish;
    wish.from_ms = moment(body, "from");
    wish.to_ms = moment(body, "to");
    wish.repair = body.text("repair").value_or("");
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    return started(hooks_.reconcile(connector, flow, wish));
}

http::Response ControlsApi::reconcile_report(const std::string& connector, const std::string& flow,
                                             std::int64_t page) const {
    const auto report = hooks_.reconcile_report(connector, flow, page);
    return report ? http::json_response(200, *report) : refused(report.error());
}

http::Response ControlsApi::backup(const http::ServerRequest& request) const {
    Body body(request.body);
    const auto given = body.text("file", max_path_bytes);
    if (!given) body.wrong(R"(say where to: {"file":"/absolute/path/of/a/new/file"})");
    const std::filesystem::path file = given.value_or("");
    if (given && !file.is_absolute())
        body.wrong("`file` must be an absolute path: the host's folder is not the caller's");
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    const auto made = journal_.backup(file);
    if (!made) return error_response(made.error());
    std::error_code unknown;
    const auto bytes = std::filesystem::file_size(file, unknown);
    json::Writer out;
    out.begin_object().key("done").string("backed up").key("file").string(file.string());
    out.key("bytes").integer(unknown ? 0 : static_cast<std::int64_t>(bytes));
    return http::json_response(200, out.end_object().take());
}

http::Response ControlsApi::check() const {
    const auto begun_ms = clock_.steady_ms();
    const auto checked = journal_.check();
    json::Writer out;
    out.begin_object().key("sound").boolean(checked.has_value());
    out.key("problem").string(checked ? "" : checked.error().message);
    out.key("took_ms").integer(clock_.steady_ms() - begun_ms);
    return http::json_response(200, out.end_object().take());
}

}  // namespace sluice::host
