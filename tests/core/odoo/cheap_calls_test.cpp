// What makes calls cheap on a real server (FACTS 2), counted on the simulator of each version: no call makes Odoo list
// its databases, and connections are kept where the server keeps them, and only there.

#include <gtest/gtest.h>

#include <tuple>

#include "core/odoo/client.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

using Setting = std::tuple<ProtocolName, int>;

class CheapCalls : public testing::TestWithParam<Setting> {
protected:
    static ProtocolName protocol() { return std::get<0>(GetParam()); }
    static int version() { return std::get<1>(GetParam()); }
    static Account account(const sim::OdooSimulator& odoo) {
        return {.endpoint = *http::Endpoint::parse(odoo.url()),
                .database = odoo.database(),
                .login = odoo.login(),
                .protocol = protocol(),
                .api_key = Secret(odoo.api_key()),
                .password = Secret(odoo.password()),
                .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
    }
    static void call(Client& client) {
        const auto answer = client.call("res.partner", "search_count", "[[]]", "{}");
        ASSERT_TRUE(answer) << answer.error().message;
    }
    /// Before the first call: a page for its cookie, the version, a login.
    static int requests_before() {
        if (protocol() == ProtocolName::automatic) return version() >= 19 ? 2 : 3;
        return protocol() == ProtocolName::jsonrpc ? 2 : 1;
    }
};

TEST_P(CheapCalls, NoneMakesOdooListItsDatabases) {
    sim::OdooSimulator odoo({.version = version()});
    const auto session = make_shared_session();
    Client one(account(odoo), session), other(account(odoo), session);
    for (auto* lane : {&one, &other, &one, &other}) call(*lane);
    EXPECT_EQ(odoo.calls_listing_databases(), 0);
}

TEST_P(CheapCalls, AServerThatClosesGetsAConnectionACallAndNoneInAdvance) {
    sim::OdooSimulator odoo({.version = version()});
    Client client(account(odoo), make_shared_session());
    for (int i = 0; i < 5; ++i) call(client);
    EXPECT_EQ(odoo.connections(), requests_before() + 5);
}

TEST_P(CheapCalls, OneConnectionALaneBehindAProxyThatKeepsThem) {
    sim::OdooSimulator odoo({.version = version(), .keep_alive = true});
    const auto session = make_shared_session();
    Client one(account(odoo), session), other(account(odoo), session);
    for (int i = 0; i < 5; ++i) {
        call(one);
        call(other);
    }
    EXPECT_EQ(odoo.connections(), 2);
}

INSTANTIATE_TEST_SUITE_P(Odoo, CheapCalls,
                         testing::Values(Setting{ProtocolName::jsonrpc, 16}, Setting{ProtocolName::jsonrpc, 17},
                                         Setting{ProtocolName::jsonrpc, 18}, Setting{ProtocolName::jsonrpc, 19},
                                         Setting{ProtocolName::json2, 19}, Setting{ProtocolName::web_session, 16},
                                         Setting{ProtocolName::web_session, 17}, Setting{ProtocolName::web_session, 19},
                                         Setting{ProtocolName::automatic, 17}, Setting{ProtocolName::automatic, 19}),
                         [](const auto& given) {
                             const auto name = std::get<0>(given.param);
                             return std::string(name == ProtocolName::jsonrpc     ? "jsonrpc"
                                                : name == ProtocolName::json2     ? "json2_"
                                                : name == ProtocolName::automatic ? "auto"
                                                                                  : "web_session") +
                                    std::to_string(std::get<1>(given.param));
                         });

TEST(CheapCallsDefaults, ACallMayTakeLongerThanOdoosOwnRetriesOfAConflict) {
    constexpr std::int64_t seen_ms = 87'000;
    EXPECT_GT(Account{}.timeouts.total_ms, seen_ms);
    EXPECT_GT(http::Timeouts{}.total_ms, seen_ms);
    EXPECT_EQ(Account{}.timeouts.first_byte_ms, 0) << "Odoo sends nothing while it retries";
}

}  // namespace
}  // namespace sluice::odoo
