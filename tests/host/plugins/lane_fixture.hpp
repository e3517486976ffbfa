#pragma once
// One lane of a connector of a test plugin, over fakes.

#include <gtest/gtest.h>

#include "host/plugins/plugin_instance.hpp"
#include "tests/host/plugins/fakes.hpp"

namespace sluice::host {

/// A machine's two clocks, moved by hand: time passes on both, and the wall clock can be set.
class TwoClocks final : public Clock {
public:
    std::int64_t now_ms() const override { return passed_.now_ms() + set_by_ms_; }
    std::int64_t steady_ms() const override { return passed_.steady_ms(); }
    void advance(std::int64_t ms) { passed_.advance(ms); }
    void set_wall_by(std::int64_t ms) { set_by_ms_ += ms; }

private:
    ManualClock passed_;
    std::int64_t set_by_ms_ = 0;
};

class LaneFixture : public ::testing::Test {
protected:
    static constexpr std::int64_t odoo_total_ms = 1'000;

    FakeMemory journal;
    TwoClocks clock;
    delivery::AdmissionControl admission{clock};
    std::vector<std::string> log_lines;
    telemetry::Logger logger{clock, telemetry::Level::debug, telemetry::Format::key_value,
                             [this](std::string_view line) { log_lines.emplace_back(line); }};
    OdooScript odoo;
    WebScript web;
    Connector connector;
    std::unique_ptr<delivery::Handler> handler;

    /// Loads the plugin and makes the handler; the connector's name is "shop".
    Result<void> start(const std::string& plugin) {
        return start_file(std::string(SLUICE_TEST_PLUGINS) + "/" + plugin + ".so");
    }
    Result<void> start_file(const std::string& file) {
        auto loaded = load_plugin(file);
        if (!loaded) return std::unexpected(loaded.error());
        connector.name = "shop";
        connector.plugin = *loaded;
        auto made =
            make_plugin_handler_over(connector, admission, journal, clock, logger, std::make_unique<FakeOdoo>(odoo),
                                     std::make_unique<FakeWeb>(web), odoo_total_ms);
        if (!made) return std::unexpected(made.error());
        handler = *std::move(made);
        return {};
    }

    static journal::Claim claim(
        const std::string& topic,
        const std::string& payload = R"({"id":9007199254740993,"name":"Ada","email":"ada@example.com"})") {
        journal::Claim claim;
        claim.event.connector = "shop";
        claim.event.event_id = "evt-1";
        claim.event.flow = "partner";
        claim.event.order = "partner";
        claim.event.ordering_key = "9007199254740993";
        claim.event.topic = topic;
        claim.event.record = "9007199254740993";
        claim.payload = payload;
        claim.headers = R"({"X-A":"b"})";
        return claim;
    }

    delivery::Verdict run(const std::string& topic) { return handler->handle(claim(topic)); }
    delivery::Verdict run(const std::string& topic, const std::string& payload) {
        return handler->handle(claim(topic, payload));
    }

    /// The outcome of a delivery that must end done.
    std::string outcome(const delivery::Verdict& verdict) {
        EXPECT_FALSE(verdict.error) << verdict.error->message;
        return verdict.error ? "" : verdict.outcome;
    }
    /// The error of a delivery that must not.
    Error error(const delivery::Verdict& verdict) {
        EXPECT_TRUE(verdict.error) << "done: " << verdict.outcome;
        return verdict.error.value_or(Error{.failure = Failure::retry, .message = "no error"});
    }
};

}  // namespace sluice::host
