// The writer through the real client against the Odoo simulator, where connections can be made to die at will.

#include <gmock/gmock.h>

#include "core/odoo/record_writer.hpp"
#include "tests/core/odoo/fake_odoo.hpp"
#include "tests/core/odoo/records.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

using sim::Fault;
using sim::FaultKind;
using test::MapMemory;
using What = Written::What;

class SimulatorTest : public testing::Test {
protected:
    SimulatorTest()
        : odoo({.seed = R"({"products":[{"name":"Pen","default_code":"PEN"},{"name":"Desk","default_code":"DESK"}]})"}),
          client({.endpoint = *http::Endpoint::parse(odoo.url()),
                  .database = odoo.database(),
                  .login = odoo.login(),
                  .api_key = Secret(odoo.api_key()),
                  .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}},
                 make_shared_session()) {}

    static mapping::FieldValue with_plain_email(const mapping::FieldValue& value) {
        auto copy = *std::get<std::shared_ptr<const mapping::MappedRecord>>(value);
        for (auto& field : copy.fields) {
            if (field.name == "email_normalized") field.name = "email";  // computed from it
        }
        return std::make_shared<const mapping::MappedRecord>(std::move(copy));
    }
    Result<Written> write(const test::Order& from = {}) {
        auto record = test::order(from);
        record.fields.front().value = with_plain_email(record.fields.front().value);
        return RecordWriter(client, flights, memory, "shop").write(record);
    }
    std::int64_t count(const std::string& model, const std::string& domain = "[]") {
        const auto answer = client.call(model, "search_count", "[" + domain + "]", "{}");
        return answer ? *answer->root().as_int64() : -1;
    }
    std::int64_t customers() { return count("res.partner", R"([["email","=","ann@example.com"]])"); }

    sim::OdooSimulator odoo;
    Client client;
    SingleFlight flights;
    MapMemory memory;
};

TEST_F(SimulatorTest, CreatesAndThenChangesNothing) {
    const auto created = write();
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->what, What::created);
    const auto again = write();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::unchanged) << again->detail;
    EXPECT_EQ(odoo.calls("sale.order.write"), 0);
    EXPECT_EQ(odoo.calls("login"), 1);
}

TEST_F(SimulatorTest, AHundredOrdersOfOneSkuLookItUpOnce) {
    LookupCache lookups(system_clock());
    const auto searches = [&] {
        return odoo.calls("product.product.search_read") + odoo.calls("product.product.search");
    };
    for (int number = 1; number <= 100; ++number) {
        const auto id = std::to_string(number);
        auto record = test::order({.id = id, .name = "#" + id, .lines = {{"1", "PEN", "1", "2.50", "0"}}});
        record.fields.front().value = with_plain_email(record.fields.front().value);
        const auto written = RecordWriter(client, flights, memory, "shop", &lookups).write(record);
        ASSERT_TRUE(written) << written.error().message;
        ASSERT_EQ(written->what, What::created);
    }
    EXPECT_EQ(searches(), 1);
}

TEST_F(SimulatorTest, AnOrderWhoseAnswerWasLostIsFoundAgain) {
    for (const auto* model : {"res.partner", "sale.order"}) {
        odoo.inject({.kind = FaultKind::die_after_apply, .model = model, .method = "load"});
    }
    for (int lost = 0; lost < 2; ++lost) {
        const auto written = write();
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().failure, Failure::unknown);
        EXPECT_TRUE(written.error().disconnected);
    }
    const auto written = write();
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::unchanged);
    EXPECT_EQ(count("sale.order"), 1);
    EXPECT_EQ(count("sale.order.line"), 2);
    EXPECT_EQ(customers(), 1);
}

TEST_F(SimulatorTest, FailuresOfEveryKindEndInOneOrder) {
    const auto expect_failure = [&](Fault fault, Failure failure) {
        const auto kind = static_cast<int>(fault.kind);
        odoo.inject(std::move(fault));
        const auto written = write();
        ASSERT_FALSE(written) << kind;
        EXPECT_EQ(written.error().failure, failure) << kind << " " << written.error().message;
        odoo.clear_faults();
    };
    expect_failure({.kind = FaultKind::conflict, .model = "sale.order", .method = "load"}, Failure::retry);
    expect_failure({.kind = FaultKind::pg_down, .model = "sale.order", .method = "load"}, Failure::retry);
    expect_failure({.kind = FaultKind::html_page, .model = "sale.order", .method = "load", .status = 502},
                   Failure::unknown);
    expect_failure({.kind = FaultKind::user_error, .model = "sale.order", .method = "load", .message = "no"},
                   Failure::rejected);
    expect_failure({.kind = FaultKind::die_before_apply, .model = "sale.order", .method = "load"}, Failure::unknown);
    expect_failure({.kind = FaultKind::truncate, .model = "sale.order", .method = "load"}, Failure::unknown);
    const auto written = write();
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(count("sale.order"), 1);
    EXPECT_EQ(count("sale.order.line"), 2);
    EXPECT_EQ(customers(), 1);
}

TEST_F(SimulatorTest, ARevokedKeyIsAuthAndAnExpiredSessionIsNothing) {
    ASSERT_TRUE(write());
    odoo.forget_sessions();
    ASSERT_TRUE(write());
    odoo.revoke_api_keys();
    const auto written = write();
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, Failure::auth);
}

}  // namespace
}  // namespace sluice::odoo
