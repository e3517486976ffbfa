#include "host/admin/admin_api.hpp"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <filesystem>
#include <future>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// The API over a real journal in a folder of its own.
class AdminApiTest : public testing::Test {
protected:
    void SetUp() override {
        std::string made = std::filesystem::path(testing::TempDir()) / "sluice-admin-XXXXXX";
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        auto opened = journal::open_sqlite_journal(folder / "journal.db", clock);
        ASSERT_TRUE(opened) << opened.error().message;
        journal = std::move(*opened);
        api = std::make_unique<AdminApi>(
            *journal, clock,
            AdminHooks{
                .status = [] { return std::string(R"({"version":"test"})"); },
                .resume = [this](const std::string& name) -> Result<void> {
                    if (name != "shop") return fail(Failure::invalid, "there is no connector `" + name + "`");
                    resumed.push_back(name);
                    return {};
                },
                .notify = [this](const std::string& name) { notified.push_back(name); },
                .trigger = [this](const std::string& connector, const std::string& flow,
                                  std::string data) -> Result<journal::Appended> {
                    started.push_back("trigger " + connector + " " + flow + " " + data);
                    return journal::Appended{.seq = journal::Seq{7}};
                },
                .sweep = [this](const std::string& connector, const std::string& flow) -> Result<journal::Appended> {
                    if (flow == "order") return fail(Failure::invalid, "nothing to sweep");
                    started.push_back("sweep " + connector + " " + flow);
                    return journal::Appended{.seq = journal::Seq{8}};
                },
                .error_owner = [](const std::string&, const std::string& flow) { return flow + " people"; }});
    }
    void TearDown() override {
        api.reset();
        journal.reset();
        std::filesystem::remove_all(folder);
    }

    std::int64_t append(const std::string& id, const std::string& payload, const std::string& dead_letter_reason = "") {
        const auto appended = journal->append({journal::NewEvent{.connector = "shop",
                                                                 .event_id = id,
                                                                 .flow = "order",
                                                                 .order = "order",
                                                                 .ordering_key = id,
                                                                 .topic = "orders/create",
                                                                 .payload = payload,
                                                                 .headers = R"({"X-Topic":"orders/create"})",
                                                                 .dead_letter_reason = dead_letter_reason}});
        EXPECT_TRUE(appended) << appended.error().message;
        return journal::to_int(appended->front().seq);
    }
    http::Response ask(std::string method, std::string target, std::string body = "") {
        std::promise<http::Response> answer;
        api->handle({.method = std::move(method), .target = std::move(target), .body = std::move(body), .peer = "unix"},
                    [&](http::Response response) { answer.set_value(std::move(response)); });
        return answer.get_future().get();
    }
    static json::Document parsed(const http::Response& response) {
        auto document = json::Document::parse(response.body);
        EXPECT_TRUE(document) << response.body;
        return std::move(*document);
    }
    static std::vector<std::string> seqs(const http::Response& response) {
        const auto document = parsed(response);
        std::vector<std::string> found;
        const auto events = *document.root().find("events");
        for (std::size_t i = 0; i < events.size(); ++i) found.emplace_back(events.at(i).find("seq")->text());
        return found;
    }

    ManualClock clock;
    std::filesystem::path folder;
    std::unique_ptr<journal::Journal> journal;
    std::vector<std::string> resumed, notified, started;  // written by the API's thread before it answers
    std::unique_ptr<AdminApi> api;
};

TEST_F(AdminApiTest, ListsAndPages) {
    const auto a = std::to_string(append("a", "{}")), b = std::to_string(append("b", "{}", "no JSON")),
               c = std::to_string(append("c", "{}"));
    EXPECT_THAT(seqs(ask("GET", "/v0/events")), ElementsAre(a, b, c));
    EXPECT_THAT(seqs(ask("GET", "/v0/events?state=dead")), ElementsAre(b));
    EXPECT_THAT(seqs(ask("GET", "/v0/dead-letters")), ElementsAre(b));
    EXPECT_THAT(seqs(ask("GET", "/v0/events?connector=other")), ElementsAre());

    const auto page = ask("GET", "/v0/events?limit=2");
    EXPECT_THAT(seqs(page), ElementsAre(a, b));
    EXPECT_EQ(parsed(page).root().find("next")->text(), b);
    const auto rest = ask("GET", "/v0/events?limit=2&after=" + b);
    EXPECT_THAT(seqs(rest), ElementsAre(c));
    EXPECT_TRUE(parsed(rest).root().find("next")->is_null());
}

TEST_F(AdminApiTest, ShowsThePayloadAsItCame) {
    const std::string payload = "{\"id\": 6223372036854775807, \"total\": \"10.50\", \"note\": \"\\u00e9\"}";
    const auto seq = append("a", payload);
    const auto answer = ask("GET", "/v0/events/" + std::to_string(seq));
    EXPECT_EQ(answer.status, 200);
    const auto document = parsed(answer);
    EXPECT_EQ(document.root().find("payload")->text(), payload);
    EXPECT_EQ(document.root().find("headers")->find("X-Topic")->text(), "orders/create");
    EXPECT_EQ(document.root().find("error_owner")->text(), "order people");
    EXPECT_EQ(document.root().find("state")->text(), "ready");
}

