#include "host/queue/names.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <utility>

#include "core/contract/queue_names.hpp"
#include "core/json/json.hpp"

namespace sluice::host {

Result<QueueNames> queue_names(const Connector& connector, const contract::Flow& flow) {
    const auto nothing = json::Document::parse("null");
    QueueNames names;
    std::string wrong;
    const auto fill = [&](std::string_view what, const contract::Template& text, auto* check,
                          const std::string& otherwise) {
        if (text.parts.empty()) return otherwise;
        auto name = mapping::fill_template(text, nothing->root(), nothing->root(), {}, connector.config);
        const auto problem = name ? check(*name) : std::optional(name.error().message);
        if (problem && wrong.empty())
            wrong = fmt::format("the {} of the queue of flow `{}` becomes `{}`: {}", what, flow.name, name.value_or(""),
                                *problem);
        return name.value_or("");
    };
    const auto& queue = *flow.queue;
    names.stream = fill("stream", queue.stream, contract::queue_name_problem, "");
    names.consumer = fill("consumer", queue.consumer, contract::queue_name_problem,
                          fmt::format("sluice_{}_{}", connector.name, flow.name));
    names.subject = fill("subject", queue.subject, contract::subject_problem, "");
    if (!wrong.empty()) return fail(Failure::invalid, std::move(wrong));
    return names;
}

std::vector<std::string> queue_conflicts(const Connector& connector) {
    std::vector<std::string> conflicts;
    std::vector<std::pair<const contract::Flow*, QueueNames>> seen;
    for (const auto& [name, flow] : connector.plugin->contract.flows) {
        if (!flow.queue || !is_on(connector, flow)) continue;
        const auto names = queue_names(connector, flow);
        if (!names) continue;
        // Without a template the id has the flow's name in it.
        for (const auto& [other, others] : seen) {
            if (flow.queue->event_id.parts.empty() || flow.queue->event_id != other->queue->event_id) continue;
            if (names->stream != others.stream || !contract::subjects_overlap(names->subject, others.subject)) continue;
            conflicts.push_back(
                fmt::format("flows `{}` and `{}` read the same messages of stream {} and make the same `event_id` of "
                            "them, so that one would drop the other's events as repeats: give them different templates",
                            other->name, flow.name, names->stream));
        }
        seen.emplace_back(&flow, *names);
    }
    return conflicts;
}

}  // namespace sluice::host
