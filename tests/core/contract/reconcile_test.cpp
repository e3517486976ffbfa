// [flow.NAME.reconcile].

#include <gmock/gmock.h>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string with(std::string_view reconcile) {
    return replaced(small_contract, "ordering_key = \"/id\"", "ordering_key = \"/id\"\nrevision = \"/updated_at\"") +
           std::string(reconcile);
}

TEST(Reconcile, IsReadWithItsDefaults) {
    const auto contract = parse_contract(with("[flow.order.reconcile]\n"), "c.toml");
    ASSERT_TRUE(contract);
    const auto& rule = contract->flows.at("order").reconcile;
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->period_ms, 7LL * 86'400'000);
    EXPECT_EQ(rule->repair, ReconcileRule::Repair::none);
    EXPECT_FALSE(rule->schedule);
    EXPECT_EQ(rule->domain, "[]");
    EXPECT_FALSE(parse_contract(small_contract, "c.toml")->flows.at("order").reconcile);
}

TEST(Reconcile, IsReadWithAllItHas) {
    const auto contract = parse_contract(with(R"([flow.order.reconcile]
needs = ["product"]
fields = ["total", "order_line.qty"]
domain = [["team", "=", "{config:product}"]]
period = "12h"
repair = "missed"
schedule = { cron = "0 3 * * *", zone = "Europe/Berlin", missed = "skip" }
)"),
                                         "c.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const auto& rule = *contract->flows.at("order").reconcile;
    EXPECT_THAT(rule.needs, ElementsAre("product"));
    EXPECT_THAT(rule.fields, ElementsAre("total", "order_line.qty"));
    EXPECT_EQ(rule.domain, R"([["team","=","{config:product}"]])");
    EXPECT_EQ(rule.period_ms, 12LL * 3'600'000);
    EXPECT_EQ(rule.repair, ReconcileRule::Repair::missed);
    EXPECT_EQ(rule.schedule.value().zone, "Europe/Berlin");
    EXPECT_TRUE(rule.schedule->skips_missed);
}

TEST(Reconcile, EverythingThatIsWrongIsSaidAtOnce) {
    EXPECT_THAT(problems_of(with(R"([flow.order.reconcile]
needs = ["prodct"]
fields = ["totl", "order_line.qt"]
period = "soon"
repair = "everything"
schedule = { every = "1h", cron = "0 3 * * *" }
perod = "1d"
)")),
                testing::UnorderedElementsAre(
                    HasSubstr("no configuration key `prodct`; did you mean `product`?"),
                    HasSubstr("maps no field `totl` that can be compared; did you mean `total`?"),
                    HasSubstr("`order_line.qt` that can be compared; did you mean `order_line.qty`?"),
                    HasSubstr("`period`"), HasSubstr("`repair`"), HasSubstr("`flow.order.reconcile.schedule` needs"),
                    HasSubstr("unknown key `perod` in `flow.order.reconcile`; did you mean `period`?")));
}

TEST(Reconcile, NeedsARecordThatIsComparedARevisionAndAnIdThatCanBeReadBack) {
    constexpr std::string_view table = "[flow.order.reconcile]\n";
    EXPECT_THAT(problems_of(std::string(small_contract) + std::string(table)),
                ElementsAre(HasSubstr("needs the flow's `revision`")));
    EXPECT_THAT(problems_of(replaced(with(table), "\"order_{/id}\"", "\"order_{/shop}_{/id}\"")),
                ElementsAre(HasSubstr("must be texts around one pointer, like \"order_{/id}\"")));
    EXPECT_THAT(problems_of(replaced(with(table), "\"order_{/id}\"", "\"order_{hash:/id}\"")),
                ElementsAre(HasSubstr("must be texts around one pointer")));
    EXPECT_THAT(
        problems_of(replaced(with(table), "model = \"sale.order\"", "model = \"sale.order\"\ncreate_only = true")),
        testing::Contains(HasSubstr("never changed is not compared")));
    EXPECT_THAT(problems_of(with("[flow.other]\nordering_key = \"/id\"\n[flow.other.reconcile]\n")),
                ElementsAre(HasSubstr("flow `other` has no `record`")));
    EXPECT_THAT(problems_of(with(table)), IsEmpty());
}

}  // namespace
}  // namespace sluice::contract
