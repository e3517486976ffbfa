#define BOOST_DLL_USE_STD_FS
#include "host/plugins/plugin.hpp"

#include <dlfcn.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <set>

#include "core/contract/hooks.hpp"
#include "host/plugins/elf_file.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/mapping_hooks.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

constexpr const char* entry_point = "sluice_plugin_v0";

std::unexpected<Error> refuse(const std::filesystem::path& file, std::string why) {
    return fail(Failure::invalid, file.string() + ": " + std::move(why));
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= max_name_bytes && std::all_of(text.begin(), text.end(), [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '-';
    });
}

/// What is wrong with the table itself, as far as its struct_size lets us look; "" where nothing is.
std::string table_problem(const sluice_plugin& table) {
    if (!SLUICE_HAS(&table, min_host_minor))
        return "struct_size " + std::to_string(table.struct_size) +
               " is too small to be a sluice_plugin; set it to sizeof";
    if (table.abi_major != SLUICE_ABI_MAJOR)
        return "it is built for ABI " + std::to_string(table.abi_major) + "." + std::to_string(table.abi_minor) +
               ", this host has " + std::to_string(SLUICE_ABI_MAJOR) + "." + std::to_string(SLUICE_ABI_MINOR) +
               "; build it against this host's plugin.h";
    if (table.min_host_minor > SLUICE_ABI_MINOR)
        return "it needs a host of ABI " + std::to_string(SLUICE_ABI_MAJOR) + "." +
               std::to_string(table.min_host_minor) + " or newer, this host has " + std::to_string(SLUICE_ABI_MAJOR) +
               "." + std::to_string(SLUICE_ABI_MINOR);
    if (!SLUICE_HAS(&table, destroy))
        return "struct_size " + std::to_string(table.struct_size) +
               " does not reach `destroy`, the last member every plugin has";
    if (table.create == nullptr || table.handle == nullptr || table.destroy == nullptr)
        return "create, handle and destroy must not be NULL";
    if (!is_name(to_view(table.name))) return "its name must be of lower-case letters, digits and '-'";
    if (to_view(table.version).empty()) return "its version is empty; right would be one like \"0.1.0\"";
    if (to_view(table.contract).empty())
        return "its contract is empty; sluice_add_plugin(... CONTRACT file.toml) embeds one";
    return {};
}

/// Another file, or another content, has another one.
std::string fingerprint_of(const std::filesystem::path& file) {
    struct stat status {};
    if (::stat(file.c_str(), &status) != 0) return "";
    return std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino) + ":" + std::to_string(status.st_size) +
           ":" + std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

const Plugin* of_file(const PluginSet& set, const std::filesystem::path& file) {
    for (const auto& [name, plugin] : set.plugins) {
        if (plugin->file == file) return plugin.get();
    }
    return nullptr;
}

}  // namespace

Result<std::shared_ptr<const Plugin>> load_plugin(const std::filesystem::path& file) {
    std::error_code unreadable;
    const auto path = std::filesystem::absolute(file, unreadable);
    if (unreadable || !std::filesystem::is_regular_file(path, unreadable)) return refuse(file, "there is no such file");

    if (auto problem = elf_file_problem(path); !problem.empty()) return refuse(file, std::move(problem));

    // RTLD_NODELETE keeps the plugin in the process when the handle goes at the end of this function: its threads and
    // statics outlive any.
    const auto mode = static_cast<boost::dll::load_mode::type>(RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    boost::dll::shared_library library;
    boost::dll::fs::error_code error;
    library.load(path, error, mode);
    if (error) {
        const char* why = dlerror();  // Boost.DLL's code says less than the loader's own words
        return refuse(file, "it cannot be loaded as a shared library: " +
                                std::string(why != nullptr ? why : error.message().c_str()));
    }
    if (!library.has(entry_point))
        return refuse(file, std::string("it does not export ") + entry_point +
                                ": it is no Sluice plugin, or one for another ABI");
    if (!is_function(dlsym(library.native(), entry_point)))
        return refuse(file, std::string(entry_point) + " is not a function");
    const sluice_plugin* table = nullptr;
    try {
        table = library.get<const sluice_plugin*()>(entry_point)();
    } catch (...) {
        return refuse(file, std::string(entry_point) + "() threw an exception");
    }
    if (table == nullptr) return refuse(file, std::string(entry_point) + "() answered NULL");
    if (auto problem = table_problem(*table); !problem.empty()) return refuse(file, std::move(problem));

    auto plugin = std::make_shared<Plugin>();
    plugin->file = path;
    plugin->fingerprint = fingerprint_of(path);
    plugin->table = table;
    plugin->name = std::string(to_view(table->name));
    plugin->version = std::string(to_view(table->version));
    plugin->contract_text = std::string(to_view(table->contract));
    auto contract = contract::parse_contract(plugin->contract_text, plugin->contract_file());
    if (auto problem = hooks_problem(*table); contract && !problem.empty()) return refuse(file, std::move(problem));
    if (contract) plugin->hook_names = hook_names(*table);
    const auto problems = contract ? contract::missing_hooks(*contract, plugin->hook_names, {plugin->contract_file()})
                                   : std::move(contract.error());
    if (!problems.empty()) {
        std::string all = "its contract has problems:";
        for (const auto& problem : problems) all += "\n  " + problem.to_string();
        return refuse(file, std::move(all));
    }
    plugin->hooks = mapping_hooks(*table);
    if (contract->name != plugin->name)
        return refuse(file, "it is named \"" + plugin->name + "\" and its contract \"" + contract->name +
                                "\"; both must be the same");
    plugin->contract = *std::move(contract);
    return plugin;
}

PluginSet load_plugins(const std::vector<std::filesystem::path>& directories, const PluginSet& known) {
    PluginSet set;
    set.plugins = known.plugins;
    std::set<std::filesystem::path> there;
    for (const auto& directory : directories) {
        std::error_code error;
        std::vector<std::filesystem::path> files;
        std::filesystem::directory_iterator entries(directory, error);
        for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
            if (entries->path().extension() == ".so") files.push_back(entries->path());
        // That a folder is not there is the configuration's to say.
        if (error && error != std::errc::no_such_file_or_directory)
            set.problems.push_back(directory.string() + ": the plugin directory cannot be read: " + error.message());
        std::sort(files.begin(), files.end());  // the same problems in the same order on every machine
        for (const auto& file : files) {
            const auto path = std::filesystem::absolute(file, error);
            there.insert(path);
            if (const auto* loaded = of_file(known, path); loaded != nullptr) {
                if (loaded->fingerprint != fingerprint_of(path))
                    set.problems.push_back(file.string() + ": the plugin \"" + loaded->name +
                                           "\" has changed; restart the host to run it");
                continue;
            }
            auto plugin = load_plugin(file);
            if (!plugin) {
                set.problems.push_back(plugin.error().message);
                continue;
            }
            const auto [place, first] = set.plugins.try_emplace((*plugin)->name, *plugin);
            if (!first)
                set.problems.push_back(file.string() + ": a plugin named \"" + (*plugin)->name + "\" was loaded from " +
                                       place->second->file.string() + " already; remove one of them");
        }
    }
    for (const auto& [name, plugin] : known.plugins) {
        if (!there.contains(plugin->file))
            set.problems.push_back(plugin->file.string() + ": the plugin \"" + name +
                                   "\" is gone; it runs on until the host is restarted");
    }
    return set;
}

}  // namespace sluice::host
