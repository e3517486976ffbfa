#include "host/cli/check.hpp"

#include <fmt/format.h>

#include <iostream>

#include "host/cli/command_line.hpp"
#include "host/cli/load.hpp"

namespace sluice::host {
namespace {

std::string count(std::size_t number, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", number, number == 1 ? one : many);
}

}  // namespace

int check_configuration(const std::filesystem::path& file) {
    auto loaded = load_everything(file);
    // What a run only warns of, because no connector needs that file, is still wrong.
    loaded.problems.insert(loaded.problems.end(), loaded.plugins.problems.begin(), loaded.plugins.problems.end());
    if (!loaded.problems.empty()) {
        for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
        std::cerr << count(loaded.problems.size(), "problem", "problems") << '\n';
        return exit_failed;
    }
    const auto& setup = loaded.setup;
    if (setup.connectors.empty()) {
        std::cerr << file.string()
                  << ": no connector is enabled, so nothing would move; add a table [connector.NAME] with "
                  << "`plugin`, and [odoo.NAME] for it\n1 problem\n";
        return exit_failed;
    }
    std::cout << fmt::format("configuration is fine: {}{}, {}, {}\n",
                             count(setup.connectors.size(), "connector", "connectors"),
                             setup.disabled.empty() ? "" : fmt::format(" ({} more disabled)", setup.disabled.size()),
                             count(setup.odoo.size(), "Odoo database", "Odoo databases"),
                             count(loaded.plugins.plugins.size(), "plugin", "plugins"));
    return exit_done;
}

}  // namespace sluice::host
