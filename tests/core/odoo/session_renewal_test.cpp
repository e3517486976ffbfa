// Web sessions that go away, against the simulator: many lanes, one login, nothing applied twice.

#include <gmock/gmock.h>
#include <unistd.h>

#include <barrier>
#include <filesystem>
#include <optional>
#include <thread>

#include "core/odoo/client.hpp"
#include "core/odoo/session.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

using sim::Fault;
using sim::FaultKind;
using testing::HasSubstr;
using testing::Not;

constexpr int lanes_at_once = 8;
constexpr auto authenticate = "/web/session/authenticate";

class SessionRenewalTest : public testing::Test {
protected:
    explicit SessionRenewalTest(sim::SimulatorOptions options = {}) { start(std::move(options)); }

    void start(sim::SimulatorOptions options) {
        odoo.reset();
        odoo.emplace(std::move(options));
        account = {.endpoint = *http::Endpoint::parse(odoo->url()),
                   .database = odoo->database(),
                   .login = odoo->login(),
                   .protocol = ProtocolName::web_session,
                   .password = Secret(odoo->password()),
                   .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
    }
    Client client() { return Client(account, session); }
    Result<json::Document> create(Client& lane, const std::string& name) {
        return lane.call("res.partner", "create", R"([{"name":")" + name + R"("}])", "{}");
    }
    std::int64_t partners(const std::string& prefix) {
        auto lane = client();
        const auto answer =
            lane.call("res.partner", "search_count", R"([[["name","like",")" + prefix + R"("]]])", "{}");
        return answer ? *answer->root().as_int64() : -1;
    }
    /// What each of the lanes got for one creation, all begun at once with the session they share.
    std::vector<Result<json::Document>> create_at_once(const std::string& prefix) {
        std::vector<std::optional<Result<json::Document>>> outcomes(lanes_at_once);
        std::barrier begin(lanes_at_once);
        std::vector<std::thread> threads;
        for (int i = 0; i < lanes_at_once; ++i) {
            threads.emplace_back([&, i] {
                auto lane = client();
                begin.arrive_and_wait();
                outcomes[static_cast<std::size_t>(i)] = create(lane, prefix + std::to_string(i));
            });
        }
        for (auto& thread : threads) thread.join();
        std::vector<Result<json::Document>> out;
        for (auto& outcome : outcomes) out.push_back(std::move(*outcome));
        return out;
    }
    void expect_all_created_with_one_more_login(const std::string& prefix) {
        const auto logins = odoo->calls(authenticate);
        for (const auto& outcome : create_at_once(prefix)) EXPECT_TRUE(outcome) << outcome.error().message;
        EXPECT_EQ(odoo->calls(authenticate), logins + 1);
        EXPECT_EQ(partners(prefix), lanes_at_once);
    }

    std::optional<sim::OdooSimulator> odoo;
    Account account;
    std::shared_ptr<SharedSession> session = make_shared_session();
};

TEST_F(SessionRenewalTest, LanesThatStartTogetherLogInOnce) {
    expect_all_created_with_one_more_login("Start ");
    EXPECT_EQ(odoo->calls("res.partner.create"), lanes_at_once);
}

TEST_F(SessionRenewalTest, ASessionDestroyedUnderEightLanesIsRenewedOnce) {
    for (int round = 0; round < 5; ++round) {
        const auto prefix = "Round " + std::to_string(round) + " ";
        ASSERT_GE(partners(prefix), 0);
        odoo->forget_sessions();
        // So slow that every lane meets the destroyed session before there is another.
        if (round > 0) odoo->inject({.kind = FaultKind::slow, .method = "authenticate", .delay_ms = 50});
        expect_all_created_with_one_more_login(prefix);
    }
    EXPECT_EQ(odoo->calls(authenticate), 6);
}

TEST_F(SessionRenewalTest, ASessionThatExpiresWithinACallIsRenewed) {
    auto lane = client();
    ASSERT_TRUE(create(lane, "Before"));
    odoo->inject({.kind = FaultKind::expire, .method = "create"});
    const auto answer = create(lane, "Within");
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(odoo->calls(authenticate), 2);
    EXPECT_EQ(partners("Within"), 1);
}

TEST_F(SessionRenewalTest, ASessionThatExpiresAgainAtOnceIsARetry) {
    auto lane = client();
    ASSERT_TRUE(create(lane, "Before"));
    odoo->inject({.kind = FaultKind::expire, .method = "create", .count = 2});
    const auto answer = create(lane, "Twice");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::retry);
    EXPECT_EQ(odoo->calls(authenticate), 2);
    EXPECT_TRUE(create(lane, "Twice"));
    EXPECT_EQ(partners("Twice"), 1);
}

