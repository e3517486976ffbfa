#include "host/plugins/delivery_state.hpp"

#include <gtest/gtest.h>

#include "host/plugins/limits.hpp"
#include "tests/host/plugins/fakes.hpp"

namespace sluice::host {
namespace {

TEST(DeliveryState, ReadsTheJournalOncePerName) {
    FakeMemory journal;
    journal.state["a"] = {.value = "1", .version = 3};
    DeliveryState state(journal, "shop");
    EXPECT_EQ(state.get("a").value(), "1");
    journal.state["a"] = {.value = "2", .version = 4};
    EXPECT_EQ(state.get("a").value(), "1") << "one delivery sees one value";
    EXPECT_EQ(journal.state_reads, 1);
    EXPECT_TRUE(state.puts().empty()) << "reading changes nothing";
}

TEST(DeliveryState, APutKeepsTheVersionItSaw) {
    FakeMemory journal;
    journal.state["a"] = {.value = "1", .version = 3};
    DeliveryState state(journal, "shop");
    ASSERT_TRUE(state.put("a", "2"));
    journal.state["a"] = {.value = "9", .version = 4};  // another delivery commits: ours must meet the conflict
    const auto puts = state.puts();
    ASSERT_EQ(puts.size(), 1U);
    EXPECT_EQ(puts[0].expected_version, 3);
}

TEST(DeliveryState, AnIdThatSeveralLanesLearnAtOnceIsNoConflict) {
    FakeMemory journal;
    DeliveryState state(journal, "shop");
    EXPECT_EQ(state.recall("customer_1"), std::nullopt);
    state.remember("customer_1", 7);
    EXPECT_EQ(state.recall("customer_1"), 7);
    journal.state["id/customer_1"] = {.value = "7", .version = 1};
    const auto puts = state.puts();
    ASSERT_EQ(puts.size(), 1U);
    EXPECT_EQ(puts[0].expected_version, journal::StatePut::any_version);
}

TEST(DeliveryState, AMemoryThatIsNoIdOrCannotBeReadIsNone) {
    FakeMemory journal;
    journal.state["id/a"] = {.value = "7x", .version = 1};
    journal.state["id/b"] = {.value = "-7", .version = 1};
    DeliveryState state(journal, "shop");
    EXPECT_EQ(state.recall("a"), std::nullopt);
    EXPECT_EQ(state.recall("b"), std::nullopt);
    journal.broken = true;
    EXPECT_EQ(state.recall("c"), std::nullopt);
}

TEST(DeliveryState, HasLimits) {
    FakeMemory journal;
    DeliveryState state(journal, "shop");
    EXPECT_FALSE(state.put("", "x"));
    EXPECT_FALSE(state.put(std::string(max_name_bytes + 1, 'n'), "x"));
    EXPECT_FALSE(state.put("id/a", "x"));
    EXPECT_FALSE(state.put("a", std::string(max_state_bytes + 1, 'x')));
    for (std::size_t index = 0; index < max_state_puts; ++index) ASSERT_TRUE(state.put(std::to_string(index), "x"));
    EXPECT_TRUE(state.put("0", "again"));
    const auto beyond = state.put("one more", "x");
    ASSERT_FALSE(beyond);
    EXPECT_EQ(beyond.error().failure, Failure::rejected);
}

}  // namespace
}  // namespace sluice::host
