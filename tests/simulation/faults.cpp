#include "tests/simulation/faults.hpp"

namespace sluice::simulation {

namespace {

struct Text {
    std::string_view name, meaning;
};
constexpr std::array<Text, fault_count> texts = {{
#define SLUICE_SIMULATED_FAULT(name, what) {#name, what},
    SLUICE_SIMULATED_FAULTS(SLUICE_SIMULATED_FAULT)
#undef SLUICE_SIMULATED_FAULT
}};

}  // namespace

std::string_view name_of(Fault fault) {
    return texts[static_cast<std::size_t>(fault)].name;
}

std::string_view meaning_of(Fault fault) {
    return texts[static_cast<std::size_t>(fault)].meaning;
}

void Statistics::add(const Statistics& other) {
    for (std::size_t i = 0; i < fault_count; ++i) faults[i] += other.faults[i];
    seeds += other.seeds;
    steps += other.steps;
    journal_calls += other.journal_calls;
    events += other.events;
    attempts += other.attempts;
    effects += other.effects;
    virtual_ms += other.virtual_ms;
    checks += other.checks;
}

}  // namespace sluice::simulation
