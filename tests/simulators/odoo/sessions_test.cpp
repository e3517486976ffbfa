// Sessions as a client sees them: what their cookie looks like, what ends them, and what the answer is then.
#include "tests/simulators/odoo/sessions.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "tests/simulators/odoo/simulator.hpp"
#include "tests/wire/wire_client.hpp"

namespace sluice::sim {
namespace {

using wire::Answer;

class SessionsTest : public ::testing::TestWithParam<int> {
protected:
    SessionsTest() { odoo.emplace(SimulatorOptions{.version = GetParam()}); }

    Answer post(const std::string& path, const json::object& params, std::map<std::string, std::string> headers) {
        headers["Content-Type"] = "application/json";
        const json::object body{{"jsonrpc", "2.0"}, {"method", "call"}, {"id", 7}, {"params", params}};
        return wire::http_call(odoo->port(), "POST", path, headers, json::serialize(body));
    }
    Answer authenticate(std::map<std::string, std::string> headers = {}) {
        return post("/web/session/authenticate",
                    {{"db", odoo->database()}, {"login", odoo->login()}, {"password", odoo->password()}},
                    std::move(headers));
    }
    Answer count(const std::string& cookie, const std::string& model = "res.partner",
                 std::map<std::string, std::string> headers = {}) {
        headers["Cookie"] = cookie;
        return post("/web/dataset/call_kw",
                    {{"model", model},
                     {"method", "search_count"},
                     {"args", json::array{json::array()}},
                     {"kwargs", json::object()}},
                    std::move(headers));
    }
    static std::string error_name(const Answer& answer) {
        const auto body = json::parse(answer.body);
        const auto* error = body.as_object().if_contains("error");
        return error == nullptr ? std::string() : std::string(error->at("data").at("name").as_string());
    }
    static constexpr const char* expired = "odoo.http.SessionExpiredException";

    std::optional<OdooSimulator> odoo;
};

TEST_P(SessionsTest, TheCookieHasTheLengthOfItsVersion) {
    EXPECT_EQ(authenticate().set_cookie.size(), std::string("session_id=").size() + (GetParam() >= 18 ? 84U : 40U));
    EXPECT_EQ(odoo->calls("/web/session/authenticate"), 1);
}

TEST_P(SessionsTest, AnotherPasswordEndsTheSessionsOfTheAccount) {
    const auto cookie = authenticate().set_cookie;
    odoo->seed(R"({"users":[{"login":"sluice","password":"sluice"}]})");
    EXPECT_EQ(error_name(count(cookie)), "");
    odoo->seed(R"({"users":[{"login":"sluice","password":"another"}]})");
    const auto answer = count(cookie);
    EXPECT_EQ(error_name(answer), expired);
    EXPECT_TRUE(json::parse(answer.body).at("id").is_null());
    EXPECT_EQ(error_name(authenticate()), "odoo.exceptions.AccessDenied");
}

TEST_P(SessionsTest, AnUnknownModelIs404From18On) {
    const auto answer = count(authenticate().set_cookie, "no.model");
    EXPECT_EQ(answer.status, 200);
    const auto body = json::parse(answer.body);
    EXPECT_EQ(error_name(answer), GetParam() >= 18 ? "werkzeug.exceptions.NotFound" : "builtins.KeyError");
    EXPECT_EQ(body.at("id").is_null(), GetParam() >= 18);
}

TEST_P(SessionsTest, WithSeveralDatabasesAnUnknownSessionFindsNoRoute) {
    odoo.emplace(SimulatorOptions{.version = GetParam(), .several_databases = true});
    const auto cookie = authenticate().set_cookie;
    EXPECT_EQ(error_name(count(cookie)), "");
    odoo->forget_sessions();
    const auto answer = count(cookie);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.content_type, "text/html; charset=utf-8");
    const auto named = count(cookie, "res.partner", {{"X-Odoo-Database", odoo->database()}});
    EXPECT_EQ(named.status, GetParam() >= 19 ? 200 : 404);
}

TEST_P(SessionsTest, TheDatabaseHeaderMakesALoginStatelessFrom19On) {
    const auto answer = authenticate({{"X-Odoo-Database", odoo->database()}});
    EXPECT_EQ(error_name(answer), "");
    EXPECT_EQ(answer.set_cookie.empty(), GetParam() >= 19);
}

INSTANTIATE_TEST_SUITE_P(Odoo, SessionsTest, ::testing::Values(16, 17, 18, 19), ::testing::PrintToStringParamName());

}  // namespace
}  // namespace sluice::sim
