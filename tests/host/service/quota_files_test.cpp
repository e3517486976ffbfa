#include "host/service/quota_files.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct QuotaFilesTest : testing::Test {
    journal::testing::TemporaryFolder folder;
    QuotaFiles files{folder.path() / "quota"};
};

TEST_F(QuotaFilesTest, WhatIsSavedIsLoadedByTheNextProcess) {
    EXPECT_THAT(files.load("connector.shop").value(), IsEmpty());
    ASSERT_TRUE(files.save("connector.shop", {{.until_ms = 5, .calls = 1}}));
    ASSERT_TRUE(
        files.save("connector.shop", {{.until_ms = 1'700'000'000'000, .calls = 50}, {.until_ms = 7, .calls = 2}}));
    ASSERT_TRUE(files.save("group.shop", {}));
    QuotaFiles next(folder.path() / "quota");
    const auto kept = next.load("connector.shop").value();
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[0].until_ms, 1'700'000'000'000);
    EXPECT_EQ(kept[0].calls, 50);
    EXPECT_EQ(kept[1].calls, 2);
    EXPECT_THAT(next.load("group.shop").value(), IsEmpty());
    struct stat status {};
    ASSERT_EQ(::stat((folder.path() / "quota").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
}

TEST_F(QuotaFilesTest, AFileThatIsDamagedIsNoNewDay) {
    ASSERT_TRUE(files.save("connector.shop", {{.until_ms = 5, .calls = 1}}));
    std::ofstream(folder.path() / "quota" / "connector.shop") << "5 x\n";
    const auto kept = files.load("connector.shop");
    ASSERT_FALSE(kept);
    EXPECT_THAT(kept.error().message, HasSubstr("quota/connector.shop"));
}

TEST_F(QuotaFilesTest, AFolderThatCannotBeMadeIsNamed) {
    QuotaFiles nowhere("/dev/null/quota");
    const auto saved = nowhere.save("connector.shop", {});
    ASSERT_FALSE(saved);
    EXPECT_THAT(saved.error().message, HasSubstr("/dev/null/quota"));
}

}  // namespace
}  // namespace sluice::host
