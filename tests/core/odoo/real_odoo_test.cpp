// Against a real Odoo, where one is given: SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY name it, and _PASSWORD for web
// sessions. It writes records there.

#include <gmock/gmock.h>

#include <algorithm>
#include <barrier>
#include <cstdlib>
#include <random>
#include <thread>

#include "core/odoo/external_id.hpp"
#include "core/odoo/record_writer.hpp"
#include "core/odoo/session.hpp"
#include "tests/core/odoo/fake_odoo.hpp"
#include "tests/core/odoo/records.hpp"

namespace sluice::odoo {
namespace {

using test::FailingCaller;
using test::MapMemory;
using testing::HasSubstr;
using What = Written::What;

std::string variable(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

bool has_variables(std::initializer_list<const char*> names) {
    return std::ranges::none_of(
        names, [](const char* name) { return variable((std::string("SLUICE_TEST_ODOO") + name).c_str()).empty(); });
}

std::string random_digits() {
    std::random_device device;
    return std::to_string(device()) + std::to_string(device());
}

class RealOdooTest : public testing::Test {
protected:
    void SetUp() override {
        if (!has_variables({"_URL", "_DB", "_LOGIN", "_KEY"})) {
            GTEST_SKIP() << "no real Odoo: set SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _KEY";
        }
        client = make_client(variable("SLUICE_TEST_ODOO_KEY"), make_shared_session());
        const auto products = client->call("product.product", "search_read", R"([[["default_code","!=",false]]])",
                                           R"({"fields":["default_code"],"order":"id","limit":10})");
        ASSERT_TRUE(products) << products.error().message;
        for (std::size_t i = 0; i < products->root().size(); ++i) {
            const std::string sku(products->root().at(i).find("default_code")->text());
            if (std::ranges::find(skus, sku) == skus.end()) skus.push_back(sku);
        }
        ASSERT_GE(skus.size(), 3U) << "the database needs three products with an internal reference";
        run = random_digits();
        order.id = run;
        order.name = "#" + run;
        order.email = "guest" + run + "@example.com";
        order.lines = {
            {"1", skus[0], "2", "10.555", "5.00"}, {"2", skus[1], "1", "99.90", "0"}, {"9", skus[2], "1", "4.95"}};
    }

    std::unique_ptr<Client> make_client(const std::string& key, std::shared_ptr<SharedSession> session) {
        return std::make_unique<Client>(Account{.endpoint = *http::Endpoint::parse(variable("SLUICE_TEST_ODOO_URL")),
                                                .database = variable("SLUICE_TEST_ODOO_DB"),
                                                .login = variable("SLUICE_TEST_ODOO_LOGIN"),
                                                .api_key = Secret(key)},
                                        std::move(session));
    }
    /// The contract's records, with the fields a real partner lets us write.
    mapping::MappedRecord mapped(const test::Order& from) const {
        auto record = test::order(from);
        record.fields.front().value = real_partner(record.fields.front().value);
        return record;
    }
    static mapping::FieldValue real_partner(const mapping::FieldValue& value) {
        auto copy = *std::get<std::shared_ptr<const mapping::MappedRecord>>(value);
        for (auto& field : copy.fields) {
            if (field.name == "email_normalized") field.name = "email";  // computed from it
            if (field.name == "parent_id") field.value = real_partner(field.value);
        }
        return std::make_shared<const mapping::MappedRecord>(std::move(copy));
    }
    Result<Written> write(Caller& caller, const test::Order& from) {
        return RecordWriter(caller, flights, memory, "lab").write(mapped(from));
    }
    std::int64_t count(const std::string& model, const std::string& domain) {
        return *client->call(model, "search_count", "[" + domain + "]", "{}")->root().as_int64();
    }
    std::int64_t orders() { return count("sale.order", R"([["client_order_ref","like","#)" + run + R"("]])"); }
    std::int64_t lines() {
        return count("sale.order.line", R"([["order_id.client_order_ref","like","#)" + run + R"("]])");
    }
    std::int64_t partners() { return count("res.partner", R"([["email","=","guest)" + run + R"(@example.com"]])"); }

    std::unique_ptr<Client> client;
    std::vector<std::string> skus;
    std::string run;
    test::Order order;
    SingleFlight flights;
    MapMemory memory;
};

TEST_F(RealOdooTest, CreatesThenLeavesThenUpdatesThenProtects) {
    const auto created = write(*client, order);
    ASSERT_TRUE(created) << created.error().message;
    EXPECT_EQ(created->what, What::created);
    EXPECT_EQ(lines(), 3);

    const auto same = write(*client, order);
    ASSERT_TRUE(same) << same.error().message;
    EXPECT_EQ(same->what, What::unchanged) << same->detail;

    memory.ids.clear();
    order.lines = {{"1", skus[0], "3", "10.555", "5.00"}, {"3", skus[1], "1", "7.25", "0"}};
    const auto updated = write(*client, order);
    ASSERT_TRUE(updated) << updated.error().message;
    EXPECT_EQ(updated->what, What::updated);
    EXPECT_EQ(updated->id, created->id);
    EXPECT_THAT(updated->detail, HasSubstr("product_uom_qty 2.0 -> 3"));
    EXPECT_EQ(lines(), 2);
    EXPECT_EQ(orders(), 1);
    EXPECT_EQ(partners(), 1);

    ASSERT_TRUE(client->call("sale.order", "action_confirm", "[[" + std::to_string(created->id) + "]]", "{}"));
    const auto confirmed = write(*client, order);
    ASSERT_TRUE(confirmed) << confirmed.error().message;
    EXPECT_EQ(confirmed->what, What::unchanged);
    order.lines.front().price = "11";
    const auto refused = write(*client, order);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rejected);
    EXPECT_THAT(refused.error().message, HasSubstr("is `sale` and protected; it would change: order_line"));
}

TEST_F(RealOdooTest, AFailureAtAnyStepAndAnotherAttemptMakeOneOrder) {
    order.delivery_street = "Rue 1";
    int steps = 0;
    for (const auto when : {FailingCaller::When::before, FailingCaller::When::after}) {
        for (int step = 0;; ++step, ++steps) {
            SetUp();
            order.delivery_street = "Rue 1";
            memory.ids.clear();
            FailingCaller failing(*client, step, when);
            if (!write(failing, order)) {
                const auto again = write(*client, order);
                ASSERT_TRUE(again) << again.error().message;
            }
            ASSERT_EQ(orders(), 1) << "step " << step;
            ASSERT_EQ(lines(), 3) << "step " << step;
            ASSERT_EQ(partners(), 1) << "step " << step;
            if (!failing.failed()) break;
        }
    }
    EXPECT_GT(steps, 10);
}

TEST_F(RealOdooTest, LanesAtOnceMakeOneCustomer) {
    constexpr int lanes_at_once = 6;
    const auto session = make_shared_session();
    std::vector<std::thread> lanes;
    std::vector<std::string> problems(lanes_at_once);
    for (int i = 0; i < lanes_at_once; ++i) {
        lanes.emplace_back([&, i] {
            const auto lane = make_client(variable("SLUICE_TEST_ODOO_KEY"), session);
            auto mine = order;
            mine.id += "-" + std::to_string(i);
            mine.name += "-" + std::to_string(i);
            MapMemory own;
            const auto written = RecordWriter(*lane, flights, own, "lab").write(mapped(mine));
            if (!written) problems[static_cast<std::size_t>(i)] = written.error().message;
        });
    }
    for (auto& lane : lanes) lane.join();
    for (const auto& problem : problems) EXPECT_EQ(problem, "");
    EXPECT_EQ(orders(), lanes_at_once);
    EXPECT_EQ(partners(), 1);
}

TEST_F(RealOdooTest, RefusalsAreClassified) {
    EXPECT_EQ(client->call("res.currency", "create", R"([{"name":"XXY"}])", "{}").error().failure, Failure::rejected);
    EXPECT_EQ(client->call("res.partner", "nonesuch", "[]", "{}").error().failure, Failure::rejected);
    EXPECT_TRUE(client->probe());
    const auto stranger = make_client("wrong", make_shared_session());
    EXPECT_EQ(stranger->call("res.partner", "search_count", "[[]]", "{}").error().failure, Failure::auth);
    EXPECT_TRUE(stranger->probe());
}

class RealOdooWebSessionTest : public testing::Test {
protected:
    void SetUp() override {
        if (!has_variables({"_URL", "_DB", "_LOGIN", "_PASSWORD"})) {
            GTEST_SKIP() << "no real Odoo with a password: set SLUICE_TEST_ODOO_URL, _DB, _LOGIN and _PASSWORD";
        }
        account = {.endpoint = *http::Endpoint::parse(variable("SLUICE_TEST_ODOO_URL")),
                   .database = variable("SLUICE_TEST_ODOO_DB"),
                   .login = variable("SLUICE_TEST_ODOO_LOGIN"),
                   .protocol = ProtocolName::web_session,
                   .password = Secret(variable("SLUICE_TEST_ODOO_PASSWORD"))};
    }
    Client make_client() { return Client(account, session); }
    std::int64_t count(const std::string& domain) {
        auto lane = make_client();
        const auto answer = lane.call("res.partner", "search_count", "[" + domain + "]", "{}");
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? answer->root().as_int64().value_or(-1) : -1;
    }
    /// POST /web/session/destroy, as somebody else would.
    void destroy_session() {
        http::Client other(account.endpoint);
        http::Request request{
            .method = "POST",
            .target = "/web/session/destroy",
            .headers = {{"Content-Type", "application/json"},
                        {"Cookie", "session_id=" + std::string(session->known()->session_id.reveal())}},
            .body = R"({"jsonrpc":"2.0","method":"call","id":1,"params":{}})"};
        const auto response = other.send(request);
        ASSERT_TRUE(response) << response.error().message;
        ASSERT_EQ(response->status, 200);
    }

    Account account;
    std::shared_ptr<SharedSession> session = make_shared_session();
    std::string run = random_digits();
};

TEST_F(RealOdooWebSessionTest, ASessionDestroyedUnderEightLanesIsRenewedOnce) {
    constexpr int lanes_at_once = 8;
    ASSERT_EQ(count(R"([["ref","=",")" + run + R"("]])"), 0);
    ASSERT_NO_FATAL_FAILURE(destroy_session());
    std::vector<std::string> problems(lanes_at_once);
    std::barrier begin(lanes_at_once);
    std::vector<std::thread> lanes;
    for (int i = 0; i < lanes_at_once; ++i) {
        lanes.emplace_back([&, i] {
            auto lane = make_client();
            begin.arrive_and_wait();
            const auto answer =
                lane.call("res.partner", "create",
                          R"([{"name":"Renewal )" + std::to_string(i) + R"(","ref":")" + run + R"("}])", "{}");
            if (!answer) problems[static_cast<std::size_t>(i)] = answer.error().message;
        });
    }
    for (auto& lane : lanes) lane.join();
    for (const auto& problem : problems) EXPECT_EQ(problem, "");
    EXPECT_EQ(count(R"([["ref","=",")" + run + R"("]])"), lanes_at_once);
    EXPECT_EQ(session->known()->number, 2U) << "one login before, one after";
}

TEST_F(RealOdooWebSessionTest, AnUnknownSessionIsRenewed) {
    const auto partners = count("[]");
    for (const auto* unknown : {"0123456789abcdef0123456789abcdef01234567", "nonsense"}) {
        session->change_session_id(session->known()->number, Secret(unknown));
        EXPECT_EQ(count("[]"), partners) << unknown;
    }
    EXPECT_EQ(session->known()->number, 3U);
    session->change_session_id(3, Secret("nonsense"));
    EXPECT_TRUE(make_client().probe());
    EXPECT_EQ(session->known()->number, 4U);
}

TEST_F(RealOdooWebSessionTest, AWrongPasswordAndAnApiKeyAreRefused) {
    for (const auto& wrong : {std::string("wrong"), variable("SLUICE_TEST_ODOO_KEY")}) {
        account.password = Secret(wrong);
        session = make_shared_session();
        auto lane = make_client();
        const auto refused = lane.call("res.partner", "search_count", "[[]]", "{}");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, Failure::auth);
        EXPECT_FALSE(session->known());
        EXPECT_TRUE(lane.probe()) << "a refusal is an answer of the database";
    }
}

TEST_F(RealOdooWebSessionTest, AnUnknownDatabaseIsTheConfigurations) {
    account.database = "nosuchdb";
    EXPECT_EQ(make_client().call("res.partner", "search_count", "[[]]", "{}").error().failure, Failure::auth);
}

TEST_F(RealOdooWebSessionTest, RefusalsAreClassified) {
    auto lane = make_client();
    const auto failure = [&](const char* model, const char* method, const char* args) {
        const auto answer = lane.call(model, method, args, "{}");
        return answer ? "none" : std::string(to_string(answer.error().failure));
    };
    EXPECT_EQ(failure("res.currency", "create", R"([{"name":"XXY"}])"), "rejected");
    EXPECT_EQ(failure("res.partner", "nonesuch", "[]"), "rejected");
    EXPECT_EQ(failure("no.model", "search_count", "[[]]"), "rejected");
    EXPECT_EQ(failure("res.partner", "create", "[{}]"), "rejected");
    EXPECT_EQ(failure("res.partner", "write", R"([[999999999],{"name":"x"}])"), "rejected");
    const auto nothing = lane.call("res.partner", "toggle_active", "[[]]", "{}");
    ASSERT_TRUE(nothing) << nothing.error().message;
    EXPECT_TRUE(nothing->root().is_null());
    EXPECT_EQ(session->known()->number, 1U);
}

}  // namespace
}  // namespace sluice::odoo
