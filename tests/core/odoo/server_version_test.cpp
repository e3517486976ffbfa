#include "core/odoo/server_version.hpp"

#include <gtest/gtest.h>

#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

constexpr http::Timeouts timeouts{.connect_ms = 5'000, .total_ms = 20'000};

TEST(ServerVersion, IsAskedOnceWithoutALogin) {
    sim::OdooSimulator odoo;
    http::Client here(http::Endpoint::parse(odoo.url()).value());
    KnownVersion known;
    const auto first = known.get(here, timeouts);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(first->major, 17);
    EXPECT_EQ(odoo.calls("login"), 0);
    http::Client nowhere(http::Endpoint::parse("http://127.0.0.1:1").value());
    EXPECT_TRUE(known.get(nowhere, timeouts)) << "known already";
    EXPECT_FALSE(known.refresh(nowhere, timeouts));
    EXPECT_TRUE(known.get(nowhere, timeouts)) << "what was known stays where nobody answers";
}

TEST(ServerVersion, WhereNobodyAnswersIsSomethingToTryAgain) {
    http::Client nowhere(http::Endpoint::parse("http://127.0.0.1:1").value());
    const auto version = ask_version(nowhere, timeouts);
    ASSERT_FALSE(version);
    EXPECT_EQ(version.error().failure, Failure::retry);
}

}  // namespace
}  // namespace sluice::odoo
