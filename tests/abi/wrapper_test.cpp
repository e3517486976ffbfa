// The wrapper by itself: what it writes and what it makes of statuses.

#include <gtest/gtest.h>
#include <sluice/plugin.hpp>

namespace {

using sluice::detail::quote;
using sluice::detail::throw_failure;

template <class Expected>
bool throws(sluice_status status) {
    try {
        throw_failure({.status = status, .message = "m", .retry_after_ms = 4});
    } catch (const Expected& failure) {
        return failure.status() == status && failure.details().retry_after_ms == 4 &&
               std::string(failure.what()) == "m";
    } catch (...) {
        return false;
    }
}

TEST(Wrapper, ThrowsTheClassOfAStatusAndKeepsItsCode) {
    EXPECT_TRUE(throws<sluice::Retry>(SLUICE_RETRY));
    EXPECT_TRUE(throws<sluice::Retry>(177));
    EXPECT_TRUE(throws<sluice::Unknown>(SLUICE_UNKNOWN));
    EXPECT_TRUE(throws<sluice::RateLimited>(SLUICE_RATE_LIMITED));
    EXPECT_TRUE(throws<sluice::Rejected>(SLUICE_REJECTED));
    EXPECT_TRUE(throws<sluice::Rejected>(277));
    EXPECT_TRUE(throws<sluice::Invalid>(SLUICE_INVALID));
    EXPECT_TRUE(throws<sluice::Auth>(SLUICE_AUTH));
    EXPECT_TRUE(throws<sluice::Cancelled>(SLUICE_CANCELLED));
    EXPECT_TRUE(throws<sluice::Rejected>(999));
}

TEST(Wrapper, QuotesHeaderTextsAsJson) {
    EXPECT_EQ(quote("plain"), "\"plain\"");
    EXPECT_EQ(quote("a\"b\\c\n\x1f ü"), "\"a\\\"b\\\\c\\u000a\\u001f ü\"");
}

}  // namespace
