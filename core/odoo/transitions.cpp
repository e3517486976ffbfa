#include "core/odoo/transitions.hpp"

#include <algorithm>
#include <set>

namespace sluice::odoo {
namespace {

struct Seen {
    std::string value, name;
};

Result<Seen> look(Caller& odoo, std::string_view model, std::int64_t id, const std::string& field) {
    json::Writer kwargs;
    kwargs.begin_object().key("fields").begin_array().string("display_name").string(field).end_array().end_object();
    const auto answer = odoo.call(model, "read", "[[" + std::to_string(id) + "]]", kwargs.text());
    if (!answer) return std::unexpected(answer.error());
    Seen seen{.value = {}, .name = std::string(model) + " " + std::to_string(id)};
    if (answer->root().size() != 1) return fail(Failure::retry, seen.name + " was removed while it was being written");
    const auto row = answer->root().at(0);
    if (const auto value = row.find(field)) seen.value = std::string(value->text());
    if (const auto shown = row.find("display_name")) seen.name += " (" + std::string(shown->text()) + ")";
    return seen;
}

}  // namespace

std::string describe(const mapping::Transition& transition) {
    std::string values;
    for (const auto& value : transition.done) values += (values.empty() ? "`" : " or `") + value + "`";
    return transition.pointer + " asks for " + transition.field + " " + values;
}

Result<Reached> reach(Caller& odoo, std::string_view model, std::int64_t id, const mapping::Transition& transition) {
    Reached out;
    std::set<std::string> tried;
    std::string step;
    for (;;) {
        const auto seen = look(odoo, model, id, transition.field);
        if (!seen) return std::unexpected(seen.error());
        out.name = seen->name;
        if (!step.empty()) out.steps.push_back(step + " -> `" + seen->value + "`");
        if (std::ranges::find(transition.done, seen->value) != transition.done.end()) return out;
        const auto call = std::ranges::find(transition.calls, seen->value, &std::pair<std::string, std::string>::first);
        const auto here = seen->name + " is `" + seen->value + "`, and " + describe(transition);
        if (call == transition.calls.end()) {
            if (transition.otherwise == mapping::Protection::Action::reject)
                return fail(Failure::rejected, here + ", to which nothing leads from there");
            out.skipped = here + ", to which nothing leads from there";
            return out;
        }
        if (!tried.insert(seen->value).second)
            return fail(Failure::rejected, here + "; `" + call->second + "` was called and did not lead there");
        const auto done = odoo.call(model, call->second, "[[" + std::to_string(id) + "]]", "{}");
        if (!done) return std::unexpected(done.error());
        step = call->second + ": " + transition.field + " `" + seen->value + "`";
    }
}

}  // namespace sluice::odoo
