#include "core/contract/hooks.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::contract {

std::vector<Problem> missing_hooks(const Contract& contract, const std::vector<std::string>& provided,
                                   const std::vector<std::string>& files) {
    toml::Problems problems(files);
    for (const auto& [name, flow] : contract.flows)
        for (const NamedHook& hook : flow.hooks) {
            if (std::ranges::find(provided, hook.name) != provided.end()) continue;
            const auto near = did_you_mean(hook.name, provided);
            problems.add(hook.place,
                         fmt::format("the plugin's code has no hook `{}`{}", hook.name,
                                     near.empty() && !provided.empty() ? "; it has " + list_names(provided) : near));
        }
    return problems.take();
}

}  // namespace sluice::contract
