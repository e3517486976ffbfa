// What leaves a plugin's binary, and what enters its sources.

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <set>
#include <vector>

namespace {

using ::testing::ElementsAre;

std::set<std::string> exported_symbols(const std::string& file) {
    std::set<std::string> symbols;
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nm(
        popen(("nm --dynamic --defined-only --format=posix '" + file + "'").c_str(), "r"), pclose);
    std::array<char, 4096> line{};
    while (nm && std::fgets(line.data(), line.size(), nm.get()) != nullptr) {
        const std::string text(line.data());
        symbols.insert(text.substr(0, text.find(' ')));
    }
    return symbols;
}

TEST(Exports, ShopifyExportsItsEntryPointAndNothingElse) {
    EXPECT_THAT(exported_symbols(SLUICE_SHOPIFY_PLUGIN), ElementsAre("sluice_plugin_v0"));
}

TEST(Exports, APluginOfTheWrapperExportsItsEntryPointAndNothingElse) {
    EXPECT_THAT(exported_symbols(std::string(SLUICE_TEST_PLUGINS) + "/scenario.so"), ElementsAre("sluice_plugin_v0"));
}

TEST(Includes, PluginsIncludeNothingOfTheHostButThePluginApi) {
    const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    const std::regex standard(R"([a-z_0-9]+(\.h)?)");
    const std::filesystem::path root = SLUICE_SOURCE_DIR;
    std::vector<std::filesystem::path> files;
    for (const auto* folder : {"plugins", "plugin-api/template"})
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder))
            files.push_back(entry.path());
    int seen = 0;
    for (const auto& file : files) {
        const auto extension = file.extension();
        if (extension != ".cpp" && extension != ".hpp" && extension != ".c" && extension != ".h") continue;
        std::ifstream source(file);
        std::string line;
        for (int number = 1; std::getline(source, line); ++number) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            ++seen;
            const std::string header = match[2];
            const bool own = match[1] == "\"" && std::filesystem::exists(file.parent_path() / header);
            EXPECT_TRUE(header.starts_with("sluice/") || header.starts_with("boost/") ||
                        std::regex_match(header, standard) || own)
                << file.string() << ":" << number
                << ": a plugin may include <sluice/...>, the standard library, Boost and files of "
                << "its own folder, not " << header;
        }
    }
    EXPECT_GT(seen, 0) << "no include was looked at: have the plugins moved?";
}

}  // namespace