TEST_F(SessionRenewalTest, ALostAnswerAfterTheRenewalIsUnknown) {
    auto lane = client();
    ASSERT_TRUE(create(lane, "Before"));
    odoo->inject({.kind = FaultKind::expire, .method = "create"});
    odoo->inject({.kind = FaultKind::die_after_apply, .method = "create"});
    const auto answer = create(lane, "Lost");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::unknown);
    EXPECT_EQ(partners("Lost"), 1) << "it was applied, and not sent again";
}

TEST_F(SessionRenewalTest, APasswordChangedUnderEightLanesIsAskedOnce) {
    ASSERT_EQ(partners("Nobody"), 0);
    const auto change_to = [&](const std::string& password) {
        odoo->seed(R"({"users":[{"login":"sluice","password":")" + password + R"("}]})");
    };
    change_to("another-password");
    for (const auto& outcome : create_at_once("Refused ")) {
        ASSERT_FALSE(outcome);
        EXPECT_EQ(outcome.error().failure, Failure::auth);
        EXPECT_THAT(outcome.error().message, HasSubstr("check the login and its password"));
        EXPECT_THAT(outcome.error().message, Not(HasSubstr("session_id")));
    }
    EXPECT_EQ(odoo->calls(authenticate), 2);
    for (const auto& outcome : create_at_once("Refused ")) EXPECT_FALSE(outcome);
    EXPECT_EQ(odoo->calls(authenticate), 2) << "not before somebody resumes";

    change_to("sluice");
    session->allow_login();
    expect_all_created_with_one_more_login("Allowed ");
    EXPECT_EQ(partners("Refused "), 0);
}

TEST_F(SessionRenewalTest, ARestartedOdooThatKeptItsSessionsIsNotNoticed) {
    const auto store = std::filesystem::temp_directory_path() / ("sluice-renewal-" + std::to_string(::getpid()));
    std::filesystem::remove(store);
    start({.store_path = store.string()});
    auto lane = client();
    ASSERT_TRUE(create(lane, "Kept"));
    const auto port = odoo->port();
    start({.port = port, .store_path = store.string()});
    EXPECT_TRUE(create(lane, "Kept"));
    EXPECT_EQ(odoo->calls(authenticate), 0) << "of the new process";

    start({.port = port, .store_path = store.string()});
    odoo->forget_sessions();  // as in a container whose files went with it
    expect_all_created_with_one_more_login("After ");
    EXPECT_EQ(partners("Kept"), 2);
    odoo.reset();
    EXPECT_EQ(create(lane, "Down").error().failure, Failure::retry);
    std::filesystem::remove(store);
}

TEST_F(SessionRenewalTest, AProbeRenewsToo) {
    auto lane = client();
    ASSERT_TRUE(create(lane, "Before"));
    odoo->forget_sessions();
    EXPECT_TRUE(lane.probe());
    EXPECT_TRUE(create(lane, "After"));
    EXPECT_EQ(odoo->calls(authenticate), 2);
}

/// A server with several databases does not say that a session is gone: it finds no database, and 404.
class SeveralDatabasesTest : public SessionRenewalTest, public testing::WithParamInterface<int> {
protected:
    SeveralDatabasesTest() : SessionRenewalTest({.version = GetParam(), .several_databases = true}) {}
};

TEST_P(SeveralDatabasesTest, AnUnknownSessionIsRenewedOnce) {
    expect_all_created_with_one_more_login("First ");
    odoo->forget_sessions();
    expect_all_created_with_one_more_login("Then ");
}

TEST_P(SeveralDatabasesTest, ASessionIsRenewedAfterPostgresqlWasDown) {
    auto lane = client();
    ASSERT_TRUE(create(lane, "Before"));
    odoo->inject({.kind = FaultKind::pg_down, .count = 0});
    const auto down = create(lane, "Down");
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().failure, Failure::retry);
    EXPECT_TRUE(down.error().disconnected);
    EXPECT_FALSE(lane.probe());
    odoo->clear_faults();
    EXPECT_TRUE(create(lane, "After"));
    EXPECT_EQ(partners("Down"), 0);
}

INSTANTIATE_TEST_SUITE_P(Odoo, SeveralDatabasesTest, testing::Values(16, 17, 18, 19),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace sluice::odoo
