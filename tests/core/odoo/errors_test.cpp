#include "core/odoo/errors.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace sluice::odoo {
namespace {

using testing::HasSubstr;
using testing::Not;

json::Document recorded(const std::string& name) {
    std::ifstream in(std::string(SLUICE_SOURCE_DIR) + "/tests/data/odoo_errors/" + name);
    std::ostringstream text;
    text << in.rdbuf();
    auto document = json::Document::parse(text.str());
    EXPECT_TRUE(document) << name;
    return std::move(*document);
}

Error classify(std::string_view name, std::string_view message) {
    json::Writer writer;
    writer.begin_object()
        .key("code")
        .integer(200)
        .key("message")
        .string("Odoo Server Error")
        .key("data")
        .begin_object();
    writer.key("name").string(name).key("message").string(message);
    writer.key("debug").string("Traceback SECRET").end_object().end_object();
    const auto document = json::Document::parse(writer.text());
    return classify_rpc_error(document->root());
}

http::Response answer(int status, std::string content_type, std::string body) {
    return {.status = status, .headers = {{"Content-Type", std::move(content_type)}}, .body = std::move(body)};
}

TEST(RpcErrors, EveryRecordedErrorGetsItsClass) {
    const auto document = recorded("rpc_errors.json");
    const auto cases = *document.root().find("cases");
    ASSERT_GT(cases.size(), 100U);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto one = cases.at(i);
        const auto error = classify(one.find("name")->text(), one.find("message")->text());
        EXPECT_EQ(to_string(error.failure), one.find("failure")->text()) << one.raw();
        EXPECT_EQ(error.disconnected, one.find("disconnected")->is_true()) << one.raw();
        EXPECT_THAT(error.message, Not(HasSubstr("SECRET")));
        EXPECT_THAT(error.message, Not(testing::IsEmpty()));
    }
}

TEST(RpcErrors, EveryRecordedLoadMessageGetsItsClass) {
    const auto document = recorded("load_messages.json");
    const auto cases = *document.root().find("cases");
    ASSERT_GT(cases.size(), 5U);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto error = classify_load_message(cases.at(i).find("message")->text());
        EXPECT_EQ(to_string(error.failure), cases.at(i).find("failure")->text()) << cases.at(i).raw();
    }
}

TEST(RpcErrors, EveryRecordedForeignAnswerGetsItsClass) {
    const auto document = recorded("foreign_answers.json");
    const auto cases = *document.root().find("cases");
    ASSERT_GT(cases.size(), 4U);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto one = cases.at(i);
        const auto error = classify_foreign_answer(answer(static_cast<int>(*one.find("status")->as_int64()),
                                                          std::string(one.find("content_type")->text()),
                                                          std::string(one.find("body")->text())));
        EXPECT_EQ(to_string(error.failure), one.find("failure")->text()) << one.raw();
        EXPECT_EQ(error.disconnected, one.find("disconnected")->is_true()) << one.raw();
    }
}

TEST(RpcErrors, OperationalErrorsAreToldApartByTheirText) {
    const auto missing = classify("psycopg2.OperationalError", "FATAL:  database \"nodb\" does not exist\n");
    EXPECT_EQ(missing.failure, Failure::auth);
    EXPECT_THAT(missing.message, HasSubstr("check the name of the Odoo database"));
    const auto down = classify("psycopg2.OperationalError", "connection to server failed: Connection refused");
    EXPECT_EQ(down.failure, Failure::retry);
    EXPECT_TRUE(down.disconnected);
    const auto starting = classify("psycopg2.OperationalError", "FATAL:  the database system is starting up");
    EXPECT_EQ(starting.failure, Failure::retry);
    EXPECT_TRUE(starting.disconnected);
    const auto broken = classify("psycopg2.OperationalError", "server closed the connection unexpectedly");
    EXPECT_EQ(broken.failure, Failure::unknown);
    EXPECT_TRUE(broken.disconnected);
    EXPECT_EQ(classify("psycopg2.OperationalError", "canceling statement due to lock timeout").disconnected, false);
}

