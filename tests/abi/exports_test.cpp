// What leaves a plugin's binary, and what enters its sources.

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>
#include <set>

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

TEST(Includes, PluginsIncludeThePluginApiAndTheStandardLibraryOnly) {
    const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
    const std::regex standard(R"([a-z_0-9]+(\.h)?)");
    int seen = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(std::string(SLUICE_SOURCE_DIR) + "/plugins")) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp" && extension != ".c" && extension != ".h") continue;
        std::ifstream source(entry.path());
        std::string line;
        for (int number = 1; std::getline(source, line); ++number) {
            std::smatch match;
            if (!std::regex_search(line, match, include)) continue;
            ++seen;
            const std::string header = match[2];
            const bool own = match[1] == "\"" && std::filesystem::exists(entry.path().parent_path() / header);
            EXPECT_TRUE(header.starts_with("sluice/") || std::regex_match(header, standard) || own)
                << entry.path().string() << ":" << number
                << ": a plugin may include <sluice/...>, the standard library and files of "
                << "its own folder, not " << header;
        }
    }
    EXPECT_GT(seen, 0) << "no include was looked at: have the plugins moved?";
}

}  // namespace
