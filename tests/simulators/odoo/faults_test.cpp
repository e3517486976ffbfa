// Every fault as a client sees it over a socket, and what is in the database afterwards.
#include "tests/simulators/odoo/faults.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/simulator.hpp"
#include "tests/simulators/odoo/value.hpp"
#include "tests/wire/wire_client.hpp"

namespace sluice::sim {
namespace {

using wire::Answer;

class FaultsTest : public ::testing::Test {
protected:
    Answer call(OdooSimulator& target, const std::string& model, const std::string& method, json::array args,
                const std::string& cookie = {}) {
        const json::object params{
            {"service", "object"},
            {"method", "execute_kw"},
            {"args", json::array{target.database(), target.uid(), target.api_key(), model, method, std::move(args)}}};
        std::map<std::string, std::string> headers{{"Content-Type", "application/json"}};
        if (!cookie.empty()) headers["Cookie"] = cookie;
        const json::object body{{"jsonrpc", "2.0"}, {"method", "call"}, {"id", 7}, {"params", params}};
        return wire::http_call(target.port(), "POST", "/jsonrpc", headers, json::serialize(body));
    }
    Answer create(const std::string& name = "Fault") {
        return call(odoo, "res.partner", "create", {json::object{{"name", name}}});
    }
    bool exists(const std::string& name) {
        const auto found =
            call(odoo, "res.partner", "search_count", {json::array{json::array{"name", "=", json::value(name)}}});
        return json::parse(found.body).at("result").as_int64() > 0;
    }
    static std::string error_name(const Answer& answer) {
        const auto body = json::parse(answer.body);
        const auto* error = body.as_object().if_contains("error");
        return error == nullptr ? std::string() : std::string(error->at("data").at("name").as_string());
    }

