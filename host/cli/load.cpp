#include "host/cli/load.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::host {

Loaded load_everything(const std::filesystem::path& file, const PluginSet& known) {
    auto parsed = load_configuration(file);
    Loaded loaded{.configuration = std::move(parsed.configuration)};
    auto problems = std::move(parsed.problems);
    if (parsed.readable) {
        loaded.plugins = load_plugins(loaded.configuration.host.plugin_dirs, known);
        auto resolved = resolve(loaded.configuration, loaded.plugins);
        loaded.setup = std::move(resolved.setup);
        problems.insert(problems.end(), resolved.problems.begin(), resolved.problems.end());
        for (const auto& folder : loaded.configuration.host.plugin_dirs) {
            std::error_code error;
            if (std::filesystem::is_directory(folder, error)) continue;
            const auto place = loaded.configuration.host.plugin_dirs_place;
            problems.push_back({.file = loaded.configuration.file,
                                .line = place.line,
                                .column = place.column,
                                .message = "`plugin_dirs`: there is no folder " + folder.string() +
                                           "; give the folders that hold the plugins' *.so files"});
        }
        if (auto wrong = data_dir_problem(loaded.configuration.host.data_dir); !wrong.empty()) {
            const auto place = loaded.configuration.host.data_dir_place;
            problems.push_back({.file = loaded.configuration.file,
                                .line = place.line,
                                .column = place.column,
                                .message = std::move(wrong)});
        }
    }
    // The configuration's own first, then those of other files it names.
    const auto& own = loaded.configuration.file;
    std::ranges::stable_sort(problems, {},
                             [&own](const Problem& p) { return std::tuple(p.file != own, p.file, p.line, p.column); });
    for (const auto& problem : problems) loaded.problems.push_back(problem.to_string());
    return loaded;
}

}  // namespace sluice::host
