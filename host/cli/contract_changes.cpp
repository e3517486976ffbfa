#include "host/cli/contract_changes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/json/json.hpp"

namespace sluice::host {

std::string render_changes(const contract::ContractText& old_text, const contract::ContractText& new_text,
                           const std::vector<review::Change>& changes, const review::Honesty& honesty) {
    std::string out =
        fmt::format("{} {} -> {}\n", old_text.contract.name, old_text.contract.version, new_text.contract.version);
    for (const auto impact : {review::Impact::breaking, review::Impact::compatible, review::Impact::internal}) {
        if (std::ranges::find(changes, impact, &review::Change::impact) == changes.end()) continue;
        out += fmt::format("\n{}\n", review::to_string(impact));
        for (const auto& change : changes) {
            if (change.impact != impact) continue;
            const auto where =
                change.new_place.line > 0 ? new_text.where(change.new_place) : old_text.where(change.old_place);
            out += fmt::format("  {}: {}\n    {}\n", change.path, change.what, where);
        }
    }
    if (changes.empty()) out += "nothing changed\n";
    out += '\n';
    if (honesty.honest)
        out += fmt::format("{} is honest\n", new_text.contract.version);
    else if (changes.empty())
        out += fmt::format("{} is not honest: it is lower than {}\n", new_text.contract.version,
                           old_text.contract.version);
    else
        out += fmt::format("{} is not honest: with {} changes it is at least {}\n", new_text.contract.version,
                           review::to_string(honesty.worst), honesty.expected);
    return out;
}

std::string changes_to_json(const contract::ContractText& old_text, const contract::ContractText& new_text,
                            const std::vector<review::Change>& changes, const review::Honesty& honesty) {
    json::Writer out;
    out.begin_object().key("old").string(old_text.contract.version).key("new").string(new_text.contract.version);
    out.key("honest").boolean(honesty.honest).key("expected").string(honesty.expected).key("changes").begin_array();
    for (const auto& change : changes)
        out.begin_object()
            .key("impact")
            .string(review::to_string(change.impact))
            .key("path")
            .string(change.path)
            .key("what")
            .string(change.what)
            .key("old")
            .string(old_text.where(change.old_place))
            .key("new")
            .string(new_text.where(change.new_place))
            .end_object();
    out.end_array().end_object();
    return out.take() + "\n";
}

}  // namespace sluice::host
