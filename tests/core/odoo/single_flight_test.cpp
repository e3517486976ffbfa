#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "core/odoo/record_writer.hpp"

namespace sluice::odoo {
namespace {

TEST(SingleFlight, FiftyThreadsOfOneIdentityCreateOnce) {
    SingleFlight flights(60'000);
    bool exists = false;  // guarded by the flight alone: a data race here is a defect
    int created = 0;
    std::atomic<int> inside = 0, most_inside = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 50; ++i) {
        threads.emplace_back([&] {
            const auto guard = flights.enter("res.partner customer_1");
            ASSERT_TRUE(guard);
            most_inside = std::max(most_inside.load(), ++inside);
            if (!exists) {
                std::this_thread::yield();
                exists = true;
                ++created;
            }
            --inside;
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(created, 1);
    EXPECT_EQ(most_inside, 1);
}

TEST(SingleFlight, OtherIdentitiesDoNotWait) {
    SingleFlight flights;
    const auto one = flights.enter("a");
    const auto other = flights.enter("b");
    EXPECT_TRUE(one);
    EXPECT_TRUE(other);
}

TEST(SingleFlight, NobodyWaitsAsLongAsAHolderThatHangs) {
    SingleFlight flights(1);
    const auto holder = flights.enter("res.partner email");
    const auto second = flights.enter("res.partner email");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().failure, Failure::rate_limited) << "comes again, and counts no attempt";
}

TEST(SingleFlight, AGuardMayOutliveItsFlights) {
    auto flights = std::make_unique<SingleFlight>();
    auto guard = flights->enter("a");
    flights.reset();
    guard->reset();
}

}  // namespace
}  // namespace sluice::odoo
