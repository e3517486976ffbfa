#include "core/telemetry/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace sluice::telemetry {
namespace {

using ::testing::ElementsAre;

struct Capture {
    ManualClock clock;
    std::vector<std::string> lines;
    Logger::Sink sink() {
        return [this](std::string_view line) { lines.emplace_back(line); };
    }
};

const std::string head = "time=2023-11-14T22:13:20.000Z level=info message=";

std::string spell(std::string_view value, Format format = Format::key_value) {
    Capture capture;
    Logger(capture.clock, Level::info, format, capture.sink()).info(value);
    const std::string& line = capture.lines.at(0);
    return format == Format::key_value ? line.substr(head.size()) : line;
}

TEST(Log, WritesTheSubjectAndFieldsInOrder) {
    Capture capture;
    const Logger log(capture.clock, Level::info, Format::key_value, capture.sink());
    log.warning("delivery failed",
                {.connector = "my-shop", .flow = "orders", .event = "e-1", .ordering_key = "order 7", .attempt = 3},
                {{"error", "odoo:8069: connect: refused"}});
    EXPECT_THAT(capture.lines,
                ElementsAre("time=2023-11-14T22:13:20.000Z level=warning message=\"delivery failed\" connector=my-shop "
                            "flow=orders event=e-1 ordering_key=\"order 7\" attempt=3 error=\"odoo:8069: connect: "
                            "refused\""));
}

TEST(Log, WritesTheSameAsJson) {
    Capture capture;
    const Logger log(capture.clock, Level::info, Format::json, capture.sink());
    log.info("started", {.connector = "shop", .attempt = 1}, {{"port", "8080"}});
    EXPECT_THAT(capture.lines, ElementsAre(R"({"time":"2023-11-14T22:13:20.000Z","level":"info","message":"started",)"
                                           R"("connector":"shop","attempt":1,"port":"8080"})"));
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
    Capture capture;
    const Logger log(capture.clock, Level::warning, Format::key_value, capture.sink());
    log.debug("a");
    log.info("b");
    log.error("c");
    EXPECT_EQ(capture.lines.size(), 1U);
    EXPECT_FALSE(log.enabled(Level::info));
    EXPECT_TRUE(log.enabled(Level::warning));
}

TEST(Log, AValueCannotForgeALineOrAField) {
    EXPECT_EQ(spell("a\nlevel=error message=forged"), R"("a\nlevel=error message=forged")");
    EXPECT_EQ(spell("a\r\n\tb"), R"("a\r\n\tb")");
    EXPECT_EQ(spell("x\" level=\"error"), R"("x\" level=\"error")");
    EXPECT_EQ(spell("x\\\" y=1"), R"("x\\\" y=1")");
    EXPECT_EQ(spell("a=b"), R"("a=b")");
    EXPECT_EQ(spell(""), R"("")");
    EXPECT_EQ(spell("a\nb\"c", Format::json),
              R"({"time":"2023-11-14T22:13:20.000Z","level":"info","message":"a\nb\"c"})");
}

TEST(Log, AValueCannotDriveATerminal) {
    EXPECT_EQ(spell("\x1b[31mred"), R"("\u001b[31mred")");
    EXPECT_EQ(spell("\xc2\x9b"), R"("\u009b")");
    EXPECT_EQ(spell("\x7f"), R"("\u007f")");
    EXPECT_EQ(spell("a\xe2\x80\xa8"
                    "b"),
              R"("a\u2028b")");
    EXPECT_EQ(spell("a\xe2\x80\xae"
                    "b"),
              R"("a\u202eb")");
    EXPECT_EQ(spell(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(Log, KeepsTextAndMarksBytesThatAreNone) {
    EXPECT_EQ(spell("Jos\xc3\xa9 \xf0\x9f\x98\x80"), "\"Jos\xc3\xa9 \xf0\x9f\x98\x80\"");
    EXPECT_EQ(spell("a\xff"
                    "b"),
              R"("a\ufffdb")");
    EXPECT_EQ(spell("\xc0\xaf"), R"("\ufffd\ufffd")");
    EXPECT_EQ(spell("cut \xe2\x82"), R"("cut \ufffd\ufffd")");
    EXPECT_EQ(spell("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
}

TEST(Log, AFormatCharacterInAValueIsText) {
    EXPECT_EQ(spell("{} {0} %v"), R"("{} {0} %v")");
}

TEST(Log, CutsLongValues) {
    const std::string longest(Logger::max_value_bytes, 'x');
    EXPECT_EQ(spell(longest), longest);
    EXPECT_EQ(spell(longest + "y"), "\"" + longest + "...\"");
}

TEST(Log, AKeyIsAlwaysOneWord) {
    Capture capture;
    const Logger log(capture.clock, Level::info, Format::key_value, capture.sink());
    log.info("m", {}, {{"a b=\n", "1"}});
    EXPECT_EQ(capture.lines.at(0), head + "m a_b__=1");
}

TEST(Log, LinesOfManyThreadsStayWhole) {
    Capture capture;
    const Logger log(capture.clock, Level::info, Format::key_value, capture.sink());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int line = 0; line < 100; ++line) log.info("same");
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(capture.lines.size(), 400U);
    EXPECT_THAT(capture.lines, ::testing::Each(head + "same"));
}

TEST(Log, LevelsHaveWords) {
    for (const Level level : {Level::debug, Level::info, Level::warning, Level::error}) {
        EXPECT_EQ(parse_level(to_string(level)), level);
    }
    EXPECT_EQ(parse_level("warn"), std::nullopt);
}

TEST(Log, WritesToTheStandardError) {
    ManualClock clock;
    ::testing::internal::CaptureStderr();
    Logger(clock, Level::info, Format::key_value).info("up");
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), head + "up\n");
}

}  // namespace
}  // namespace sluice::telemetry
