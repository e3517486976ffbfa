#include "host/admin/dead_letters_api.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "core/json/splice.hpp"
#include "host/admin/answers.hpp"
#include "host/admin/body.hpp"
#include "host/admin/render.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_pointer_bytes = 1'024;

http::Response done(std::int64_t seq, std::string_view word) {
    return http::json_response(200, fmt::format(R"({{"seq":{},"done":"{}"}})", seq, word));
}

http::Response no_dead_letter(const journal::EventSummary& event) {
    return error_response(409, fmt::format("event {} is {}, no dead letter", journal::to_int(event.seq),
                                           journal::to_string(event.state)));
}

/// Which dead letters a request means. All there are must be asked for in so many words.
journal::EventFilter read_filter(Body& body) {
    journal::EventFilter filter{.state = journal::EventState::dead};
    filter.connector = body.text("connector").value_or("");
    filter.flow = body.text("flow").value_or("");
    filter.fingerprint = body.text("fingerprint").value_or("");
    filter.after_seq = body.integer("after", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
    filter.limit =
        static_cast<int>(body.integer("limit", 1, DeadLettersApi::max_step).value_or(DeadLettersApi::max_step));
    const bool all = body.flag("all");
    if (!all && filter.connector.empty() && filter.flow.empty() && filter.fingerprint.empty())
        body.wrong(R"(say which: `connector`, `flow` or `fingerprint`, or {"all":true})");
    return filter;
}

/// Narrows a filter of one cause to its line of `groups`: what a person saw is one connector's and one flow's. The
/// answer that lists the lines where it means several.
std::optional<http::Response> to_one_line(journal::Journal& journal, journal::EventFilter& filter) {
    if (filter.fingerprint.empty() || (!filter.connector.empty() && !filter.flow.empty())) return std::nullopt;
    const auto groups = journal.dead_letter_groups({.connector = filter.connector,
                                                    .flow = filter.flow,
                                                    .fingerprint = filter.fingerprint,
                                                    .limit = journal::max_listed_events});
    if (!groups) return error_response(groups.error());
    if (groups->size() > 1) {
        std::string lines;
        for (const auto& group : *groups) {
            lines += fmt::format("{}{} of connector `{}`, flow `{}`", lines.empty() ? "" : "; ", group.count,
                                 group.connector, group.flow);
        }
        return error_response(409, fmt::format("this cause is {} groups ({}): say which by `connector` and `flow`",
                                               groups->size(), lines));
    }
    if (!groups->empty()) {
        filter.connector = groups->front().connector;
        filter.flow = groups->front().flow;
    }
    return std::nullopt;
}

/// The payload with the changes a request asks for.
Result<std::string> changed(const std::string& payload, Body& body) {
    const auto whole = body.text("payload", journal::max_event_bytes);
    const auto set = body.array("set"), removed = body.array("remove");
    if (whole && (!set.empty() || !removed.empty())) body.wrong("`payload` goes with neither `set` nor `remove`");
    if (!whole && set.empty() && removed.empty())
        body.wrong(
            R"(say what to change: {"set":[{"pointer":"/a","value":1}]}, {"remove":["/a"]} or {"payload":"..."})");
    if (const auto wrong = body.problem(); !wrong.empty()) return fail(Failure::rejected, wrong);
    if (whole) {
        const auto parsed = json::Document::parse(*whole);
        if (!parsed) return fail(Failure::rejected, "`payload` is " + parsed.error().message);
        return *whole;
    }
    auto text = payload;
    for (const auto& one : set) {
        const auto pointer = one.find("pointer"), value = one.find("value");
        if (!pointer || pointer->kind() != json::Kind::string || !value || one.size() != 2)
            return fail(Failure::rejected, R"(each of `set` is {"pointer":"/a","value":1})");
        auto made = json::replace_at(text, pointer->text(), value->raw());
        if (!made) return made;
        text = std::move(*made);
    }
    for (const auto& pointer : removed) {
        if (pointer.kind() != json::Kind::string || pointer.text().size() > max_pointer_bytes)
            return fail(Failure::rejected, "each of `remove` is a JSON Pointer");
        auto made = json::remove_at(text, pointer.text());
        if (!made) return made;
        text = std::move(*made);
    }
    return text;
}

}  // namespace

http::Response DeadLettersApi::list(journal::EventFilter filter) const {
    if (!filter.state) filter.state = journal::EventState::dead;
    if (*filter.state != journal::EventState::dead && *filter.state != journal::EventState::discarded)
        return error_response(400, "dead letters are `dead` or `discarded`; other states are under /v0/events");
    const auto events = journal_.list(filter);
    if (!events) return error_response(events.error());
    return http::json_response(200, render_events(*events, filter.limit));
}

http::Response DeadLettersApi::groups(const journal::EventFilter& filter) const {
    const auto groups = journal_.dead_letter_groups(filter);
    if (!groups) return error_response(groups.error());
    return http::json_response(200, render_groups(*groups));
}

