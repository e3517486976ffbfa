#include "host/cli/disk_facts.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::host {
namespace {

/// A /proc and a /sys made up: a disk 8:0 with a partition 8:1, mounted over the folder "mount point".
class MadeUpDisk : public testing::Test {
protected:
    MadeUpDisk() {
        const auto disk = folder_.path() / "sys" / "devices" / "disk";
        std::filesystem::create_directories(disk / "partition");
        std::filesystem::create_directories(disk / "queue");
        std::filesystem::create_directories(folder_.path() / "sys" / "dev" / "block");
        std::filesystem::create_directories(point_ / "below");
        std::filesystem::create_directory_symlink(disk / "partition", folder_.path() / "sys" / "dev" / "block" / "8:1");
        std::ofstream(disk / "queue" / "write_cache") << "write back\n";
        auto escaped = point_.string();
        for (auto at = escaped.find(' '); at != std::string::npos; at = escaped.find(' '))
            escaped.replace(at, 1, "\\040");
        std::ofstream(mountinfo()) << "22 1 0:5 / / rw - rootfs none rw\n"
                                   << "30 22 8:1 / " << escaped << " rw,noatime shared:1 - ext4 /dev/sda1 rw\n"
                                   << "31 22 0:9 / " << escaped << "2 rw - tmpfs tmpfs rw\n";
    }
    std::filesystem::path mountinfo() const { return folder_.path() / "mountinfo"; }
    DiskFacts facts(const std::filesystem::path& below) const {
        return disk_facts(below, mountinfo(), folder_.path() / "sys");
    }

    journal::testing::TemporaryFolder folder_;
    const std::filesystem::path point_ = std::filesystem::canonical(folder_.path()) / "mount point";
};

TEST_F(MadeUpDisk, APartitionIsOnItsDisk) {
    const auto found = facts(point_ / "below");
    EXPECT_EQ(found.file_system, "ext4");
    EXPECT_EQ(found.source, "/dev/sda1");
    EXPECT_EQ(found.write_cache, "write back");
}

TEST_F(MadeUpDisk, AFolderWhoseNameOnlyBeginsLikeAMountsIsNotBelowIt) {
    std::filesystem::create_directories(point_.string() + "3");
    EXPECT_EQ(facts(point_.string() + "3").file_system, "rootfs");
    std::filesystem::create_directories(point_.string() + "2");
    EXPECT_EQ(facts(point_.string() + "2").file_system, "tmpfs");
    EXPECT_EQ(facts(point_.string() + "2").write_cache, "");
}

TEST_F(MadeUpDisk, NothingIsKnownOfAFolderThatIsNotThere) {
    EXPECT_EQ(facts(point_ / "nowhere").file_system, "");
}

TEST(Flush, IsImplausibleWhereItIsHardlySlowerThanMemory) {
    EXPECT_TRUE(is_implausible({.write_us = 0.8, .flush_us = 0.4}));
    EXPECT_TRUE(is_implausible({.write_us = 1.0, .flush_us = 8}));
    EXPECT_TRUE(is_implausible({.write_us = 20, .flush_us = 50}));
    EXPECT_FALSE(is_implausible({.write_us = 3, .flush_us = 25}));
    EXPECT_FALSE(is_implausible({.write_us = 3, .flush_us = 8'000}));
}

TEST(Flush, IsMeasuredAndLeavesNothing) {
    const journal::testing::TemporaryFolder folder;
    const auto times = measure_flush(folder.path());
    ASSERT_TRUE(times) << times.error().message;
    EXPECT_GT(times->write_us, 0);
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_FALSE(measure_flush(folder.path() / "nowhere"));
}

}  // namespace
}  // namespace sluice::host
