#include "host/cli/dry_run_text.hpp"

#include <fmt/format.h>

#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_value = 60, max_record = 70, max_body = 2'000;

std::string end_of(const json::Value& report) {
    const auto ends = text_of(report, "ends");
    if (ends == "done") return fmt::format("would be done: {}", text_of(report, "outcome"));
    if (ends == "failed")
        return fmt::format("would fail: {}: {}", text_of(report, "class"), text_of(report, "message"));
    return fmt::format("followed up to here: {}", text_of(report, "stopped_because"));
}

std::string value_of(const json::Value& difference, std::string_view name) {
    const auto value = difference.find(name);
    if (!value || value->is_null()) return "";
    return one_line(value->kind() == json::Kind::string ? value->text() : value->raw(), max_value);
}

std::string differences_of(const json::Value& call) {
    const auto all = call.find("differences");
    if (!all || all->size() == 0) return "";
    Table table({"RECORD", "FIELD", "NOW", "THEN"});
    std::string last;
    for (std::size_t i = 0; i < all->size(); ++i) {
        const auto one = all->at(i);
        const auto record = text_of(one, "record");
        table.add({record == last ? "" : one_line(record, max_record), text_of(one, "field"), value_of(one, "now"),
                   value_of(one, "then")});
        last = record;
    }
    return table.text(3);
}

std::string call_text(const json::Value& call, std::size_t number) {
    const bool to_odoo = text_of(call, "system") == "odoo";
    auto out = to_odoo ? fmt::format("{}. {}.{}\n", number, text_of(call, "model"), text_of(call, "method"))
                       : fmt::format("{}. {} {}\n   {}\n", number, text_of(call, "method"), text_of(call, "url"),
                                     one_line(text_of(call, "body"), max_body));
    const auto differences = differences_of(call);
    out += differences;
    if (differences.empty() && to_odoo) {
        const auto args = call.find("args"), kwargs = call.find("kwargs");
        out += fmt::format("   {} {}\n", one_line(args ? args->raw() : "", max_body),
                           one_line(kwargs ? kwargs->raw() : "", max_body));
    }
    const auto notes = call.find("notes");
    for (std::size_t i = 0; notes && i < notes->size(); ++i)
        out += fmt::format("   note: {}\n", one_line(notes->at(i).text(), max_body));
    return out;
}

}  // namespace

std::string render_dry_run(const json::Value& report) {
    auto out = fmt::format("event {}, dry run: {}\n", text_of(report, "seq"), one_line(end_of(report), max_body));
    const auto calls = report.find("calls");
    for (std::size_t i = 0; calls && i < calls->size(); ++i) out += call_text(calls->at(i), i + 1);
    const auto ids = report.find("made_up_ids");
    for (std::size_t i = 0; ids && i < ids->size(); ++i)
        out += fmt::format("{} stands for the id of {}\n", text_of(ids->at(i), "id"), text_of(ids->at(i), "record"));
    const auto emitted = report.find("emitted");
    for (std::size_t i = 0; emitted && i < emitted->size(); ++i) {
        const auto event = emitted->at(i);
        out += fmt::format("would append: flow {} {} of {}: {}\n", text_of(event, "flow"), text_of(event, "topic"),
                           text_of(event, "ordering_key"), one_line(text_of(event, "payload"), max_body));
    }
    out += fmt::format("nothing was written; {} reads went through\n", text_of(report, "reads"));
    if (calls && calls->size() > 1) out += "calls after the first assume that those before them did what they say\n";
    return out;
}

}  // namespace sluice::host
