#include "host/cli/shadow_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

using Kind = Shadowed::Kind;

constexpr std::size_t max_shown = 60;
constexpr std::pair<Kind, std::string_view> kinds[] = {
    {Kind::same, "same"},           {Kind::different, "different"}, {Kind::create, "not there: would be created"},
    {Kind::call, "would call out"}, {Kind::fails, "would fail"},    {Kind::stopped, "cannot be followed"}};

/// "sale.order" of "sale.order 12 (S00012)" and of "new sale.order __sluice__.shop_order_1".
std::string model_of(std::string_view record) {
    if (record.starts_with("new ")) record.remove_prefix(4);
    return std::string(record.substr(0, record.find(' ')));
}

}  // namespace

void ShadowReport::add(const std::string& connector, const std::string& flow, std::int64_t seq,
                       std::string_view outcome) {
    const auto shadowed = read_shadowed(outcome);
    if (!shadowed) return;
    auto& counted = flows_[{connector, flow}];
    ++counted.events;
    ++counted.kinds[shadowed->kind];
    std::set<FieldKey> of_this_event;
    const auto count = [&](Counted& one, bool is_new, Example example) {
        if (is_new) ++one.events;
        if (one.examples.size() < max_examples) one.examples.push_back(std::move(example));
    };
    for (const auto& difference : shadowed->differences) {
        const FieldKey key{model_of(difference.record), difference.field};
        count(counted.fields[key], of_this_event.insert(key).second,
              {.seq = seq, .record = difference.record, .now = difference.now, .then = difference.then});
    }
    if (!shadowed->why.empty())
        count(counted.reasons[{shadowed->kind, shadowed->why}], true,
              {.seq = seq, .record = "", .now = "", .then = ""});
}

std::string ShadowReport::text() const {
    std::string out;
    for (const auto& [name, flow] : flows_) {
        out += fmt::format("{} {}: {} event{}\n", name.first, name.second, flow.events, flow.events == 1 ? "" : "s");
        for (const auto& [kind, words] : kinds)
            if (const auto found = flow.kinds.find(kind); found != flow.kinds.end())
                out += fmt::format("  {:>6}  {}\n", found->second, words);
        if (!flow.fields.empty()) {
            Table table({"EVENTS", "MODEL", "FIELD", "EXAMPLE", "NOW", "WOULD BE"}, {true});
            for (const auto& [key, counted] : flow.fields) {
                bool first = true;
                for (const auto& example : counted.examples) {
                    table.add({first ? std::to_string(counted.events) : "", first ? key.first : "",
                               first ? key.second : "",
                               fmt::format("event {}: {}", example.seq, one_line(example.record, max_shown)),
                               one_line(example.now, max_shown), one_line(example.then, max_shown)});
                    first = false;
                }
            }
            out += table.text(2);
        }
        for (const auto& [reason, counted] : flow.reasons)
            out += fmt::format("  {} of them ({}), as event {}: {}\n", counted.events, to_string(reason.first),
                               counted.examples.front().seq, one_line(reason.second, 500));
    }
    return out.empty() ? "no event was shadowed\n" : out;
}

std::string ShadowReport::json() const {
    json::Writer out;
    out.begin_object().key("flows").begin_array();
    for (const auto& [name, flow] : flows_) {
        out.begin_object().key("connector").string(name.first).key("flow").string(name.second);
        out.key("events").integer(flow.events);
        for (const auto& [kind, words] : kinds) {
            const auto found = flow.kinds.find(kind);
            out.key(to_string(kind)).integer(found == flow.kinds.end() ? 0 : found->second);
        }
        out.key("fields").begin_array();
        for (const auto& [key, counted] : flow.fields) {
            out.begin_object().key("model").string(key.first).key("field").string(key.second);
            out.key("events").integer(counted.events).key("examples").begin_array();
            for (const auto& one : counted.examples)
                out.begin_object()
                    .key("seq")
                    .integer(one.seq)
                    .key("record")
                    .string(one.record)
                    .key("now")
                    .string(one.now)
                    .key("then")
                    .string(one.then)
                    .end_object();
            out.end_array().end_object();
        }
        out.end_array().key("reasons").begin_array();
        for (const auto& [reason, counted] : flow.reasons) {
            out.begin_object().key("kind").string(to_string(reason.first)).key("message").string(reason.second);
            out.key("events").integer(counted.events).key("seqs").begin_array();
            for (const auto& one : counted.examples) out.integer(one.seq);
            out.end_array().end_object();
        }
        out.end_array().end_object();
    }
    return out.end_array().end_object().take();
}

}  // namespace sluice::host
