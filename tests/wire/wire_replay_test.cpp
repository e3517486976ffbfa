// Holds the simulator against recorded answers of a real Odoo (tests/data/odoo_wire). With SLUICE_ODOO_WIRE=DIR the
// same is done for any other folder of that form, or for a folder of such folders.
#include "tests/wire/wire_replay.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace sluice::wire {
namespace {

using Kind = Outcome::Kind;

TEST(WireReplay, AnswersAsOdoo17Did) {
    const auto report = replay_folder(SLUICE_ODOO_WIRE_DATA "/17");
    std::cout << report.text();
    EXPECT_GT(report.count(Kind::matched), 0U);
    EXPECT_EQ(report.count(Kind::differing), 0U);
    // The folder holds what the simulator claims, nothing else.
    EXPECT_EQ(report.count(Kind::not_claimed), 0U);
}

TEST(WireReplay, FolderOfTheEnvironment) {
    const char* given = std::getenv("SLUICE_ODOO_WIRE");
    if (given == nullptr) GTEST_SKIP() << "SLUICE_ODOO_WIRE is not set";
    const std::filesystem::path root = given;
    std::vector<std::filesystem::path> folders = {root};
    for (const auto& entry : std::filesystem::directory_iterator(root)) {
        if (entry.is_directory()) folders.push_back(entry.path());
    }
    for (const auto& folder : folders) {
        const auto report = replay_folder(folder, SLUICE_ODOO_WIRE_DATA "/" + std::to_string(version_of(folder)));
        if (report.outcomes.empty()) continue;
        std::cout << report.text();
        EXPECT_EQ(report.count(Kind::differing), 0U) << folder;
    }
}

}  // namespace
}  // namespace sluice::wire
