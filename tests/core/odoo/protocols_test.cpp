// One table of calls and failures, over all protocols, against the simulator of each version: the same result and the
// same error class.

#include <gmock/gmock.h>

#include <map>

#include "core/odoo/client.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

using sim::Fault;
using sim::FaultKind;
using testing::HasSubstr;
using testing::Not;

struct Setting {
    ProtocolName protocol;
    int version;
};

class ProtocolsTest : public testing::TestWithParam<Setting> {
protected:
    ProtocolsTest()
        : odoo({.version = GetParam().version,
                .seed = R"({"products":[{"name":"Pen","default_code":"PEN"}],"partners":[{"name":"Ann","id":900}]})"}),
          client(account(), make_shared_session()) {}

    Account account() const {
        return {.endpoint = *http::Endpoint::parse(odoo.url()),
                .database = odoo.database(),
                .login = odoo.login(),
                .protocol = GetParam().protocol,
                .api_key = Secret(odoo.api_key()),
                .password = Secret(odoo.password()),
                .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
    }
    std::string result(std::string_view model, std::string_view method, std::string_view args,
                       std::string_view kwargs = "{}") {
        const auto answer = client.call(model, method, args, kwargs);
        return answer ? std::string(answer->root().raw()) : to_string(answer.error());
    }
    std::string to_string(const Error& error) const {
        EXPECT_THAT(error.message, Not(HasSubstr("Traceback")));
        EXPECT_THAT(error.message, Not(HasSubstr(odoo.api_key())));
        return std::string(sluice::to_string(error.failure)) + (error.disconnected ? ", disconnected" : "");
    }
    std::string last_login() const {
        switch (speaks()) {
            case ProtocolName::json2:
                return "res.users.context_get";
            case ProtocolName::web_session:
                return "/web/session/authenticate";
            default:
                return "login";
        }
    }
    ProtocolName speaks() const {
        if (GetParam().protocol != ProtocolName::automatic) return GetParam().protocol;
        return GetParam().version >= 19 ? ProtocolName::json2 : ProtocolName::jsonrpc;
    }

    sim::OdooSimulator odoo;
    Client client;
};

TEST_P(ProtocolsTest, Results) {
    const std::string id = result("res.partner", "create", R"([{"name":"Bob"}])");
    EXPECT_THAT(id, testing::MatchesRegex("[0-9]+"));
    EXPECT_EQ(result("res.partner", "create", R"([[{"name":"Cid"}]])"), "[" + std::to_string(std::stoll(id) + 1) + "]");
    EXPECT_EQ(result("res.partner", "read", "[[" + id + "]]", R"({"fields":["name"]})"),
              R"([{"id": )" + id + R"(, "name": "Bob"}])");
    EXPECT_EQ(result("res.partner", "write", "[[" + id + R"(],{"name":"Bo"}])"), "true");
    EXPECT_EQ(result("res.partner", "search_read", "[]", R"({"domain":[["name","=","Bo"]],"fields":["name"]})"),
              R"([{"id": )" + id + R"(, "name": "Bo"}])");
    EXPECT_EQ(result("res.partner", "read", "[[99999]]", R"({"fields":["name"]})"), "[]");
    EXPECT_EQ(result("res.partner", "search_count", R"([[["name","=","Cid"]]])"), "1");
    EXPECT_EQ(result("res.partner", "toggle_active", "[[" + id + "]]"), "null") << "Odoo sends no result";

    const auto rows = R"([["id","name"],[["__sluice__.x_1","Dan"],["__sluice__.x_2","Eve"]]])";
    const auto loaded = result("res.partner", "load", rows);
    EXPECT_THAT(loaded, HasSubstr(R"("ids": [)" + std::to_string(std::stoll(id) + 2)));
    EXPECT_EQ(result("res.partner", "load", rows), loaded);
    EXPECT_THAT(result("res.partner", "load", R"([["id","nonesuch"],[["__sluice__.x_1","Dan"]]])"), "rejected");
    EXPECT_EQ(odoo.not_claimed(), 0);
    EXPECT_EQ(odoo.calls(last_login()), 1);
}

TEST_P(ProtocolsTest, TheContextIsSluicesNotTheAccounts) {
    odoo.seed(R"({"users":[{"login":"sluice","password":"sluice","api_keys":["sluice-simulator-api-key"],)"
              R"("tz":"America/New_York"}]})");
    ASSERT_THAT(result("sale.order", "load",
                       R"([["id","partner_id/.id","date_order"],)"
                       R"([["__sluice__.o_1","900","2024-03-10 07:30:00"]]])"),
                HasSubstr(R"("ids": [)"));
    EXPECT_THAT(result("sale.order", "search_read", "[[]]", R"({"fields":["date_order"]})"),
                HasSubstr("2024-03-10 07:30:00"));
}

TEST_P(ProtocolsTest, WhatOdooRefuses) {
    EXPECT_EQ(result("res.partner", "nonesuch", "[]"), "rejected");
    EXPECT_EQ(result("no.model", "search", "[[]]"), "rejected") << "404 from 18 on, over a web session";
    EXPECT_EQ(result("res.partner", "_compute_display_name", "[[900]]"), "rejected");
    EXPECT_EQ(result("res.currency", "create", R"([{"name":"XXY"}])"), "rejected") << "AccessError";
    EXPECT_EQ(result("res.partner", "create", R"([{"email":"a@b"}])"), "rejected") << "ValidationError";
    EXPECT_EQ(result("res.partner", "create", R"([{"name":"x","nonesuch":1}])"), "rejected") << "ValueError, KeyError";
    EXPECT_EQ(result("res.partner", "write", R"([[99999],{"name":"x"}])"), "rejected") << "MissingError";
    EXPECT_EQ(result("res.partner", "create", "[]"), "rejected") << "TypeError";
    EXPECT_EQ(result("res.partner", "read", "{}"), "invalid") << "not sent";
    EXPECT_EQ(odoo.not_claimed(), 0);
    EXPECT_EQ(odoo.calls(last_login()), 1);
}

TEST_P(ProtocolsTest, WhatIsNotAnAnswerOfOdoo) {
    ASSERT_EQ(result("res.partner", "search_count", R"([[["id","=",900]]])"), "1");
    const auto after = [&](Fault fault) {
        fault.model = "res.partner";
        std::string read, written;
        for (auto* outcome : {&read, &written}) {
            odoo.inject(fault);
            const bool reads = outcome == &read;
            *outcome = reads ? result("res.partner", "read", "[[900]]", R"({"fields":["name"]})")
                             : result("res.partner", "write", R"([[900],{"name":"Ann"}])");
            odoo.clear_faults();
        }
        return read + "; " + written;
    };
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 502}), "retry, disconnected; unknown, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 500}), "retry, disconnected; unknown, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 503}), "retry, disconnected; retry, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 200}), "retry; retry");
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 403}), "retry, disconnected; retry, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::html_page, .status = 413}), "rejected; rejected");
    EXPECT_EQ(after({.kind = FaultKind::truncate}), "retry, disconnected; unknown, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::die_before_apply}), "retry, disconnected; unknown, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::die_after_apply}), "retry, disconnected; unknown, disconnected");
    EXPECT_EQ(after({.kind = FaultKind::user_error, .message = "no"}), "rejected; rejected");
    EXPECT_EQ(after({.kind = FaultKind::conflict}), "retry; retry");
    // Twice: over a web session the first one may mean that the session is gone.
    EXPECT_EQ(after({.kind = FaultKind::html_page, .count = 2, .status = 404}),
              "retry, disconnected; retry, disconnected");
    EXPECT_EQ(result("res.partner", "search_count", R"([[["id","=",900]]])"), "1");
}

