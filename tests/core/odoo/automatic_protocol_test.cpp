// `protocol = "auto"`: what the client takes from the version that answers.

#include <gmock/gmock.h>

#include "core/odoo/client.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

class AutomaticTest : public testing::Test {
protected:
    Result<json::Document> call(sim::OdooSimulator& odoo) {
        Account account{.endpoint = *http::Endpoint::parse(odoo.url()),
                        .database = odoo.database(),
                        .login = odoo.login(),
                        .protocol = ProtocolName::automatic,
                        .api_key = Secret(odoo.api_key()),
                        .password = {}};
        Client client(account, session);
        return client.call("res.partner", "search_count", "[[]]", "{}");
    }
    static sim::Fault page(std::string path, int status) {
        return {.kind = sim::FaultKind::html_page, .path = std::move(path), .count = 0, .status = status};
    }
    std::shared_ptr<SharedSession> session = make_shared_session();
};

TEST_F(AutomaticTest, TheVersionIsAskedForOnce) {
    sim::OdooSimulator odoo({.version = 19});
    odoo.inject({.kind = sim::FaultKind::html_page, .path = "/web/webclient/version_info", .skip = 1, .status = 502});
    ASSERT_TRUE(call(odoo));
    ASSERT_TRUE(call(odoo));
    EXPECT_EQ(odoo.faults_fired(), 0);
    EXPECT_EQ(odoo.calls("res.partner.search_count"), 2);
}

// A proxy that lets only some paths through.
TEST_F(AutomaticTest, AnotherPathTellsTheVersionToo) {
    sim::OdooSimulator odoo({.version = 19});
    odoo.inject(page("/web/webclient/version_info", 403));
    EXPECT_TRUE(call(odoo));
    EXPECT_EQ(odoo.calls("res.users.context_get"), 1);
    sim::OdooSimulator older({.version = 17});
    older.inject(page("/web/webclient/version_info", 403));
    session = make_shared_session();
    EXPECT_TRUE(call(older));
    EXPECT_EQ(older.calls("login"), 1);
}

// Nothing is concluded from a server that does not answer as Odoo: an outage is no old version.
TEST_F(AutomaticTest, AnOutageIsNoVersion) {
    sim::OdooSimulator odoo({.version = 19});
    for (const auto* path : {"/web/webclient/version_info", "/json/version", "/jsonrpc"}) odoo.inject(page(path, 502));
    const auto failed = call(odoo);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().failure, Failure::retry) << failed.error().message;
    EXPECT_TRUE(failed.error().disconnected);
    odoo.clear_faults();
    EXPECT_TRUE(call(odoo));
    EXPECT_EQ(odoo.calls("res.users.context_get"), 1);
}

}  // namespace
}  // namespace sluice::odoo
