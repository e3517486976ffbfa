// Includes go down the arrows only: docs/architecture.md.

#include <gmock/gmock.h>

#include <map>
#include <regex>
#include <set>

#include "tests/house/sources.hpp"

namespace sluice::house {
namespace {

/// What a room may include besides itself.
const std::map<std::string, std::set<std::string>>& allowed() {
    static const std::map<std::string, std::set<std::string>> arrows = {
        {"core/base", {}},
        {"core/json", {"core/base"}},
        {"core/toml", {"core/base"}},
        {"core/credentials", {"core/base"}},
        {"core/telemetry", {"core/base"}},
        {"core/schedule", {"core/base"}},
        {"core/http", {"core/base"}},
        {"core/journal", {"core/base", "core/credentials"}},
        {"core/contract", {"core/base", "core/json", "core/toml", "core/schedule"}},
        {"core/mapping", {"core/base", "core/json", "core/schedule", "core/contract"}},
        {"core/reconcile", {"core/base", "core/json", "core/contract", "core/mapping"}},
        {"core/review", {"core/base", "core/json", "core/toml", "core/schedule", "core/contract", "core/mapping"}},
        {"core/odoo", {"core/base", "core/json", "core/credentials", "core/http", "core/mapping"}},
        {"core/contract_check", {"core/base", "core/json", "core/contract", "core/mapping", "core/odoo"}},
        {"core/delivery", {"core/base", "core/journal", "core/contract", "core/schedule"}},
    };
    return arrows;
}

std::string room_of(const std::string& path) {
    const std::size_t first = path.find('/');
    return path.substr(0, path.find('/', first + 1));
}

std::vector<std::string> quoted_includes(const std::string& text) {
    static const std::regex include(R"re(#\s*include\s*"([^"]+)")re");
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), include), end; at != end; ++at) found.push_back((*at)[1]);
    return found;
}

TEST(Arrows, CoreIncludesOnlyWhatLiesBelow) {
    std::vector<std::string> wrong;
    for (const Source& source : sources_below({"core"})) {
        const std::string room = room_of(source.path);
        ASSERT_TRUE(allowed().contains(room)) << "core has a room the plan does not know: " << room;
        for (const std::string& include : quoted_includes(source.text)) {
            const std::string other = room_of(include);
            if (other != room && !allowed().at(room).contains(other))
                wrong.push_back(source.path + " includes " + include);
        }
    }
    EXPECT_THAT(wrong, testing::IsEmpty());
}

TEST(Arrows, CoreKnowsNoConnectorPluginFileOrBusinessModel) {
    static const std::regex business(
        R"((sale\.order|res\.partner|product\.product|stock\.picking|[Ss]hopify|BOOST_DLL|boost/dll|CLI11))");
    std::vector<std::string> wrong;
    for (const Source& source : sources_below({"core"})) {
        // Comments may give examples; code may not know them.
        std::string code = source.text;
        code = std::regex_replace(code, std::regex(R"(//[^\n]*)"), "");
        std::smatch match;
        if (std::regex_search(code, match, business)) wrong.push_back(source.path + " knows " + match.str());
    }
    EXPECT_THAT(wrong, testing::IsEmpty());
}

TEST(Arrows, EveryRoomOfCoreSaysWhatBelongsHere) {
    for (const auto& [room, below] : allowed()) {
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(SLUICE_SOURCE_DIR) / room / "README.md")) << room;
    }
}

}  // namespace
}  // namespace sluice::house