TEST_P(ProtocolsTest, PostgresqlDownIsAnOutage) {
    ASSERT_EQ(result("res.partner", "search_count", R"([[["id","=",900]]])"), "1");
    odoo.inject({.kind = FaultKind::pg_down, .count = 0});
    EXPECT_EQ(result("res.partner", "write", R"([[900],{"name":"Ann"}])"), "retry, disconnected");
    EXPECT_FALSE(client.probe());
    odoo.clear_faults();
    EXPECT_TRUE(client.probe());
    EXPECT_EQ(result("res.partner", "write", R"([[900],{"name":"Ann"}])"), "true");
}

TEST_P(ProtocolsTest, AServerThatIsDownIsAnOutage) {
    ASSERT_EQ(result("res.partner", "search_count", R"([[["id","=",900]]])"), "1");
    odoo.set_listening(false);
    EXPECT_EQ(result("res.partner", "write", R"([[900],{"name":"Ann"}])"), "retry, disconnected");
    EXPECT_FALSE(client.probe());
    odoo.set_listening(true);
    EXPECT_TRUE(client.probe());
    EXPECT_EQ(odoo.calls(last_login()), 1);
}

TEST_P(ProtocolsTest, AnAccountThatIsRefusedIsAskedOnce) {
    auto wrong = account();
    wrong.api_key = Secret("wrong-secret");
    // An API key is no password (FACTS 3).
    wrong.password = Secret(odoo.api_key());
    const auto session = make_shared_session();
    Client one(wrong, session), other(wrong, session);
    for (auto* lane : {&one, &other, &one}) {
        const auto answer = lane->call("res.partner", "search_count", "[[]]", "{}");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().failure, Failure::auth);
        EXPECT_THAT(answer.error().message, HasSubstr("`sluice`"));
        EXPECT_THAT(answer.error().message, Not(HasSubstr("wrong-secret")));
        EXPECT_THAT(answer.error().message, Not(HasSubstr(odoo.api_key())));
    }
    EXPECT_EQ(odoo.calls(last_login()), 1);
    EXPECT_TRUE(one.probe()) << "a refusal is an answer of the database";
}

TEST_P(ProtocolsTest, AnUnknownDatabaseIsTheConfigurations) {
    auto wrong = account();
    wrong.database = "nodb";
    Client lane(wrong, make_shared_session());
    const auto answer = lane.call("res.partner", "search_count", "[[]]", "{}");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().failure, Failure::auth);
    EXPECT_THAT(answer.error().message, HasSubstr("nodb"));
}

std::string name_of(const testing::TestParamInfo<Setting>& info) {
    static const std::map<ProtocolName, std::string> names = {{ProtocolName::automatic, "auto"},
                                                              {ProtocolName::jsonrpc, "jsonrpc"},
                                                              {ProtocolName::json2, "json2_"},
                                                              {ProtocolName::web_session, "web_session"}};
    return names.at(info.param.protocol) + std::to_string(info.param.version);
}

INSTANTIATE_TEST_SUITE_P(Odoo, ProtocolsTest,
                         testing::Values(Setting{ProtocolName::jsonrpc, 16}, Setting{ProtocolName::jsonrpc, 17},
                                         Setting{ProtocolName::jsonrpc, 18}, Setting{ProtocolName::jsonrpc, 19},
                                         Setting{ProtocolName::web_session, 16}, Setting{ProtocolName::web_session, 17},
                                         Setting{ProtocolName::web_session, 18}, Setting{ProtocolName::web_session, 19},
                                         Setting{ProtocolName::json2, 19}, Setting{ProtocolName::automatic, 16},
                                         Setting{ProtocolName::automatic, 18}, Setting{ProtocolName::automatic, 19}),
                         name_of);

}  // namespace
}  // namespace sluice::odoo
