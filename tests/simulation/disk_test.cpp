// The simulated disk keeps what it promises and loses what it may; only then does a run on it prove anything.

#include "tests/simulation/disk.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <set>

#include "tests/simulation/disk_vfs.hpp"

namespace sluice::simulation {
namespace {

std::string content(const Disk& disk, const std::string& name) {
    const auto image = disk.image();
    const auto found = image.find(name);
    return found == image.end() ? "" : found->second;
}

TEST(Disk, APowerLossKeepsWhatWasSynced) {
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        Dice dice(seed);
        Disk disk;
        const auto file = disk.open("a", true, false);
        ASSERT_EQ(disk.write(*file, 0, std::string(2'000, 'x')), Disk::Answer::ok);
        ASSERT_EQ(disk.sync(*file), Disk::Answer::ok);
        ASSERT_EQ(disk.write(*file, 600, std::string(2'000, 'y')), Disk::Answer::ok);
        disk.crash(Disk::Loss::power, dice);
        const auto bytes = content(disk, "a");
        ASSERT_GE(bytes.size(), 2'000U);
        EXPECT_EQ(bytes.substr(0, 600), std::string(600, 'x'));
        for (std::size_t i = 600; i < 2'000; ++i) ASSERT_TRUE(bytes[i] == 'x' || bytes[i] == 'y') << i;
    }
}

TEST(Disk, APowerLossTearsWritesAtSectors) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        Dice dice(seed);
        Disk disk;
        const auto file = disk.open("a", true, true);
        ASSERT_EQ(disk.write(*file, 0, std::string(3 * Disk::sector_bytes, 'x')), Disk::Answer::ok);
        ASSERT_EQ(disk.sync(*file), Disk::Answer::ok);
        ASSERT_EQ(disk.write(*file, 0, std::string(3 * Disk::sector_bytes, 'y')), Disk::Answer::ok);
        disk.crash(Disk::Loss::power, dice);
        const auto bytes = content(disk, "a");
        std::string sectors;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto sector = bytes.substr(i * Disk::sector_bytes, Disk::sector_bytes);
            EXPECT_EQ(sector, std::string(Disk::sector_bytes, sector[0])) << "a sector is old or new";
            sectors += sector[0];
        }
        seen.insert(sectors);
    }
    EXPECT_EQ(seen.size(), 8U) << "every subset of three sectors, in any order";
}

TEST(Disk, ACrashOfTheProcessKeepsEveryWrite) {
    Dice dice(1);
    Disk disk;
    const auto file = disk.open("a", true, false);
    ASSERT_EQ(disk.write(*file, 0, "never synced"), Disk::Answer::ok);
    disk.crash(Disk::Loss::process, dice);
    EXPECT_EQ(content(disk, "a"), "never synced");
    EXPECT_EQ(disk.generation(), 1);
}

TEST(Disk, NamesAreDurableFromTheFirstSyncOn) {
    std::set<bool> made, removed;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Dice dice(seed);
        Disk disk;
        const auto kept = disk.open("kept", true, false);
        (void)disk.write(*kept, 0, "x");
        (void)disk.sync(*kept);
        (void)disk.write(*disk.open("made", true, false), 0, "x");
        (void)disk.remove("kept", false);
        disk.crash(Disk::Loss::power, dice);
        made.insert(disk.exists("made"));
        removed.insert(!disk.exists("kept"));
    }
    EXPECT_EQ(made.size(), 2U);
    EXPECT_EQ(removed.size(), 2U);
}

TEST(Disk, WhatIsArmedStrikesOnce) {
    Disk disk;
    const auto file = disk.open("a", true, false);
    disk.arm(Disk::Trouble::full, 1);
    EXPECT_EQ(disk.write(*file, 0, "x"), Disk::Answer::ok);
    EXPECT_EQ(disk.sync(*file), Disk::Answer::ok) << "a sync needs no room";
    EXPECT_EQ(disk.write(*file, 1, "x"), Disk::Answer::full);
    EXPECT_EQ(disk.write(*file, 1, "x"), Disk::Answer::ok);
    EXPECT_TRUE(disk.disarm());
    EXPECT_FALSE(disk.disarm());
    disk.arm(Disk::Trouble::death, 0);
    EXPECT_EQ(disk.sync(*file), Disk::Answer::io_error);
    EXPECT_TRUE(disk.is_dead());
    EXPECT_EQ(disk.write(*file, 2, "x"), Disk::Answer::io_error) << "the dead write nothing";
    EXPECT_EQ(disk.size("a"), 2U);
}

TEST(Disk, NoFileGrowsBeyondTheLimit) {
    Disk disk;
    const auto file = disk.open("a", true, false);
    disk.limit_bytes(100);
    EXPECT_EQ(disk.write(*file, 0, std::string(100, 'x')), Disk::Answer::ok);
    EXPECT_EQ(disk.write(*file, 100, "x"), Disk::Answer::full);
    EXPECT_EQ(disk.write(*file, 50, "x"), Disk::Answer::ok) << "what is there may be changed";
}

// ---- under SQLite

class Database {
public:
    explicit Database(const DiskVfs& vfs, const std::string& pragmas) {
        EXPECT_EQ(sqlite3_open_v2("test.db", &handle_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs.name().c_str()),
                  SQLITE_OK);
        run(pragmas);
    }
    ~Database() { sqlite3_close(handle_); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    bool run(const std::string& sql) {
        return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
    }
    std::string text(const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        std::string answer = "no answer";
        if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
            sqlite3_step(statement) == SQLITE_ROW) {
            answer = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
        }
        sqlite3_finalize(statement);
        return answer;
    }

private:
    sqlite3* handle_ = nullptr;
};

struct Losses {
    int lost = 0, damaged = 0;
};

/// Commits rows, loses the power at some write, and looks for what was acknowledged; many times.
Losses lose_power_while_writing(const std::string& pragmas) {
    Losses losses;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Dice dice(seed);
        Disk disk;
        const DiskVfs vfs(disk, seed);
        int acknowledged = 0;
        {
            Database writer(vfs, pragmas + "CREATE TABLE rows (number INTEGER PRIMARY KEY, text TEXT);");
            Database reader(vfs, "");
            EXPECT_EQ(reader.text("SELECT count(*) FROM rows"), "0");
            disk.arm(Disk::Trouble::death, dice.count(0, 150));
            while (!disk.is_dead() && acknowledged < 60) {
                if (writer.run(
                        fmt::format("INSERT INTO rows VALUES ({}, '{}')", acknowledged + 1, std::string(400, 'x')))) {
                    ++acknowledged;
                }
                if (dice.chance(100)) writer.run("PRAGMA wal_checkpoint(PASSIVE)");
            }
            disk.crash(Disk::Loss::power, dice);
        }
        Database again(vfs, "");
        const auto rows = again.text("SELECT count(*) FROM rows");
        if (again.text("PRAGMA integrity_check") != "ok") {
            ++losses.damaged;
        } else if (rows == "no answer" || std::stoi(rows) < acknowledged) {
            ++losses.lost;
        }
        EXPECT_EQ(vfs.waits(), 0) << "nobody else can hold a lock";
    }
    return losses;
}

TEST(DiskUnderSqlite, WhatAFullySynchronousLogAcknowledgedIsThere) {
    const auto losses = lose_power_while_writing("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
    EXPECT_EQ(losses.lost, 0);
    EXPECT_EQ(losses.damaged, 0);
}

TEST(DiskUnderSqlite, WithoutSyncsAcknowledgedRowsAreLost) {
    const auto losses = lose_power_while_writing("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;");
    EXPECT_GT(losses.lost + losses.damaged, 10) << "or the disk could not tell a journal that does not sync";
}

TEST(DiskUnderSqlite, SyncsAtCheckpointsOnlyLoseTheLastRows) {
    const auto losses = lose_power_while_writing("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    EXPECT_GT(losses.lost, 10);
    EXPECT_EQ(losses.damaged, 0);
}

TEST(DiskUnderSqlite, ARollbackJournalSurvivesToo) {
    const auto losses = lose_power_while_writing("PRAGMA journal_mode = DELETE; PRAGMA synchronous = EXTRA;");
    EXPECT_EQ(losses.lost, 0);
    EXPECT_EQ(losses.damaged, 0);
}

}  // namespace
}  // namespace sluice::simulation
