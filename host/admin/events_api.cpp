#include "host/admin/events_api.hpp"

#include "host/admin/answers.hpp"
#include "host/admin/render.hpp"

namespace sluice::host {

http::Response EventsApi::list(const journal::EventFilter& filter) const {
    const auto events = journal_.list(filter);
    if (!events) return error_response(events.error());
    return http::json_response(200, render_events(*events, filter.limit));
}

http::Response EventsApi::show(std::int64_t seq) const {
    const auto detail = journal_.show(journal::Seq{seq});
    if (!detail) return error_response(detail.error());
    if (!*detail) return no_event(seq);
    const auto& event = (*detail)->event;
    const bool readable = !(*detail)->contents_erased && (*detail)->contents_problem.empty();
    return http::json_response(200,
                               render_event(**detail, {.error_owner = hooks_.error_owner(event.connector, event.flow),
                                                       .mapping = readable ? hooks_.mapping(**detail) : ""}));
}

http::Response EventsApi::dry_run(std::int64_t seq) const {
    const auto detail = journal_.show(journal::Seq{seq});
    if (!detail) return error_response(detail.error());
    if (!*detail) return no_event(seq);
    const auto report = hooks_.dry_run(**detail);
    if (!report) return error_response(report.error());
    return http::json_response(200, *report);
}

}  // namespace sluice::host
