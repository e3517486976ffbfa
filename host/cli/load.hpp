#pragma once
// The configuration with everything it names: plugins, secrets, folders.

#include <filesystem>
#include <string>
#include <vector>

#include "host/config/configuration.hpp"
#include "host/config/resolve.hpp"
#include "host/plugins/plugin.hpp"

namespace sluice::host {

struct Loaded {
    Configuration configuration;
    PluginSet plugins;  ///< its `problems` are about files no connector may need
    Setup setup;
    std::vector<std::string> problems;  ///< a host cannot run with any of them
};

/// Reads a configuration and all it names. Writes nothing. Plugins that are `known` are not loaded again.
Loaded load_everything(const std::filesystem::path& file, const PluginSet& known = {});

}  // namespace sluice::host