    OdooSimulator odoo;
};

TEST_F(FaultsTest, DieBeforeAndAfterApplying) {
    odoo.inject({.kind = FaultKind::die_before_apply, .method = "create"});
    EXPECT_EQ(create("Before").status, 0);
    EXPECT_FALSE(exists("Before"));
    odoo.inject({.kind = FaultKind::die_after_apply, .model = "res.partner", .method = "create"});
    EXPECT_EQ(create("After").status, 0);
    EXPECT_TRUE(exists("After"));
    EXPECT_EQ(create("Then").status, 200);
    EXPECT_EQ(odoo.faults_fired(), 2);
}

TEST_F(FaultsTest, TruncateAppliesAndSendsHalf) {
    odoo.inject({.kind = FaultKind::truncate, .method = "create"});
    const auto answer = create("Half");
    EXPECT_EQ(answer.status, 200);
    boost::system::error_code error;
    json::parse(answer.body, error);
    EXPECT_TRUE(error);
    EXPECT_TRUE(exists("Half"));
}

TEST_F(FaultsTest, HtmlPage) {
    odoo.inject({.kind = FaultKind::html_page, .method = "create", .status = 503, .body = "<html>down</html>"});
    const auto answer = create("Page");
    EXPECT_EQ(answer.status, 503);
    EXPECT_TRUE(answer.content_type.starts_with("text/html"));
    EXPECT_EQ(answer.body, "<html>down</html>");
    EXPECT_FALSE(exists("Page"));
}

TEST_F(FaultsTest, ConflictIsAnErrorAndForLoadAMessage) {
    odoo.inject({.kind = FaultKind::conflict, .count = 2});
    EXPECT_EQ(error_name(create("Conflict")), "psycopg2.errors.SerializationFailure");
    const auto loaded =
        call(odoo, "res.partner", "load", {json::array{"id", "name"}, json::array{json::array{"a.b", "Loaded"}}});
    const auto result = json::parse(loaded.body).at("result");
    EXPECT_EQ(result.at("ids"), json::value(false));
    EXPECT_EQ(result.at("messages").at(0).at("message"),
              json::value("could not serialize access due to concurrent update\n"));
    EXPECT_FALSE(exists("Loaded"));
}

TEST_F(FaultsTest, PostgresDownLeavesHealthUp) {
    odoo.inject({.kind = FaultKind::pg_down, .count = 0});
    EXPECT_EQ(error_name(create("Down")), "psycopg2.OperationalError");
    EXPECT_EQ(wire::http_call(odoo.port(), "GET", "/web/health", {}, {}).status, 200);
    odoo.clear_faults();
    EXPECT_EQ(error_name(create("Up")), "");
}

TEST_F(FaultsTest, UserErrorOnTheThirdCall) {
    odoo.inject({.kind = FaultKind::user_error, .method = "create", .skip = 2, .message = "No."});
    EXPECT_EQ(error_name(create()), "");
    EXPECT_EQ(error_name(create()), "");
    const auto third = create();
    EXPECT_EQ(error_name(third), "odoo.exceptions.UserError");
    EXPECT_NE(third.body.find("\"message\": \"No.\""), std::string::npos);
    EXPECT_NE(third.body.find("Traceback"), std::string::npos);
    EXPECT_EQ(error_name(create()), "");
}

TEST_F(FaultsTest, RevokedKeyAndForgottenSessions) {
    const auto page = wire::http_call(odoo.port(), "GET", "/web/login?db=odoo", {}, {});
    ASSERT_FALSE(page.set_cookie.empty());
    const auto before = odoo.calls_without_cookie();
    call(odoo, "res.partner", "search_count", {json::array()}, page.set_cookie);
    EXPECT_EQ(odoo.calls_without_cookie(), before);
    odoo.inject({.kind = FaultKind::expire});
    call(odoo, "res.partner", "search_count", {json::array()}, page.set_cookie);
    call(odoo, "res.partner", "search_count", {json::array()}, page.set_cookie);
    EXPECT_EQ(odoo.calls_without_cookie(), before + 1);
    odoo.inject({.kind = FaultKind::revoke_key});
    EXPECT_EQ(error_name(create()), "odoo.exceptions.AccessDenied");
}

TEST_F(FaultsTest, SlowDelaysTheAnswer) {
    odoo.inject({.kind = FaultKind::slow, .delay_ms = 150});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(create().status, 200);
    EXPECT_GE(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(150));
}

TEST_F(FaultsTest, HangEndsWithClearAndMayHaveApplied) {
    for (const bool applied : {false, true}) {
        const std::string name = applied ? "Hung and applied" : "Hung";
        odoo.inject({.kind = applied ? FaultKind::hang_after_apply : FaultKind::hang, .method = "create"});
        Answer answer;
        answer.status = 1;
        std::thread caller([&] { answer = create(name); });
        while (odoo.faults_fired() < (applied ? 2 : 1)) std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        odoo.clear_faults();
        caller.join();
        EXPECT_EQ(answer.status, 0);
        EXPECT_EQ(exists(name), applied);
    }
}

TEST_F(FaultsTest, RefuseResetsAndAClosedListenerRefuses) {
    odoo.inject({.kind = FaultKind::refuse});
    EXPECT_EQ(create().status, 0);
    EXPECT_EQ(create().status, 200);
    odoo.set_listening(false);
    EXPECT_EQ(create().status, 0);
    odoo.set_listening(true);
    EXPECT_EQ(create().status, 200);
}

TEST_F(FaultsTest, WhatIsNotImplementedIsLoud) {
    EXPECT_EQ(error_name(call(odoo, "account.move", "search", {json::array()})), kNotClaimed);
    EXPECT_EQ(error_name(call(odoo, "sale.order", "action_quotation_send", {json::array{1}})), kNotClaimed);
    EXPECT_EQ(error_name(call(odoo, "no.such.model", "search", {json::array()})), "odoo.exceptions.UserError");
    EXPECT_EQ(odoo.not_claimed(), 2);
}

TEST_F(FaultsTest, ControlApi) {
    const auto control = [&](const std::string& method, const std::string& path, const std::string& body) {
        return wire::http_call(odoo.control_port(), method, path, {}, body);
    };
    EXPECT_EQ(control("POST", "/_sim/faults", R"({"kind": "die_after_apply", "match": {"method": "create", "nth": 2}})")
                  .status,
              200);
    EXPECT_EQ(create("One").status, 200);
    EXPECT_EQ(create("Two").status, 0);
    EXPECT_EQ(control("POST", "/_sim/faults", R"({"kind": "nonsense"})").status, 400);
    EXPECT_EQ(control("POST", "/_sim/seed", R"({"partners": [{"name": "Seeded", "external_id": "x.y"}]})").status, 200);
    EXPECT_TRUE(exists("Seeded"));
    EXPECT_NE(control("GET", "/_sim/dump", {}).body.find("\"x.y\""), std::string::npos);
    EXPECT_NE(control("GET", "/_sim/stats", {}).body.find("\"res.partner.create\": 2"), std::string::npos);
}

TEST_F(FaultsTest, ManyClientsAtOnce) {
    std::vector<std::thread> clients;
    for (int i = 0; i < 4; ++i) {
        clients.emplace_back([&, i] {
            for (int n = 0; n < 10; ++n) create("Client " + std::to_string(i));
        });
    }
    for (auto& client : clients) client.join();
    EXPECT_EQ(odoo.calls("res.partner.create"), 40);
}

TEST(Store, AnsweredCallsSurviveARestart) {
    const auto path =
        std::filesystem::temp_directory_path() / ("odoo-simulator-" + std::to_string(::getpid()) + ".log");
    std::filesystem::remove(path);
    std::string before;
    {
        OdooSimulator odoo({.store_path = path.string()});
        odoo.seed(R"({"partners": [{"name": "Kept", "external_id": "x.kept"}]})");
        before = odoo.dump();
        // As kill -9 in the middle of a write leaves it: a torn last line.
        std::filesystem::copy_file(path, path.string() + ".copy", std::filesystem::copy_options::overwrite_existing);
        std::FILE* file = std::fopen((path.string() + ".copy").c_str(), "ab");
        std::fputs("{\"rows\": [[\"res.partner\", 99", file);
        std::fclose(file);
    }
    EXPECT_EQ(OdooSimulator({.store_path = path.string()}).dump(), before);
    EXPECT_EQ(OdooSimulator({.store_path = path.string() + ".copy"}).dump(), before);
    std::filesystem::remove(path);
    std::filesystem::remove(path.string() + ".copy");
}

}  // namespace
}  // namespace sluice::sim
