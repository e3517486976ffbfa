#include "host/service/queue_files.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;

struct QueueFilesTest : testing::Test {
    journal::testing::TemporaryFolder folder;
    QueueFiles files{folder.path() / "queues"};
    const QueueNames names{.stream = "ORDERS", .consumer = "odoo", .subject = "orders.>"};
    const QueuePlace place{.sequence = 812, .stored_at_ns = 1'700'000'000'123'456'789};
};

TEST_F(QueueFilesTest, WhatIsSavedIsLoadedByTheNextProcess) {
    EXPECT_EQ(files.load("shop", "order", names).value(), QueuePlace{});
    ASSERT_TRUE(files.save("shop", "order", names, {.sequence = 1, .stored_at_ns = 1}));
    ASSERT_TRUE(files.save("shop", "order", names, place));
    QueueFiles next(folder.path() / "queues");
    EXPECT_EQ(next.load("shop", "order", names).value(), place);
    EXPECT_EQ(next.load("shop", "refund", names).value(), QueuePlace{});
}

TEST_F(QueueFilesTest, WhoReadsAnotherStreamConsumerOrSubjectBeginsAnew) {
    ASSERT_TRUE(files.save("shop", "order", names, place));
    for (const auto changed : {&QueueNames::stream, &QueueNames::consumer, &QueueNames::subject}) {
        auto others = names;
        others.*changed = "other";
        EXPECT_EQ(files.load("shop", "order", others).value(), QueuePlace{});
    }
}

TEST_F(QueueFilesTest, AFileThatIsDamagedIsNoStreamThatWasNeverRead) {
    ASSERT_TRUE(files.save("shop", "order", names, place));
    for (const auto* text : {"", "[]", "{\"stream\":\"ORDERS\"}"}) {
        std::ofstream(folder.path() / "queues" / "shop.order") << text;
        const auto loaded = files.load("shop", "order", names);
        ASSERT_FALSE(loaded) << text;
        EXPECT_THAT(loaded.error().message, HasSubstr("shop.order does not say how far"));
    }
}

}  // namespace
}  // namespace sluice::host
