#include "host/admin/query.hpp"

#include <gmock/gmock.h>

namespace sluice::host {
namespace {

TEST(Query, ReadsEveryParameter) {
    const auto target =
        parse_target("/v0/events?connector=my%2Dshop&flow=order&fingerprint=0f3a&state=waiting&after=12&limit=1000");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/v0/events");
    EXPECT_EQ(target->filter.connector, "my-shop");
    EXPECT_EQ(target->filter.flow, "order");
    EXPECT_EQ(target->filter.fingerprint, "0f3a");
    EXPECT_EQ(target->filter.state, journal::EventState::waiting);
    EXPECT_EQ(target->filter.after_seq, 12);
    EXPECT_EQ(target->filter.limit, 1'000);
}

TEST(Query, NothingGivenIsEveryEvent) {
    const auto target = parse_target("/v0/events");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->filter.connector, "");
    EXPECT_FALSE(target->filter.state);
    EXPECT_EQ(target->filter.after_seq, 0);
    EXPECT_EQ(target->filter.limit, 50);
}

TEST(Query, SaysWhatWouldBeRight) {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"/v0/events?limt=5",
         "unknown parameter `limt`; there are `connector`, `flow`, `fingerprint`, `state`, `after` or `limit`; did you "
         "mean "
         "`limit`?"},
        {"/v0/events?limit=0", "`limit` is `0`; give a number from 1 to 1000"},
        {"/v0/events?limit=1001", "`limit` is `1001`; give a number from 1 to 1000"},
        {"/v0/events?limit=5x", "`limit` is `5x`; give a number from 1 to 1000"},
        {"/v0/events?after=-1", "`after` is `-1`; give an event's number"},
        {"/v0/events?state=asleep",
         "`state` is `asleep`; choose one of ready, waiting, claimed, done, dead, discarded, superseded"},
        {"/v0/events?limit=5&limit=6", "`limit` is given twice; give it once"},
        {"/v0/events?x=%zz", "the request's target is no path"}};
    for (const auto& [target, message] : wrong) {
        const auto parsed = parse_target(target);
        ASSERT_FALSE(parsed) << target;
        EXPECT_EQ(parsed.error().message, message);
    }
}

}  // namespace
}  // namespace sluice::host
