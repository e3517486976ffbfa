#include "host/cli/tables.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/timestamp.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_outcome = 80, max_cell = 40, max_cause = 160, max_problem = 500;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// Characters, near enough to columns for what stands in these tables.
std::size_t width(std::string_view text) {
    return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_continuation));
}

/// A line for each queue of a connector.
std::string queue_remarks(const std::string& connector, const json::Value& queues) {
    std::string out;
    for (std::size_t i = 0; i < queues.size(); ++i) {
        const auto queue = queues.at(i);
        const auto connected = queue.find("connected");
        out += fmt::format(
            "{}, queue of {}: {} to stream {} as {} since {} UTC; received {}, repeats {}, unreadable {}", connector,
            text_of(queue, "flow"), connected && connected->is_true() ? "connected" : "NOT connected",
            text_of(queue, "stream"), text_of(queue, "consumer"), time_text(number_of(queue, "since_ms")),
            text_of(queue, "received"), text_of(queue, "duplicates"), text_of(queue, "unreadable"));
        if (const auto waits = text_of(queue, "waits_for"); !waits.empty()) out += "; waits for the " + waits;
        if (const auto why = text_of(queue, "problem"); !why.empty()) out += "; " + one_line(why, max_problem);
        out += '\n';
    }
    return out;
}

/// A line for each thing an operator has paused.
std::string pause_remarks(const std::string& connector, const json::Value& pauses) {
    std::string out;
    for (std::size_t i = 0; i < pauses.size(); ++i) {
        const auto pause = pauses.at(i);
        const auto flow = text_of(pause, "flow");
        const auto subject = connector + (flow.empty() ? "" : " " + flow);
        out += fmt::format("{0} is paused since {1} UTC by {2}: {3}; sluice resume {0} lets it go on\n", subject,
                           time_text(number_of(pause, "at_ms")), text_of(pause, "who"),
                           one_line(text_of(pause, "reason"), max_problem));
    }
    return out;
}

/// What of a connector's contract does not fit its Odoo, a line each.
std::string contract_remarks(const std::string& connector, const json::Value& contract) {
    std::string out;
    const auto findings = contract.find("findings");
    for (std::size_t i = 0; findings && i < findings->size(); ++i) {
        const auto one = findings->at(i);
        const auto right = text_of(one, "right");
        out += fmt::format("{}, {} in its contract, {}: {}{}\n", connector, text_of(one, "severity"),
                           text_of(one, "path"), one_line(text_of(one, "message"), max_problem),
                           right.empty() ? "" : "; " + one_line(right, max_problem));
    }
    if (const auto problem = text_of(contract, "problem"); !problem.empty())
        out += fmt::format("{}: its contract could not be held against Odoo: {}\n", connector,
                           one_line(problem, max_problem));
    return out;
}

std::string retention_remarks(const json::Value& retention) {
    std::string out;
    if (const auto at_ms = number_of(retention, "ended_at_ms"); at_ms > 0)
        out = fmt::format(
            "retention looked through the journal until {} UTC: payloads of {} events erased, {} events "
            "whole\n",
            time_text(at_ms), text_of(retention, "payloads_erased"), text_of(retention, "events_erased"));
    if (const auto ahead_ms = number_of(retention, "clock_doubted_ahead_ms"); ahead_ms > 0)
        out += fmt::format(
            "the clock jumped ahead by {} hours; nothing is erased by it until it has stayed so for a day\n",
            ahead_ms / 3'600'000);
    if (const auto problem = text_of(retention, "problem"); !problem.empty())
        out += fmt::format("retention failed and is tried again: {}\n", one_line(problem, max_problem));
    return out;
}

}  // namespace

Table::Table(std::vector<std::string> head, std::vector<bool> right) : right_(std::move(right)) {
    right_.resize(head.size());
    rows_.push_back(std::move(head));
}

void Table::add(std::vector<std::string> cells) {
    cells.resize(right_.size());
    rows_.push_back(std::move(cells));
}

