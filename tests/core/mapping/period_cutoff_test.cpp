// A day in a period that is closed.

#include <gmock/gmock.h>

#include "tests/core/contract/contract_text.hpp"
#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string cutoff(const std::string& until, const std::string& late) {
    return "as = \"date\", create_only = true, period_cutoff = { closed_until = \"" + until + "\", late = \"" + late +
           "\" }";
}

TEST(PeriodCutoff, ADayInAClosedPeriodIsABrokenRule) {
    const auto rule = cutoff("2024-02-29", "reject");
    EXPECT_EQ(v_of(rule, "\"2024-02-29\""),
              "1 rule broken: /v: 2024-02-29 is in a period that is closed, until 2024-02-29");
    EXPECT_EQ(v_of(rule, "\"2024-03-01\""), "2024-03-01");
    EXPECT_EQ(v_of(rule, "null"), "empty");
}

TEST(PeriodCutoff, OrBecomesTheFirstOpenDay) {
    EXPECT_EQ(v_of(cutoff("2024-02-28", "first_open_day"), "\"2019-12-31\""), "2024-02-29");
    EXPECT_EQ(v_of(cutoff("2024-12-31", "first_open_day"), "\"2024-12-31\""), "2025-01-01");
    EXPECT_EQ(v_of(cutoff("2024-12-31", "first_open_day"), "\"2025-01-02\""), "2025-01-02");
}

TEST(PeriodCutoff, TheDayIsThatOfTheRulesZone) {
    const auto rule = cutoff("2024-02-29", "first_open_day") + ", zone = \"Europe/Brussels\"";
    EXPECT_EQ(v_of(rule, "\"2024-02-29T23:30:00Z\""), "2024-03-01") << "it is March there";
    EXPECT_EQ(v_of(rule, "\"2024-02-01T23:30:00Z\""), "2024-03-01") << "moved";
}

/// Of a flow whose books are closed as the operator says.
std::string configured(const std::string& until, const std::string& late) {
    static const contract::Flow& flow = []() -> const contract::Flow& {
        static const auto contract = contract::parse_contract(std::string(head) + R"(
[flow.f.record.fields]
x = { from = "/v", as = "date", create_only = true, period_cutoff = { closed_until = "{config:closed}", late = "{config:late}" } }
[config.closed]
default = ""
[config.late]
default = "reject"
choices = ["reject", "first_open_day"]
)",
                                                              "test.contract.toml");
        EXPECT_TRUE(contract) << contract.error().front().to_string();
        return contract->flows.at("f");
    }();
    const auto mapped = map_text(flow, R"({"id": 1, "v": "2024-01-15"})", {{"closed", until}, {"late", late}});
    return mapped ? text_of(mapped->fields, "x") : to_string(mapped.error());
}

TEST(PeriodCutoff, WhenAndHowIsTheOperatorsToSay) {
    EXPECT_EQ(configured("", "reject"), "2024-01-15") << "nothing is closed";
    EXPECT_EQ(configured("2024-01-31", "first_open_day"), "2024-02-01");
    EXPECT_THAT(configured("2024-01-31", "reject"), HasSubstr("/v: 2024-01-15 is in a period that is closed"));
    EXPECT_EQ(configured("January", "reject"),
              "1 rule broken: the configuration key `closed` must be a date (like 2022-01-01); found `January`");
}

TEST(PeriodCutoff, HoldsForADocumentOfAnotherSystem) {
    const auto contract = contract::parse_contract(R"([contract]
name = "test"
version = "1.0.0"
[flow.f]
ordering_key = "/id"
[flow.f.document]
fields."/Date" = { from = "/date", as = "date", period_cutoff = { closed_until = "2024-01-31", late = "first_open_day" } }
)",
                                                   "test.contract.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const auto document = json::Document::parse(R"({"id": 1, "date": "2024-01-15"})");
    EXPECT_EQ(map_document(contract->flows.at("f"), document->root(), {}), R"({"Date":"2024-02-01"})");
}

std::vector<std::string> problems(const std::string& options) {
    return contract::problems_of(std::string(head) + "[flow.f.record.fields]\nx = { from = \"/v\", " + options +
                                 " }\n");
}

TEST(PeriodCutoff, IsHeldToWhatItCanDo) {
    EXPECT_THAT(problems("as = \"date\", period_cutoff = { closed_until = \"2024-01-31\", late = \"first_open_day\" }"),
                ElementsAre(HasSubstr("needs create_only = true")));
    EXPECT_THAT(problems("period_cutoff = { closed_until = \"2024-01-31\", late = \"reject\" }"),
                ElementsAre(HasSubstr("`period_cutoff` needs as = \"date\"")));
    EXPECT_THAT(problems("as = \"date\", period_cutoff = { closed_until = \"31.1.\", late = \"rejct\" }"),
                ElementsAre(HasSubstr("`31.1.` is no date"), HasSubstr("did you mean `reject`?")));
    EXPECT_THAT(
        problems("as = \"date\", period_cutoff = { closed_until = \"{config:policy}\", late = \"{config:policy}\" }"),
        testing::Contains(HasSubstr("`policy` needs choices = [\"reject\", \"first_open_day\"]")));
}

}  // namespace
}  // namespace sluice::mapping
