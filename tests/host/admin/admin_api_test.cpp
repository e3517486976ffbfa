// What the admin API answers about events and connectors.

#include "tests/host/admin/admin_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class AdminApiTest : public AdminFixture {};

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

TEST_F(AdminApiTest, PausesAndResumesAConnectorOrAFlow) {
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/pause", R"({"reason":"stock take"})").body,
              R"({"connector":"shop","done":"paused"})");
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/order/pause", R"({"reason":"why"})").body,
              R"({"connector":"shop","flow":"order","done":"paused"})");
    const auto pauses = journal->pauses().value();
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[0].who, "admin");
    EXPECT_EQ(pauses[0].reason, "stock take");
    EXPECT_EQ(pauses[1].flow, "order");
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/order/resume").body,
              R"({"connector":"shop","flow":"order","done":"resumed","ended":["it was paused"],"still":[]})");
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/order/resume").status, 409);
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/resume").status, 200);
    EXPECT_EQ(journal->pauses()->size(), 0U);
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/pause").body,
              R"({"error":"a pause needs a reason; send {\"reason\":\"TEXT\"}"})");
    for (const auto* action : {"pause", "resume"}) {
        const auto unknown = ask("POST", std::string("/v0/connectors/shp/") + action, R"({"reason":"x"})");
        EXPECT_EQ(unknown.status, 404) << action;
        EXPECT_EQ(unknown.body, R"({"error":"there is no connector `shp`"})");
    }
}

TEST_F(AdminApiTest, WhoDecidesIsWhoConnected) {
    uid = 0;
    ask("POST", "/v0/connectors/shop/pause", R"({"reason":"stock take"})");
    EXPECT_EQ(journal->pauses()->at(0).who, "root (uid 0)");
    uid = 4'000'000'000;  // of nobody
    ask("POST", "/v0/connectors/shop/resume");
    EXPECT_EQ(resumed_by, "uid 4000000000");
    const auto seq = dead_letter("a");
    uid = 0;
    ask("POST", fmt::format("/v0/dead-letters/{}/discard", seq), R"({"reason":"test order"})");
    EXPECT_THAT(journal::to_string(event(seq).notes.at(0)), HasSubstr("discarded by root (uid 0): test order"));
}

TEST_F(AdminApiTest, CopiesTheJournalAndChecksIt) {
    const auto seq = append("a", "{}");
    const auto copy = (folder / "copy.db").string();
    const auto made = ask("POST", "/v0/journal/backup", R"({"file":")" + copy + R"("})");
    EXPECT_EQ(made.status, 200) << made.body;
    EXPECT_EQ(parsed(made).root().find("file")->text(), copy);
    const auto opened = journal::open_sqlite_journal(copy, clock);
    ASSERT_TRUE(opened);
    EXPECT_TRUE((*opened)->show(journal::Seq{seq}).value().has_value());
    EXPECT_EQ(ask("POST", "/v0/journal/backup", R"({"file":")" + copy + R"("})").status, 409) << "it is there already";
    EXPECT_EQ(ask("POST", "/v0/journal/backup", R"({"file":"copy.db"})").status, 400);
    EXPECT_EQ(ask("POST", "/v0/journal/backup").status, 400);
    EXPECT_EQ(ask("POST", "/v0/journal/check").body, R"({"sound":true,"problem":"","took_ms":0})");
    EXPECT_EQ(ask("GET", "/v0/journal/check").status, 405);
}

TEST_F(AdminApiTest, ADryRunIsTheServicesAndOfWhatCanBeDelivered) {
    const auto seq = std::to_string(dead_letter("a")), never = std::to_string(append("b", "{}", "no JSON"));
    EXPECT_EQ(ask("POST", "/v0/events/" + seq + "/dry-run").body, R"({"ends":"done"})");
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/dry-run").body, R"({"ends":"done"})");
    EXPECT_EQ(ask("POST", "/v0/events/" + never + "/dry-run").status, 409);
    EXPECT_EQ(ask("POST", "/v0/events/999/dry-run").status, 404);
    EXPECT_EQ(ask("GET", "/v0/events/" + seq + "/dry-run").status, 405);
}

TEST_F(AdminApiTest, ShowsWhatTheMappingMakesOfAPayload) {
    const auto good = std::to_string(append("a", R"({"name":"S1"})")), bad = std::to_string(append("b", R"({"n":1})"));
    const auto mapped = parsed(ask("GET", "/v0/events/" + good));
    EXPECT_EQ(mapped.root().at_pointer("/mapping/record/fields/name")->text(), "S1");
    const auto broken = parsed(ask("GET", "/v0/events/" + bad));
    EXPECT_EQ(broken.root().at_pointer("/mapping/broken/0/pointer")->text(), "/name");
    EXPECT_EQ(broken.root().at_pointer("/mapping/broken/0/message")->text(), "required, and absent");
}

TEST_F(AdminApiTest, StartsAFlowOrASweepOfIt) {
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/stock/sweep").body, R"({"seq":8,"done":"appended"})");
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/stock/trigger").body, R"({"seq":7,"done":"appended"})");
    EXPECT_THAT(started, ElementsAre("sweep shop stock", "trigger shop stock "));
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/order/sweep").status, 409);
    EXPECT_EQ(ask("GET", "/v0/connectors/shop/flows/stock/sweep").status, 405);
}

TEST_F(AdminApiTest, StartsAReconciliationAndTellsWhatItFound) {
    const std::string path = "/v0/connectors/shop/flows/order/reconcile";
    EXPECT_EQ(ask("POST", path).body, R"({"seq":9,"done":"appended"})");
    EXPECT_EQ(ask("POST", path, R"({"from":"1970-01-02","to":"1970-01-02T01:00:00+01:00","repair":"all"})").status,
              200);
    EXPECT_THAT(started, ElementsAre("reconcile shop order -1 -1 ", "reconcile shop order 86400000 86400000 all"));
    EXPECT_EQ(ask("POST", path, R"({"from":"yesterday"})").status, 400);
    EXPECT_EQ(ask("POST", path, R"({"form":"1970-01-02"})").status, 400);
    EXPECT_EQ(ask("POST", "/v0/connectors/shop/flows/stock/reconcile").status, 409);
    EXPECT_EQ(ask("GET", path).body, R"({"page":0})");
    EXPECT_EQ(ask("GET", path + "?after=3").body, R"({"page":3})");
    EXPECT_EQ(ask("GET", "/v0/connectors/shop/flows/stock/reconcile").status, 404);
    EXPECT_EQ(ask("PUT", path).status, 405);
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
