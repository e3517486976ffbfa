// What may stand in a cron expression, and what is said about the rest.

#include "core/schedule/cron_fields.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace sluice::schedule {
namespace {

using ::testing::ElementsAre;

std::vector<unsigned> numbers_of(const CronField& field) {
    std::vector<unsigned> numbers;
    for (unsigned number = 0; number < 64; ++number) {
        if (field.has(number)) numbers.push_back(number);
    }
    return numbers;
}

CronFields read(std::string_view expression) {
    return parse_cron_fields(expression).value();
}

TEST(CronFields, AreListsOfNumbersRangesAndSteps) {
    const CronFields fields = read("0,30-33,58 8-18/4 1-7,31 */5 *");
    EXPECT_THAT(numbers_of(fields.minute), ElementsAre(0, 30, 31, 32, 33, 58));
    EXPECT_THAT(numbers_of(fields.hour), ElementsAre(8, 12, 16));
    EXPECT_THAT(numbers_of(fields.day_of_month), ElementsAre(1, 2, 3, 4, 5, 6, 7, 31));
    EXPECT_THAT(numbers_of(fields.month), ElementsAre(1, 6, 11));
    EXPECT_THAT(numbers_of(fields.day_of_week), ElementsAre(0, 1, 2, 3, 4, 5, 6));
}

TEST(CronFields, KnowWhereAStarStands) {
    const CronFields fields = read("*/20,7 0-23 1-31 3,* 0-7");
    EXPECT_TRUE(fields.minute.star);
    EXPECT_FALSE(fields.hour.star) << "every hour is allowed, and still each is named";
    EXPECT_FALSE(fields.day_of_month.star);
    EXPECT_TRUE(fields.month.star);
    EXPECT_FALSE(fields.day_of_week.star);
}

TEST(CronFields, HaveNamesInAnyCase) {
    const CronFields fields = read("0 0 * JAN,mar-May/2,Dec Mon-wed,FRI");
    EXPECT_THAT(numbers_of(fields.month), ElementsAre(1, 3, 5, 12));
    EXPECT_THAT(numbers_of(fields.day_of_week), ElementsAre(1, 2, 3, 5));
}

TEST(CronFields, CallSundayZeroAndSeven) {
    for (const char* sunday : {"0", "7", "SUN", "0-0", "7-7", "7-0", "0,7", "*/7"}) {
        EXPECT_THAT(numbers_of(read(std::string("0 0 * * ") + sunday).day_of_week), ElementsAre(0)) << sunday;
    }
    EXPECT_THAT(numbers_of(read("0 0 * * 5-7").day_of_week), ElementsAre(0, 5, 6));
    EXPECT_THAT(numbers_of(read("0 0 * * FRI-SUN").day_of_week), ElementsAre(0, 5, 6));
    EXPECT_THAT(numbers_of(read("0 0 * * 7-2").day_of_week), ElementsAre(0, 1, 2));
    EXPECT_THAT(numbers_of(read("0 0 * * 1-7/2").day_of_week), ElementsAre(0, 1, 3, 5));
}

TEST(CronFields, AreSeparatedByAnyWhiteSpace) {
    EXPECT_THAT(numbers_of(read(" \t5   4\t3 2  1 \n").minute), ElementsAre(5));
}

TEST(CronFields, HaveShorthands) {
    const std::vector<std::pair<const char*, const char*>> same = {{"@hourly", "0 * * * *"},
                                                                   {"@daily", "0 0 * * *"},
                                                                   {"@weekly", "0 0 * * 0"},
                                                                   {"@Monthly", "0 0 1 * *"},
                                                                   {"@yearly", "0 0 1 1 *"}};
    for (const auto& [shorthand, expression] : same) {
        const CronFields left = read(shorthand), right = read(expression);
        EXPECT_EQ(left.minute.numbers, right.minute.numbers) << shorthand;
        EXPECT_EQ(left.hour.numbers, right.hour.numbers) << shorthand;
        EXPECT_EQ(left.day_of_month.numbers, right.day_of_month.numbers) << shorthand;
        EXPECT_EQ(left.month.numbers, right.month.numbers) << shorthand;
        EXPECT_EQ(left.day_of_week.numbers, right.day_of_week.numbers) << shorthand;
    }
}

TEST(CronFields, SayWhatIsWrong) {
    struct Wrong {
        const char* expression;
        const char* message;
    };
    const std::vector<Wrong> wrong = {
        {"60 * * * *", "cron expression `60 * * * *`: minute must be from 0 to 59; found `60`"},
        {"0 24 * * *", "cron expression `0 24 * * *`: hour must be from 0 to 23; found `24`"},
        {"0 0 0 * *", "cron expression `0 0 0 * *`: day-of-month must be from 1 to 31; found `0`"},
        {"0 0 * 13 *", "cron expression `0 0 * 13 *`: month must be from 1 to 12 or JAN to DEC; found `13`"},
        {"0 0 * JANUARY *",
         "cron expression `0 0 * JANUARY *`: month must be from 1 to 12 or JAN to DEC; found `JANUARY`"},
        {"0 0 * * 8", "cron expression `0 0 * * 8`: day-of-week must be from 0 to 7 or SUN to SAT; found `8`"},
        {"0 MON * * *", "cron expression `0 MON * * *`: hour must be from 0 to 23; found `MON`"},
        {"0 0 L * *", "cron expression `0 0 L * *`: day-of-month must be from 1 to 31; found `L`"},
        {"0 9-25 * * *", "cron expression `0 9-25 * * *`: hour must be from 0 to 23; found `25`"},
        {"-5 * * * *", "cron expression `-5 * * * *`: minute must be from 0 to 59; found `-5`"},
        {"5- * * * *", "cron expression `5- * * * *`: minute must be from 0 to 59; found `5-`"},
        {"1-2-3 * * * *", "cron expression `1-2-3 * * * *`: minute must be from 0 to 59; found `2-3`"},
        {"+5 * * * *", "cron expression `+5 * * * *`: minute must be from 0 to 59; found `+5`"},
        {"99999999999999999999 * * * *",
         "cron expression `99999999999999999999 * * * *`: minute must be from 0 to 59; found `99999999999999999999`"},
        {"0 22-2 * * *",
         "cron expression `0 22-2 * * *`: hour: a range must rise; found `22-2`; right would be `22-23,0-2`"},
        {"0 0 * * FRI-MON",
         "cron expression `0 0 * * FRI-MON`: day-of-week: a range must rise; found `FRI-MON`; "
         "right would be `5-6,0-1`"},
        {"*/0 * * * *", "cron expression `*/0 * * * *`: minute: a step must be from 1 to 59; found `0`"},
        {"* */24 * * *", "cron expression `* */24 * * *`: hour: a step must be from 1 to 23; found `24`"},
        {"*/ * * * *", "cron expression `*/ * * * *`: minute: a step must be from 1 to 59; found ``"},
        {"*/2/3 * * * *", "cron expression `*/2/3 * * * *`: minute: a step must be from 1 to 59; found `2/3`"},
        {"5/15 * * * *",
         "cron expression `5/15 * * * *`: minute: a step needs `*` or a range before it; found "
         "`5/15`; right would be `5-59/15`"},
        {"1,,2 * * * *", "cron expression `1,,2 * * * *`: minute: nothing stands beside a comma; found `1,,2`"},
        {"1, 2 * * *", "cron expression `1, 2 * * *`: minute: nothing stands beside a comma; found `1,`"},
        {"0 0 * *",
         "cron expression `0 0 * *` must have 5 fields (minute hour day-of-month month day-of-week); "
         "found 4"},
        {"0 0 0 * * *",
         "cron expression `0 0 0 * * *` must have 5 fields (minute hour day-of-month month "
         "day-of-week); found 6"},
        {" ", "cron expression `` must have 5 fields (minute hour day-of-month month day-of-week); found 0"},
        {"@daly",
         "cron expression `@daly` is unknown; right would be @hourly, @daily, @weekly, @monthly, @yearly or "
         "five fields; did you mean `@daily`?"},
        {"@reboot",
         "cron expression `@reboot` is unknown; right would be @hourly, @daily, @weekly, @monthly, "
         "@yearly or five fields"},
    };
    for (const auto& [expression, message] : wrong) {
        const auto fields = parse_cron_fields(expression);
        ASSERT_FALSE(fields) << expression;
        EXPECT_EQ(fields.error(), message);
    }
}

}  // namespace
}  // namespace sluice::schedule