TEST(RpcErrors, ARaceForOneExternalIdIsTransientAnyOtherDuplicateIsTheDatas) {
    EXPECT_EQ(classify("psycopg2.errors.UniqueViolation",
                       "duplicate key value violates unique constraint \"ir_model_data_module_name_uniq_index\"")
                  .failure,
              Failure::retry);
    EXPECT_EQ(classify("psycopg2.errors.UniqueViolation",
                       "duplicate key value violates unique constraint \"product_tag_name_uniq\"")
                  .failure,
              Failure::rejected);
}

TEST(RpcErrors, AnUnknownNameIsTriedAgain) {
    const auto error = classify("odoo.addons.some.Surprise", "boo");
    EXPECT_EQ(error.failure, Failure::retry);
    EXPECT_EQ(error.message, "odoo.addons.some.Surprise: boo");
    EXPECT_EQ(classify("", "").message, "error without a name: Odoo Server Error");
}

TEST(RpcErrors, LongMessagesAreCutAtACharacter) {
    std::string text;
    for (int i = 0; i < 3'000; ++i) text += "é";
    const auto error = classify("odoo.exceptions.UserError", text);
    EXPECT_LT(error.message.size(), 2'010U);
    EXPECT_TRUE(error.message.ends_with("é..."));
}

TEST(ForeignAnswers, AProxysPageTellsWhetherTheCallMayHaveBeenApplied) {
    for (const int status : {500, 502, 504}) {
        const auto error = classify_foreign_answer(answer(status, "text/html", "<html>"));
        EXPECT_EQ(error.failure, Failure::unknown) << status;
        EXPECT_TRUE(error.disconnected) << status;
    }
    const auto busy = classify_foreign_answer(answer(503, "text/html", "<html>"));
    EXPECT_EQ(busy.failure, Failure::retry);
    EXPECT_TRUE(busy.disconnected);
    EXPECT_EQ(classify_foreign_answer(answer(200, "text/html", "<html>")).failure, Failure::retry);
    EXPECT_EQ(classify_foreign_answer(answer(200, "application/json", "{\"jsonrpc\": \"2.")).failure, Failure::unknown);
    EXPECT_EQ(classify_foreign_answer(answer(200, "application/json", "")).failure, Failure::unknown);
    EXPECT_EQ(classify_foreign_answer(answer(301, "text/html", "")).failure, Failure::retry);
    EXPECT_EQ(classify_foreign_answer(answer(401, "text/html", "")).failure, Failure::auth);
    const auto forbidden = classify_foreign_answer(answer(403, "text/html", "<html>"));
    EXPECT_EQ(forbidden.failure, Failure::retry) << "a firewall may dislike one body: nobody is paused for it";
    EXPECT_TRUE(forbidden.disconnected) << "the probe tells whether it is everybody";
}

TEST(ForeignAnswers, RetryAfterIsReadAsSecondsAndAsADate) {
    auto response = answer(429, "text/plain", "slow down");
    EXPECT_EQ(classify_foreign_answer(response).failure, Failure::rate_limited);
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, -1);
    response.headers.emplace_back("Retry-After", "7");
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, 7'000);
    response.headers.back().second = "99999999999999999999";
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, 86'400'000);
    response.headers.back().second = "Mon, 23 Nov 2026 20:00:30 GMT";
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, -1) << "no Date to measure against";
    response.headers.emplace_back("Date", "Mon, 23 Nov 2026 19:59:00 GMT");
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, 90'000);
    response.headers.back().second = "Mon, 23 Nov 2026 21:00:00 GMT";
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, 0);
    response.headers[1].second = "soon";
    EXPECT_EQ(classify_foreign_answer(response).retry_after_ms, -1);
}

}  // namespace
}  // namespace sluice::odoo