std::string Table::text(std::size_t indent) const {
    std::vector<std::size_t> widths(right_.size());
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    }
    std::string out;
    for (const auto& row : rows_) {
        std::string line(indent, ' ');
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - width(row[i]), ' ');
            if (i > 0) line += "  ";
            line += right_[i] ? padding + row[i] : row[i] + padding;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + '\n';
    }
    return out;
}

std::string time_text(std::int64_t unix_ms) {
    return format_odoo_datetime(unix_ms);
}

std::string one_line(std::string_view text, std::size_t limit) {
    std::string out;
    std::size_t characters = 0;
    for (const char c : text) {
        if (!is_continuation(c) && ++characters > limit) {
            while (!out.empty() && width(out) > limit - 3) out.pop_back();
            return out + "...";
        }
        out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
    }
    return out;
}

std::string text_of(const json::Value& object, std::string_view key) {
    const auto value = object.find(key);
    return value ? std::string(value->text()) : "";
}

std::int64_t number_of(const json::Value& object, std::string_view key) {
    const auto value = object.find(key);
    return value ? value->as_int64().value_or(0) : 0;
}

std::string render_list(const json::Value& answer) {
    const auto events = answer.find("events");
    if (!events || events->size() == 0) return "none\n";
    Table table({"SEQ", "STATE", "CONNECTOR", "TOPIC", "KEY", "ATTEMPTS", "ARRIVED (UTC)", "OUTCOME"},
                {true, false, false, false, false, true});
    for (std::size_t i = 0; i < events->size(); ++i) {
        const auto event = events->at(i);
        table.add({text_of(event, "seq"), text_of(event, "state"), text_of(event, "connector"),
                   one_line(text_of(event, "topic"), max_cell), one_line(text_of(event, "ordering_key"), max_cell),
                   text_of(event, "attempts"), time_text(number_of(event, "appended_at_ms")),
                   one_line(text_of(event, "outcome"), max_outcome)});
    }
    auto out = table.text();
    if (const auto next = answer.find("next"); next && !next->is_null()) {
        out += fmt::format("there may be more: --after {}\n", next->text());
    }
    return out;
}

std::string render_groups_table(const json::Value& answer) {
    const auto groups = answer.find("groups");
    if (!groups || groups->size() == 0) return "none\n";
    Table table({"COUNT", "HOLDING", "GROUP", "CONNECTOR", "FLOW", "FIRST (UTC)", "LAST (UTC)", "OLDEST", "CAUSE"},
                {true, true, false, false, false, false, false, true});
    for (std::size_t i = 0; i < groups->size(); ++i) {
        const auto group = groups->at(i);
        const auto kind = text_of(group, "class");
        table.add({text_of(group, "count"), text_of(group, "holding"), text_of(group, "fingerprint"),
                   text_of(group, "connector"), text_of(group, "flow"), time_text(number_of(group, "first_at_ms")),
                   time_text(number_of(group, "last_at_ms")), text_of(group, "first"),
                   one_line(kind + (kind.empty() ? "" : ": ") + text_of(group, "message"), max_cause)});
    }
    return table.text();
}

std::string render_resumed(const json::Value& answer) {
    const auto flow = text_of(answer, "flow");
    auto out = fmt::format("{}{} resumed\n", text_of(answer, "connector"), flow.empty() ? "" : " " + flow);
    for (const auto* name : {"ended", "still"}) {
        const auto texts = answer.find(name);
        for (std::size_t i = 0; texts && i < texts->size(); ++i)
            out += one_line(texts->at(i).text(), max_problem) + "\n";
    }
    return out;
}