TEST_F(AdminApiTest, PayloadThatIsNoUtf8IsGivenAsBase64) {
    const auto seq = append("a", "\xFF\xFE", "no JSON");
    const auto document = parsed(ask("GET", "/v0/events/" + std::to_string(seq)));
    EXPECT_FALSE(document.root().find("payload"));
    EXPECT_EQ(document.root().find("payload_base64")->text(), "//4=");
}

TEST_F(AdminApiTest, ReplayMakesADeadLetterReadyAndWakesItsConnector) {
    const auto number = journal::Seq{append("a", "{}")};
    ASSERT_EQ(journal->claim({number}, {}, 0)->size(), 1U);
    journal::Finish rejected;
    rejected.kind = journal::Finish::Kind::dead_letter;
    rejected.verdict = "rejected";
    ASSERT_TRUE(journal->finish({.seq = number, .token = 1}, rejected, 0));
    const auto seq = std::to_string(journal::to_int(number));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/replay").status, 200);
    EXPECT_THAT(notified, ElementsAre("shop"));
    const auto document = parsed(ask("GET", "/v0/events/" + seq));
    EXPECT_EQ(document.root().find("state")->text(), "ready");
    EXPECT_THAT(std::string(document.root().find("notes")->raw()), HasSubstr("by admin"));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/replay").status, 409);
}

TEST_F(AdminApiTest, WhatCannotBeReadIsNotReplayedAndSaysWhatToDo) {
    const auto seq = std::to_string(append("a", "{}", "no JSON"));
    const auto refused = ask("POST", "/v0/dead-letters/" + seq + "/replay");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("cannot be delivered: no JSON; discard it"));
    EXPECT_TRUE(notified.empty());
}

TEST_F(AdminApiTest, DiscardNeedsAReasonAndKeepsIt) {
    const auto seq = std::to_string(append("a", "{}", "no JSON"));
    for (const auto* body : {"", "{}", R"({"reason":""})", R"({"reason":5})"}) {
        EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/discard", body).status, 400) << body;
    }
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/discard", R"({"reason":"a test order"})").status, 200);
    const auto document = parsed(ask("GET", "/v0/events/" + seq));
    EXPECT_EQ(document.root().find("state")->text(), "discarded");
    EXPECT_THAT(std::string(document.root().find("notes")->raw()), HasSubstr("a test order"));
    EXPECT_THAT(seqs(ask("GET", "/v0/dead-letters")), ElementsAre());
    EXPECT_THAT(seqs(ask("GET", "/v0/dead-letters?state=discarded")), ElementsAre(seq));
}

TEST_F(AdminApiTest, WrongRequestsGetTheRightStatus) {
    const auto live = std::to_string(append("a", "{}"));
    EXPECT_EQ(ask("GET", "/v0/events/999").status, 404);
    EXPECT_EQ(ask("POST", "/v0/dead-letters/999/replay").status, 404);
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + live + "/replay").status, 409);
    EXPECT_EQ(ask("GET", "/v0/events/x").status, 400);
    EXPECT_EQ(ask("GET", "/v0/events?limit=0").status, 400);
    EXPECT_EQ(ask("GET", "/v0/dead-letters?state=ready").status, 400);
    EXPECT_EQ(ask("GET", "/v1/events").status, 404);
    EXPECT_EQ(ask("GET", "/").status, 404);
    EXPECT_EQ(ask("POST", "/v0/events/" + live + "/replay").status, 404);
    const auto method = ask("DELETE", "/v0/events/" + live);
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(http::find_header(method.headers, "Allow"), "GET");
    EXPECT_EQ(ask("GET", "/v0/dead-letters/" + live + "/replay").status, 405);
}

TEST_F(AdminApiTest, ResumesAConnector) {
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/resume").status, 200);
    EXPECT_THAT(resumed, ElementsAre("shop"));
    const auto unknown = ask("POST", "/v0/connectors/shp/resume");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.body, R"({"error":"there is no connector `shp`"})");
}

TEST_F(AdminApiTest, StartsAFlowOrASweepOfIt) {
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/stock/sweep").body, R"({"seq":8,"done":"appended"})");
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/stock/trigger").body, R"({"seq":7,"done":"appended"})");
    EXPECT_THAT(started, ElementsAre("sweep shop stock", "trigger shop stock "));
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/order/sweep").status, 409);
    EXPECT_EQ(ask("GET", "/v0/connectors/shop/flows/stock/sweep").status, 405);
}

TEST_F(AdminApiTest, StatusIsTheServices) {
    EXPECT_EQ(ask("GET", "/v0/status").body, R"({"version":"test"})");
}

TEST_F(AdminApiTest, AnswersNothingMoreAfterStop) {
    api->stop();
    EXPECT_EQ(ask("GET", "/v0/status").status, 503);
}

}  // namespace
}  // namespace sluice::host