std::expected<journal::EventDetail, http::Response> DeadLettersApi::dead_letter(std::int64_t seq) const {
    auto detail = journal_.show(journal::Seq{seq});
    if (!detail) return std::unexpected(error_response(detail.error()));
    if (!*detail) return std::unexpected(no_event(seq));
    if ((*detail)->event.state == journal::EventState::dead) return std::move(**detail);
    return std::unexpected(no_dead_letter((*detail)->event));
}

http::Response DeadLettersApi::replay(std::int64_t seq, const http::ServerRequest& request) const {
    const auto detail = dead_letter(seq);
    if (!detail) return detail.error();
    const auto replayed = journal_.replay(journal::Seq{seq}, who_asks(request), clock_.now_ms());
    if (!replayed) return error_response(replayed.error());
    hooks_.notify(detail->event.connector);
    return done(seq, "replayed");
}

http::Response DeadLettersApi::discard(std::int64_t seq, const http::ServerRequest& request) const {
    Body body(request.body);
    const auto reason = body.needed_text("reason", "a discard");
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    const auto detail = journal_.show(journal::Seq{seq});
    if (!detail) return error_response(detail.error());
    if (!*detail) return no_event(seq);
    const auto& event = (*detail)->event;
    // Where a key is lost for good, what it sealed is as good as a dead letter.
    const bool locked = event.state == journal::EventState::ready && !(*detail)->contents_problem.empty();
    if (event.state != journal::EventState::dead && !locked) return no_dead_letter(event);
    const auto discarded = journal_.discard(journal::Seq{seq}, who_asks(request), reason, clock_.now_ms());
    if (!discarded) return error_response(discarded.error());
    hooks_.notify(event.connector);
    return done(seq, "discarded");
}

http::Response DeadLettersApi::edit(std::int64_t seq, const http::ServerRequest& request) const {
    Body body(request.body);
    const auto reason = body.needed_text("reason", "an edit");
    const bool replay = body.flag("replay");
    const auto detail = dead_letter(seq);
    if (!detail) return detail.error();
    auto payload = changed(detail->delivered_payload(), body);
    if (!payload)
        return error_response(payload.error().failure == Failure::rejected ? 400 : 409, payload.error().message);
    if (*payload == detail->delivered_payload()) return error_response(409, "this changes nothing");
    const auto who = who_asks(request);
    const auto edited = journal_.edit(journal::Seq{seq}, std::move(*payload), who, reason, clock_.now_ms());
    if (!edited) return error_response(edited.error());
    if (!replay) return done(seq, "edited");
    const auto replayed = journal_.replay(journal::Seq{seq}, who, clock_.now_ms());
    if (!replayed) {
        auto error = replayed.error();
        error.message = "the edit stands, and it is not replayed: " + error.message;
        return error_response(error);
    }
    hooks_.notify(detail->event.connector);
    return done(seq, "edited and replayed");
}

template <class Change>
http::Response DeadLettersApi::change_all(const journal::EventFilter& filter, std::string_view word,
                                          Change change) const {
    const auto page = journal_.list(filter);
    if (!page) return error_response(page.error());
    const Result<std::vector<journal::Seq>> changed = change();
    if (!changed) return error_response(changed.error());
    std::set<std::string> connectors;
    for (const auto& event : *page) connectors.insert(event.connector);
    for (const auto& connector : connectors) hooks_.notify(connector);

    json::Writer out;
    out.begin_object().key(word).begin_array();
    for (const auto seq : *changed) out.integer(journal::to_int(seq));
    out.end_array();
    // Where there is more, what lies behind the last that was changed is the next step's, and counted there.
    const bool more = page->size() >= static_cast<std::size_t>(filter.limit);
    const auto next = !more ? std::nullopt : std::optional(changed->empty() ? page->back().seq : changed->back());
    const auto passed_over = std::ranges::count_if(*page, [&](const auto& event) {
        return (!next || event.seq <= *next) && !std::ranges::binary_search(*changed, event.seq);
    });
    out.key("passed_over").integer(passed_over).key("next");
    if (next) {
        out.integer(journal::to_int(*next));
    } else {
        out.null();
    }
    return http::json_response(200, out.end_object().take());
}

http::Response DeadLettersApi::replay_all(const http::ServerRequest& request) const {
    Body body(request.body);
    auto filter = read_filter(body);
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    if (auto several = to_one_line(journal_, filter)) return *std::move(several);
    return change_all(filter, "replayed",
                      [&] { return journal_.replay_all(filter, who_asks(request), clock_.now_ms()); });
}

http::Response DeadLettersApi::discard_all(const http::ServerRequest& request) const {
    Body body(request.body);
    auto filter = read_filter(body);
    const auto reason = body.needed_text("reason", "a discard");
    if (const auto wrong = body.problem(); !wrong.empty()) return error_response(400, wrong);
    if (auto several = to_one_line(journal_, filter)) return *std::move(several);
    return change_all(filter, "discarded",
                      [&] { return journal_.discard_all(filter, who_asks(request), reason, clock_.now_ms()); });
}

}  // namespace sluice::host