std::string render_status_table(const json::Value& answer) {
    auto out = fmt::format("sluice {}, since {} UTC{}\n", text_of(answer, "version"),
                           time_text(number_of(answer, "started_at_ms")),
                           answer.find("stopping") && answer.find("stopping")->is_true() ? ", stopping" : "");
    const auto connectors = answer.find("connectors");
    if (!connectors || connectors->size() == 0) return out + "no connectors\n";
    Table table({"CONNECTOR", "STATE", "PLUGIN", "ODOO", "READY", "WAITING", "CLAIMED", "DONE", "DEAD", "DISCARDED",
                 "ACCEPTED", "REPEATS"},
                {false, false, false, false, true, true, true, true, true, true, true, true});
    std::string remarks;
    for (std::size_t i = 0; i < connectors->size(); ++i) {
        const auto one = connectors->at(i);
        const auto events = one.find("events").value_or(one);
        const auto webhooks = one.find("webhooks").value_or(one);
        const auto name = text_of(one, "name");
        const auto plugin = text_of(one, "plugin");
        table.add({name, text_of(one, "state"), plugin.empty() ? "" : plugin + " " + text_of(one, "plugin_version"),
                   text_of(one, "odoo"), text_of(events, "ready"), text_of(events, "waiting"),
                   text_of(events, "claimed"), text_of(events, "done"), text_of(events, "dead"),
                   text_of(events, "discarded"), text_of(webhooks, "accepted"), text_of(webhooks, "duplicates")});
        if (const auto why = text_of(one, "paused_because"); !why.empty()) {
            remarks += fmt::format("{0} is paused: {1}; when that is put right: sluice resume {0}\n", name,
                                   one_line(why, max_problem));
        }
        if (const auto modes = one.find("modes"))
            for (std::size_t m = 0; m < modes->size(); ++m)
                remarks += fmt::format(
                    "{} {} is {} by its configuration{}\n", name, modes->key(m), modes->at(m).text(),
                    modes->at(m).text() == "shadow" ? ": it writes nothing; sluice shadow report compares" : "");
        if (const auto contract = one.find("contract")) remarks += contract_remarks(name, *contract);
        if (const auto pauses = one.find("pauses")) remarks += pause_remarks(name, *pauses);
        if (const auto calls = one.find("calls"); calls && number_of(*calls, "closed_until_ms") > 0) {
            remarks += fmt::format("{} calls its external system again at {} UTC: {}\n", name,
                                   time_text(number_of(*calls, "closed_until_ms")), text_of(*calls, "closed_because"));
        }
        if (const auto calls = one.find("calls"); calls && !text_of(*calls, "outage_because").empty()) {
            remarks += fmt::format("{}: its external system does not answer, what calls it waits{}: {}\n", name,
                                   text_of(*calls, "outage_half_open") == "true" ? " for one event that tries" : "",
                                   one_line(text_of(*calls, "outage_because"), max_problem));
        }
        const auto refused = webhooks.find("refused");
        std::string reasons;
        for (std::size_t j = 0; refused && j < refused->size(); ++j) {
            if (refused->at(j).text() == "0") continue;
            reasons += fmt::format("{}{} {}", reasons.empty() ? "" : ", ", refused->key(j), refused->at(j).text());
        }
        if (!reasons.empty()) remarks += fmt::format("{} refused webhooks: {}\n", name, reasons);
        if (const auto queues = one.find("queues")) remarks += queue_remarks(name, *queues);
    }
    const auto odoo = answer.find("odoo");
    for (std::size_t i = 0; odoo && i < odoo->size(); ++i) {
        const auto one = odoo->at(i);
        remarks += fmt::format("Odoo {} gets {} of {} calls at a time; {} under way, {} waiting\n",
                               text_of(one, "name"), text_of(one, "limit"), text_of(one, "ceiling"),
                               text_of(one, "running"), text_of(one, "waiting"));
        if (const auto until_ms = number_of(one, "closed_until_ms"); until_ms > 0) {
            remarks += fmt::format("Odoo {} is called again at {} UTC: {}\n", text_of(one, "name"), time_text(until_ms),
                                   text_of(one, "closed_because"));
        }
    }
    if (const auto retention = answer.find("retention")) remarks += retention_remarks(*retention);
    return out + table.text() + remarks;
}

}  // namespace sluice::host
