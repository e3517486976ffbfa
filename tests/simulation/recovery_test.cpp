// What a start finds on a disk after a crash, and what it makes of it.

#include <gtest/gtest.h>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "tests/simulation/checked_journal.hpp"

namespace sluice::simulation {
namespace {

constexpr const char* file = "journal.db";

journal::NewEvent event() {
    return {.connector = "shop", .event_id = "a", .flow = "order", .order = "order", .ordering_key = "7"};
}

Result<std::unique_ptr<journal::SqliteJournal>> open(const DiskVfs& vfs, const Clock& clock) {
    return journal::open_sqlite_journal(file, clock, {.simulated_disk = vfs.name()});
}

TEST(Recovery, WhatAStartFoundInTheLogSurvivesAPowerLoss) {
    int repeats = 0;
    for (int operations = 0; operations < 40; ++operations) {
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            Dice dice(seed);
            const SimulatedClock clock;
            Disk disk(formatted_image());
            const DiskVfs vfs(disk, seed);
            auto journal = open(vfs, clock);
            ASSERT_TRUE(journal) << journal.error().message;
            // Killed somewhere in the commit, at last between its last write and its sync.
            disk.arm(Disk::Trouble::death, operations);
            (void)(*journal)->append({event()});
            disk.crash(Disk::Loss::process, dice);
            journal = open(vfs, clock);
            ASSERT_TRUE(journal) << journal.error().message;
            const auto repeated = (*journal)->append({event()});
            ASSERT_TRUE(repeated) << repeated.error().message;
            repeats += repeated->front().duplicate ? 1 : 0;
            disk.crash(Disk::Loss::power, dice);
            journal = open(vfs, clock);
            ASSERT_TRUE(journal) << journal.error().message;
            EXPECT_EQ((*journal)->list({})->size(), 1U)
                << "acknowledged as known, and lost; killed after " << operations << " operations, seed " << seed;
            disk.crash(Disk::Loss::process, dice);
        }
    }
    EXPECT_GT(repeats, 0) << "or no commit was found that nobody had synced";
}

TEST(Recovery, ADiskThatCannotBeReadIsNoDamage) {
    Dice dice(1);
    const SimulatedClock clock;
    Disk disk(formatted_image());
    const DiskVfs vfs(disk, 1);
    int failures = 0;
    for (int operations = 0; operations < 120; ++operations) {
        disk.arm(Disk::Trouble::io_error, operations);
        const auto journal = open(vfs, clock);
        (void)disk.disarm();
        if (journal) continue;
        ++failures;
        EXPECT_EQ(journal.error().failure, Failure::retry) << journal.error().message;
    }
    EXPECT_GT(failures, 10);
}

TEST(Recovery, AnEmptyDiskBecomesAJournalWhereverItIsInterrupted) {
    for (int operations = 0; operations < 200; ++operations) {
        Dice dice(static_cast<std::uint64_t>(operations));
        const SimulatedClock clock;
        Disk disk;
        const DiskVfs vfs(disk, 1);
        disk.arm(Disk::Trouble::death, operations);
        { const auto interrupted = open(vfs, clock); }
        disk.crash(operations % 2 == 0 ? Disk::Loss::power : Disk::Loss::process, dice);
        const auto journal = open(vfs, clock);
        ASSERT_TRUE(journal) << "after " << operations << " operations: " << journal.error().message;
        EXPECT_TRUE((*journal)->append({event()}));
        EXPECT_TRUE((*journal)->check());
    }
}

}  // namespace
}  // namespace sluice::simulation
