#pragma once
// A plugin file, loaded and checked.

#include <sluice/plugin.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice::host {

/// A plugin in this process. Never unloaded (a plugin's threads and statics outlive any handle), immutable, any thread.
struct Plugin {
    std::filesystem::path file;
    std::string fingerprint;  ///< of the file when it was loaded: its inode, size and time
    const sluice_plugin* table = nullptr;
    std::string name, version;
    std::string contract_text;  ///< as the plugin has it
    contract::Contract contract;
    mapping::Hooks hooks;  ///< the code of what the contract's mapping computes by `hook`
    std::vector<std::string> hook_names;

    /// The contract's name in messages.
    std::string contract_file() const { return name + ".contract.toml"; }
};

/// Loads one file with Boost.DLL. Failure::invalid, naming the file, where it is no shared library, does not export
/// `sluice_plugin_v0`, has another ABI major, wants a newer host minor, lacks a required member, or carries a contract
/// with problems (all listed), or one with a hook that it does not have.
Result<std::shared_ptr<const Plugin>> load_plugin(const std::filesystem::path& file);

/// Every `*.so` of the directories, by plugin name; what could not be loaded is in `problems` (two files of one name
/// are a problem).
struct PluginSet {
    std::map<std::string, std::shared_ptr<const Plugin>> plugins;
    std::vector<std::string> problems;
};
/// A plugin that is `known` stays the one it is: a file that changed or went since is a problem that names it, and the
/// restart it takes.
PluginSet load_plugins(const std::vector<std::filesystem::path>& directories, const PluginSet& known = {});

}  // namespace sluice::host
