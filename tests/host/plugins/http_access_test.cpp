#include "host/plugins/http_access.hpp"

#include <gtest/gtest.h>

namespace sluice::host {
namespace {

TEST(LaneHttp, CancelledBeforeItsFirstCallSendsNothing) {
    LaneHttp lane;
    lane.cancel();
    const auto response = lane.send(http::Endpoint::parse("http://127.0.0.1:1").value(), {});
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().failure, Failure::cancelled);
}

TEST(LaneHttp, ServesMoreEndpointsThanItKeeps) {
    LaneHttp lane;
    for (int port = 1; port <= 12; ++port) {  // privileged ports that nothing listens on: refused at once
        const auto endpoint = http::Endpoint::parse("http://127.0.0.1:" + std::to_string(port));
        const auto response = lane.send(*endpoint, {});
        ASSERT_FALSE(response);
        EXPECT_EQ(response.error().failure, Failure::retry);
        EXPECT_TRUE(response.error().disconnected);
    }
}

}  // namespace
}  // namespace sluice::host
