#pragma once
// The commands of `sluice` beside `run` and `check`, one file a subject; most speak to a running host.

#include "host/cli/running_host.hpp"

namespace sluice::host {

/// `sluice contract ...`, which needs no running host
void add_contract_commands(CLI::App& app, const Choose& choose);
/// `sluice events ...`
void add_event_commands(CLI::App& app, const Choose& choose);
/// `sluice dead-letters ...`
void add_dead_letter_commands(CLI::App& app, const Choose& choose);
/// `sluice status`, `trigger`, `pause`, `resume` and `connectors resume`
void add_control_commands(CLI::App& app, const Choose& choose);
/// `sluice shadow report`
void add_shadow_commands(CLI::App& app, const Choose& choose);
/// `sluice reconcile start` and `report`
void add_reconcile_commands(CLI::App& app, const Choose& choose);
/// `sluice odoo check` and `rights`
void add_odoo_commands(CLI::App& app, const Choose& choose);
/// `sluice contract check`
void add_contract_check_command(CLI::App& app, const Choose& choose);

// What both groups of events have.
/// `list` with its filters: the states it names, and whether by cause too.
void add_list_command(CLI::App* group, const Choose& choose, const std::string& path, const std::string& states,
                      bool by_cause);
void add_show_command(CLI::App* group, const Choose& choose, const std::string& path);

}  // namespace sluice::host
