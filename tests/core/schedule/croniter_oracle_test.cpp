// Every row of croniter_oracle.tsv: what python3-croniter answers, and so must we. make_oracle.py made it and says
// which cases it leaves out.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

TEST(CroniterOracle, AgreesOnEveryRow) {
    std::ifstream table(SLUICE_SOURCE_DIR "/tests/core/schedule/croniter_oracle.tsv");
    ASSERT_TRUE(table);
    int rows = 0;
    for (std::string line; std::getline(table, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream columns(line);
        std::string expression, zone, after, next;
        std::getline(columns, expression, '\t');
        std::getline(columns, zone, '\t');
        std::getline(columns, after, '\t');
        std::getline(columns, next);
        const auto schedule = Cron::parse(expression, zone);
        ASSERT_TRUE(schedule) << schedule.error();
        EXPECT_EQ(text_of(schedule->next_after(moment(after))), utc(next)) << line;
        ++rows;
    }
    EXPECT_GE(rows, 500);
}

}  // namespace
}  // namespace sluice::schedule::testing
