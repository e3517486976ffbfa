#include "core/delivery/turn_queue.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace sluice::delivery::testing {
namespace {

using ::testing::ElementsAre;

struct TurnQueueTest : ::testing::Test {
    TurnQueue queue;
    std::vector<std::pair<std::string, TurnQueue::Ticket>> waiting;

    void enter(const std::string& party) { waiting.emplace_back(party, queue.enter(party)); }
    std::string serve() {
        for (auto one = waiting.begin(); one != waiting.end(); ++one) {
            if (!queue.is_next(one->second)) continue;
            const auto party = one->first;
            queue.served(one->second);
            waiting.erase(one);
            return party;
        }
        return "nobody";
    }
    std::vector<std::string> serve_all() {
        std::vector<std::string> order;
        while (queue.waiting() > 0) order.push_back(serve());
        return order;
    }
};

TEST_F(TurnQueueTest, WithinAPartyWhoWaitsLongestGoesFirst) {
    for (int i = 0; i < 5; ++i) enter("shop");
    for (std::size_t i = 0; i < 5; ++i) {
        ASSERT_TRUE(queue.is_next(waiting.front().second));
        queue.served(waiting.front().second);
        waiting.erase(waiting.begin());
    }
}

TEST_F(TurnQueueTest, PartiesTakeTurnsHoweverManyWaitersTheyHave) {
    for (int i = 0; i < 4; ++i) enter("busy");
    enter("small");
    enter("third");
    enter("small");
    EXPECT_THAT(serve_all(), ElementsAre("busy", "small", "third", "busy", "small", "busy", "busy"));
}

TEST_F(TurnQueueTest, APartyThatNeverStopsStarvesNobody) {
    enter("busy");
    enter("busy");
    enter("small");
    int until_small = 0;
    for (; serve() != "small"; ++until_small) enter("busy");
    EXPECT_LE(until_small, 1);
}

TEST_F(TurnQueueTest, WhoGaveUpIsBeforeTheOthersWhenItComesBack) {
    enter("busy");
    EXPECT_EQ(serve(), "busy");
    enter("small");
    queue.leave(waiting.back().second);
    waiting.clear();
    enter("busy");
    enter("small");
    EXPECT_EQ(serve(), "small");
}

}  // namespace
}  // namespace sluice::delivery::testing
