#include "host/cli/show_text.hpp"

#include <fmt/format.h>

#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

std::string row(std::string_view name, const std::string& value) {
    return value.empty() ? "" : fmt::format("  {:<16}{}\n", name, one_line(value, no_limit));
}

std::string what_next(const json::Value& event) {
    const auto seq = text_of(event, "seq");
    const auto owner = text_of(event, "error_owner");
    std::string out = "what next\n";
    if (!owner.empty()) out += fmt::format("  {} looks after errors of this flow.\n", owner);
    // One that was never attempted was journalled as a dead letter: it cannot be delivered.
    if (number_of(event, "attempts") > 0) {
        out += fmt::format("  What a delivery would do now:  sluice dead-letters replay {} --dry-run\n", seq);
        out += fmt::format(
            "  Where the payload is wrong:    sluice dead-letters edit {} --set POINTER=JSON --reason TEXT\n", seq);
        out += fmt::format("  When the cause is put right:   sluice dead-letters replay {}\n", seq);
        if (const auto cause = text_of(event, "fingerprint"); !cause.empty())
            out += fmt::format("  All of this cause:             sluice dead-letters replay --group {}\n", cause);
    }
    out += fmt::format("  To put it aside for good:      sluice dead-letters discard {} --reason TEXT\n", seq);
    if (const auto holds = event.find("holds_key"); holds && holds->is_true()) {
        out += fmt::format("  Until then later events of {} {} wait for it.\n", text_of(event, "order"),
                           one_line(text_of(event, "ordering_key"), no_limit));
    }
    return out;
}

std::string attempts(const json::Value& event) {
    const auto log = event.find("attempt_log");
    if (!log || log->size() == 0) return "";
    Table table({"#", "STARTED (UTC)", "TOOK", "VERDICT", "MESSAGE"}, {true, false, true});
    for (std::size_t i = 0; i < log->size(); ++i) {
        const auto attempt = log->at(i);
        const auto started = number_of(attempt, "started_at_ms");
        const auto finished = number_of(attempt, "finished_at_ms");
        table.add({text_of(attempt, "number"), time_text(started),
                   finished == 0 ? "" : fmt::format("{} ms", finished - started),
                   text_of(attempt, "verdict").empty() ? "(none yet)" : text_of(attempt, "verdict"),
                   one_line(text_of(attempt, "message"), no_limit)});
    }
    return "attempts\n" + table.text(2);
}

std::string notes(const json::Value& event) {
    const auto list = event.find("notes");
    std::string out;
    for (std::size_t i = 0; list && i < list->size(); ++i) out += "  " + one_line(list->at(i).text(), no_limit) + "\n";
    return out.empty() ? "" : "notes\n" + out;
}

std::string headers(const json::Value& event) {
    const auto object = event.find("headers");
    std::string out;
    for (std::size_t i = 0; object && i < object->size(); ++i) {
        out += fmt::format("  {}: {}\n", one_line(object->key(i), no_limit), one_line(object->at(i).text(), no_limit));
    }
    return out.empty() ? "" : "headers\n" + out;
}

/// What the mapping makes of it, or every rule that is broken.
std::string mapping(const json::Value& event) {
    const auto made = event.find("mapping");
    if (!made) return "";
    // Not what an attempt made: the plugin and the connector's keys may have changed since.
    if (const auto record = made->find("record"))
        return fmt::format("mapped now, with the plugin and configuration that run, to\n{}\n", record->raw());
    std::string out = "broken rules\n";
    const auto rules = made->find("broken");
    for (std::size_t i = 0; rules && i < rules->size(); ++i) {
        const auto pointer = text_of(rules->at(i), "pointer");
        out += fmt::format("  {}{}{}\n", pointer, pointer.empty() ? "" : ": ",
                           one_line(text_of(rules->at(i), "message"), no_limit));
    }
    return out;
}

std::string payload(const json::Value& holder, std::string_view title) {
    if (const auto text = holder.find("payload")) return fmt::format("{}\n{}\n", title, text->text());
    if (const auto base64 = holder.find("payload_base64"))
        return fmt::format("{} (no UTF-8, here as base64)\n{}\n", title, base64->text());
    if (const auto problem = text_of(holder, "contents_problem"); !problem.empty())
        return fmt::format("{} cannot be read: {}\n", title, one_line(problem, no_limit));
    return fmt::format("{} was erased: it is kept as long as its flow's retention says\n", title);
}

/// Each payload a person gave it; the last is what is delivered.
std::string edits(const json::Value& event) {
    const auto all = event.find("edits");
    std::string out;
    for (std::size_t i = 0; all && i < all->size(); ++i) {
        const auto one = all->at(i);
        out += payload(one, fmt::format("payload edited {} UTC by {}: {}{}", time_text(number_of(one, "at_ms")),
                                        text_of(one, "who"), one_line(text_of(one, "reason"), no_limit),
                                        i + 1 == all->size() ? " (this one is delivered)" : ""));
    }
    return out;
}

}  // namespace

std::string render_show(const json::Value& event) {
    const auto state = text_of(event, "state");
    const auto unknown = event.find("attempt_unknown");
    auto out = fmt::format("event {}: {}\n", text_of(event, "seq"), state == "dead" ? "dead letter" : state);
    out += row("connector", text_of(event, "connector"));
    out += row("flow", text_of(event, "flow"));
    out += row("topic", text_of(event, "topic"));
    out += row("event id", text_of(event, "event_id"));
    out += row("ordering key", text_of(event, "order") + " " + text_of(event, "ordering_key"));
    out += row("revision", text_of(event, "revision"));
    out += row("record", text_of(event, "record"));
    out += row("arrived", time_text(number_of(event, "appended_at_ms")) + " UTC");
    if (state == "ready") out += row("deliverable", time_text(number_of(event, "available_at_ms")) + " UTC");
    out += row("attempts", fmt::format("{}, {} of them counted as failures{}", text_of(event, "attempts"),
                                       text_of(event, "counted_failures"),
                                       unknown && unknown->is_true() ? "; the last one's effect is unknown" : ""));
    out += row("outcome", text_of(event, "outcome"));
    if (state == "dead") out += what_next(event);
    const auto came = event.find("edits") && event.find("edits")->size() > 0 ? "payload as it came" : "payload";
    return out + attempts(event) + notes(event) + mapping(event) + headers(event) + edits(event) + payload(event, came);
}

}  // namespace sluice::host
