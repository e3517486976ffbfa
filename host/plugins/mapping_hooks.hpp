#pragma once
// What a plugin's code computes for its contract's mapping.

#include <sluice/plugin.h>

#include <string>
#include <vector>

#include "core/mapping/mapping.hpp"

namespace sluice::host {

/// The plugin's hooks; empty where it has none. Any thread; a loaded plugin is never unloaded.
mapping::Hooks mapping_hooks(const sluice_plugin& plugin);

/// What is wrong with the plugin's table of hooks itself; "" where nothing is.
std::string hooks_problem(const sluice_plugin& plugin);

/// Of a table without problems.
std::vector<std::string> hook_names(const sluice_plugin& plugin);

}  // namespace sluice::host
