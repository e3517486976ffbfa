#include "core/contract/queue_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/contract/field_parser.hpp"
#include "core/contract/queue_names.hpp"

namespace sluice::contract {
namespace {

using Kind = Template::Part::Kind;
using Check = std::optional<std::string> (*)(std::string_view name);

/// The text under `key` that names something at the broker, which has to be known before any message is there.
Template read_name(toml::TableReader& reader, std::string_view key, const std::map<std::string, ConfigKey>& config,
                   Check check) {
    // Headers are let through to be refused in the words below.
    auto name = read_template(reader, key, {.config = config, .inside_lines = false, .headers = true});
    std::string likely;  // with something harmless for what only the connector knows
    for (const auto& part : name.parts) {
        if (part.kind != Kind::literal && part.kind != Kind::config) {
            reader.problem(*reader.any(key), fmt::format("`{}` is needed before there is a message: of places it can "
                                                         "hold only `{{config:KEY}}`",
                                                         key));
            return {};
        }
        likely += part.kind == Kind::literal ? part.text : "x";
    }
    if (name.parts.empty()) return {};
    if (const auto wrong = check(likely)) reader.problem(*reader.any(key), fmt::format("`{}`: {}", key, *wrong));
    return name;
}

}  // namespace

QueueTrigger parse_queue(const toml::Node& node, const std::string& flow,
                         const std::map<std::string, ConfigKey>& config, toml::Problems& problems) {
    QueueTrigger queue;
    toml::TableReader reader(node, "flow." + flow + ".queue", problems);
    reader.need("stream", "the name of the JetStream stream");
    queue.stream = read_name(reader, "stream", config, queue_name_problem);
    queue.consumer = read_name(reader, "consumer", config, queue_name_problem);
    queue.subject = read_name(reader, "subject", config, subject_problem);
    const TemplatePlace place{.config = config, .inside_lines = false, .headers = true};
    queue.topic = read_template(reader, "topic", place);
    queue.event_id = read_template(reader, "event_id", place);
    const auto& parts = queue.event_id.parts;
    if (!parts.empty() && std::ranges::all_of(parts, [](const Template::Part& part) {
            return part.kind == Kind::literal || part.kind == Kind::config;
        }))
        reader.problem(*reader.any("event_id"),
                       "`event_id` is the same for every message, and a repeat is dropped: put the message's own id "
                       "into it, like {header:Nats-Msg-Id}");
    queue.revision_tie = read_template(reader, "revision_tie", place);
    reader.need("record", "the JSON Pointer of the record's own id");
    queue.record = read_pointer(reader, "record", false);
    reader.finish();
    return queue;
}

}  // namespace sluice::contract
