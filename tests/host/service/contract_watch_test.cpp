#include "host/service/contract_watch.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "tests/host/ingress/ingress_fixture.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::host {
namespace {

/// Moved by hand, from any thread.
class MovedClock final : public Clock {
public:
    std::int64_t now_ms() const override { return now_ms_; }
    std::int64_t steady_ms() const override { return now_ms_; }
    void advance(std::int64_t delta_ms) { now_ms_ += delta_ms; }

private:
    std::atomic<std::int64_t> now_ms_ = 1'700'000'000'000;
};

/// The lines of a log, and waiting for one.
class Lines {
public:
    void add(std::string_view line) {
        const std::lock_guard lock(mutex_);
        lines_.emplace_back(line);
        added_.notify_all();
    }
    /// The limit only ends a test that has failed.
    bool wait_for(const std::string& text) {
        std::unique_lock lock(mutex_);
        return added_.wait_for(lock, std::chrono::seconds(120), [&] { return count(text) > 0; });
    }
    std::ptrdiff_t count_of(const std::string& text) {
        const std::lock_guard lock(mutex_);
        return count(text);
    }

private:
    std::ptrdiff_t count(const std::string& text) const {
        return std::ranges::count_if(lines_, [&](const auto& line) { return line.find(text) != std::string::npos; });
    }

    std::mutex mutex_;
    std::condition_variable added_;
    std::vector<std::string> lines_;
};

class ContractWatchTest : public testing::Test {
protected:
    ContractWatchTest() {
        auto connector = make_connector();
        auto plugin = std::make_shared<Plugin>(*connector.plugin);
        contract::Flow flow{.name = "partners", .order = "partners", .ordering_key = "/id"};
        flow.odoo_change = contract::OdooChangeTrigger{.model = "res.partner", .fields = {"email", "ref"}};
        plugin->contract.name = "vendor";
        plugin->contract.flows = {{"partners", flow}};
        connector.plugin = plugin;
        connector.odoo = "main";
        setup.connectors.push_back(connector);
        setup.odoo["main"] = odoo::Account{.endpoint = *http::Endpoint::parse(odoo.url()),
                                           .database = odoo.database(),
                                           .login = odoo.login(),
                                           .api_key = Secret(odoo.api_key()),
                                           .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
        current.replace(make_running_set(setup, RunningSet()));
    }
    std::vector<std::string> findings(const ContractWatch& watch) {
        std::vector<std::string> texts;
        if (const auto status = watch.status("shop"))
            for (const auto& finding : status->report.findings) texts.push_back(finding.to_string());
        return texts;
    }
    /// Lets the time pass until the connector was looked at again.
    bool looked_again(const ContractWatch& watch, std::int64_t after_ms) {
        constexpr int rounds = 60'000, rounds_a_step = 100;
        const auto before = clock.now_ms();
        for (int i = 0; i < rounds; ++i) {
            if (i % rounds_a_step == 0) clock.advance(after_ms);
            const auto status = watch.status("shop");
            if (status && status->at_ms > before) return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        return false;
    }

    static constexpr std::int64_t hour_ms = 3'600'000;
    sim::OdooSimulator odoo;
    host::Setup setup;
    MovedClock clock;
    CurrentSet current;
    delivery::AdmissionControl admission{clock};
    Lines lines;
    telemetry::Logger log{clock, telemetry::Level::info, telemetry::Format::key_value,
                          [this](std::string_view line) { lines.add(line); }};
};

TEST_F(ContractWatchTest, AFieldThatIsRemovedIsToldWithinTheIntervalAndOnce) {
    ContractWatch watch(current, admission, clock, log, hour_ms);
    ASSERT_TRUE(lines.wait_for("the contract fits Odoo"));
    EXPECT_THAT(findings(watch), testing::IsEmpty());

    odoo.seed(R"({"removed_fields": ["res.partner.ref"]})");
    ASSERT_TRUE(looked_again(watch, hour_ms));
    ASSERT_TRUE(lines.wait_for("the contract does not fit Odoo"));
    EXPECT_THAT(findings(watch),
                testing::ElementsAre(testing::AllOf(
                    testing::HasSubstr("flow.partners.odoo_change.fields: res.partner has no field `ref`"),
                    testing::HasSubstr("somebody removed it"))));

    ASSERT_TRUE(looked_again(watch, hour_ms));
    EXPECT_EQ(lines.count_of("the contract does not fit Odoo"), 1) << "what is known is not told again";
    EXPECT_THAT(findings(watch), testing::SizeIs(1));
}

TEST_F(ContractWatchTest, WhereOdooDoesNotAnswerItIsTriedAgainSoonAndWhatIsKnownStays) {
    odoo.seed(R"({"removed_fields": ["res.partner.ref"]})");
    ContractWatch watch(current, admission, clock, log, hour_ms);
    ASSERT_TRUE(lines.wait_for("the contract does not fit Odoo"));
    odoo.set_listening(false);
    ASSERT_TRUE(looked_again(watch, hour_ms));
    ASSERT_TRUE(lines.wait_for("could not be held against Odoo"));
    ASSERT_TRUE(watch.status("shop")->report.error);
    EXPECT_THAT(findings(watch), testing::SizeIs(1));
    odoo.set_listening(true);
    ASSERT_TRUE(looked_again(watch, ContractWatch::retry_ms));
    EXPECT_FALSE(watch.status("shop")->report.error);
    EXPECT_EQ(lines.count_of("the contract does not fit Odoo"), 1);
}

TEST_F(ContractWatchTest, AConnectorThatIsGoneIsForgotten) {
    ContractWatch watch(current, admission, clock, log, hour_ms);
    ASSERT_TRUE(lines.wait_for("the contract fits Odoo"));
    current.replace(make_running_set({}, *current.get()));
    watch.look_now();
    for (int i = 0; i < 60'000 && watch.status("shop"); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_FALSE(watch.status("shop"));
}

TEST_F(ContractWatchTest, AHangingOdooKeepsNobodyWaitingAtTheEnd) {
    odoo.inject({.kind = sim::FaultKind::hang, .path = "/web/webclient/version_info", .count = 0});
    { ContractWatch watch(current, admission, clock, log, hour_ms); }
    SUCCEED() << "it ended";
}

}  // namespace
}  // namespace sluice::host
