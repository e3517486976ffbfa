// What a flow watches in Odoo.

#include <fmt/format.h>

#include "core/contract_check/checker.hpp"
#include "core/json/json.hpp"

namespace sluice::contract_check {
namespace {

/// A configuration key's value, which stands for whatever the connector has.
bool is_open(std::string_view value) {
    return value.find("{config:") != std::string_view::npos;
}

bool compares_values(std::string_view operation) {
    return operation == "=" || operation == "!=" || operation == "in" || operation == "not in";
}

}  // namespace

void Checker::change(const contract::OdooChangeTrigger& change, const std::string& path) {
    const auto* facts = model({.path = path + ".model"}, change.model);
    if (facts == nullptr) return;
    const At in_domain{.path = path + ".domain"};
    const auto domain = json::Document::parse(change.domain);
    for (std::size_t i = 0; domain && i < domain->root().size(); ++i) {
        const auto term = domain->root().at(i);
        if (term.kind() != json::Kind::array || term.size() != 3) continue;
        const auto found = at_end(in_domain, change.model, term.at(0).text(), false);
        if (!found || !compares_values(term.at(1).text())) continue;
        const auto compared = [&](const json::Value& one) {
            if (one.kind() == json::Kind::string && !is_open(one.text()))
                looked_for(in_domain, change.model, *found, one.text());
        };
        compared(term.at(2));
        if (term.at(2).kind() != json::Kind::array) continue;
        for (std::size_t v = 0; v < term.at(2).size(); ++v) compared(term.at(2).at(v));
    }
    for (const auto& name : change.fields) field({.path = path + ".fields"}, change.model, *facts, name, false);
    for (const auto& [name, other] : change.links) {
        const At at{.path = path + ".links." + name};
        model(at, other);
        const auto found = field(at, change.model, *facts, name, false);
        if (!found) continue;
        if (found->facts->type != "many2one")
            say(Severity::error, at, change.model, name,
                fmt::format("`{}` of {} is {}, and a link is a many2one", name, change.model, found->facts->type));
        else if (found->facts->relation != other)
            say(Severity::error, at, change.model, name,
                fmt::format("`{}` of {} refers to {}, not {}", name, change.model, found->facts->relation, other),
                fmt::format("right would be \"{}\"", found->facts->relation));
    }
}

}  // namespace sluice::contract_check
