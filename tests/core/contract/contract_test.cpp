#include "core/contract/contract.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Contract, TheSmallContractOfTheseTestsIsRight) {
    EXPECT_THAT(problems_of(small_contract), IsEmpty());
}

TEST(Contract, TheShippedShopifyContractIsRight) {
    const auto contract =
        parse_contract(read_source_file("contracts/shopify/shopify.contract.toml"), "shopify.contract.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    EXPECT_EQ(contract->name, "shopify");
    const Flow& flow = contract->flows.at("order");
    EXPECT_EQ(flow.order, "order");
    EXPECT_EQ(flow.ordering_key, "/id");
    EXPECT_EQ(flow.revision, "/updated_at");
    ASSERT_TRUE(flow.webhook);
    EXPECT_THAT(flow.webhook->topics, ElementsAre("orders/create", "orders/updated", "orders/cancelled"));
    ASSERT_TRUE(flow.webhook->signature);
    EXPECT_EQ(flow.webhook->signature->secret, "webhook_secret");
    ASSERT_TRUE(flow.record);
    EXPECT_EQ(flow.record->lines.size(), 7U)
        << "items and shipping, each with what a percentage leaves; gift cards; refunds of no line, and their taxes";
    ASSERT_EQ(flow.record->transitions.size(), 1U);
    EXPECT_EQ(flow.records.size(), 2U);
}

TEST(Contract, ReadsEveryPart) {
    const auto contract = parse_contract(small_contract, "c.toml");
    ASSERT_TRUE(contract);
    EXPECT_EQ(contract->config.at("key").type, ConfigKey::Type::secret);
    EXPECT_EQ(contract->config.at("product").default_value, "SHIP");
    EXPECT_EQ(contract->credentials.at("api").prefix, "Bearer ");
    const Flow& flow = contract->flows.at("order");
    EXPECT_EQ(flow.order, "order") << "the flow's name is the default";
    EXPECT_EQ(flow.retry.cap_ms, 20);
    EXPECT_TRUE(flow.dead_letter_holds_key);
    ASSERT_EQ(flow.webhook->topic.parts.size(), 1U);
    EXPECT_EQ(flow.webhook->topic.parts[0].kind, Template::Part::Kind::header);
    EXPECT_EQ(flow.record->protect->action, "{config:policy}");
    EXPECT_EQ(flow.record->fields[0].name, "partner_id") << "fields keep the order of the text";
    EXPECT_EQ(flow.record->fields[1].place.line, 28);
    EXPECT_EQ(flow.record->lines[0].parent_field, "order_id");
}

TEST(Contract, ReadsHowEventsAreDeliveredAndKept) {
    constexpr std::int64_t day_ms = 86'400'000;
    const auto plain = parse_contract(small_contract, "c.toml");
    ASSERT_TRUE(plain);
    const Flow& plainly = plain->flows.at("order");
    EXPECT_EQ(plainly.priority, Priority::normal);
    EXPECT_EQ(plainly.deadline_ms, 0);
    EXPECT_FALSE(plainly.coalesce_latest);
    EXPECT_EQ(plainly.batch.max, 1);
    EXPECT_EQ(plainly.retention.payload_ms, 90 * day_ms);
    EXPECT_EQ(plainly.retention.ids_ms, 90 * day_ms);

    const auto contract = parse_contract(
        replaced(
            small_contract, "[flow.order.webhook]",
            "priority = \"low\"\ndeadline = \"1h30m\"\ncoalesce = \"latest\"\nbatch = { max = 50, wait = \"2s\" }\n"
            "[flow.order.retention]\npayload = \"3d\"\nids = \"72h\"\n[flow.order.webhook]"),
        "c.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const Flow& flow = contract->flows.at("order");
    EXPECT_EQ(flow.priority, Priority::low);
    EXPECT_EQ(flow.deadline_ms, 5'400'000);
    EXPECT_TRUE(flow.coalesce_latest);
    EXPECT_EQ(flow.batch.max, 50);
    EXPECT_EQ(flow.batch.wait_ms, 2'000);
    EXPECT_EQ(flow.retention.payload_ms, 3 * day_ms);
    EXPECT_EQ(flow.retention.ids_ms, 3 * day_ms);
}

TEST(Contract, ConstantsMayBeWrittenInTomlsOwnTypes) {
    const auto contract = parse_contract(
        replaced(small_contract, "[[flow", "active = { value = true }\nsequence = { value = 10 }\n[[flow"), "c.toml");
    ASSERT_TRUE(contract);
    const auto& fields = contract->flows.at("order").record->fields;
    EXPECT_EQ(fields[2].as, As::boolean);
    EXPECT_EQ(fields[3].as, As::integer);
    EXPECT_EQ(fields[3].value, "10");
}

TEST(Contract, LimitsAreThoseThatAreSet) {
    const auto contract = parse_contract(
        replaced(small_contract, "[config.key]", "[limits]\nper_day = 100000\nconcurrent = 5\n[config.key]"), "c.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    EXPECT_EQ(contract->limits, (Limits{.per_day = 100'000, .concurrent = 5}));
    const Limits own{.per_second = 3, .per_day = 0};
    EXPECT_EQ(own.over(contract->limits), (Limits{.per_second = 3, .per_day = 0, .concurrent = 5}));
}

TEST(Contract, SaysEverythingThatIsWrongAtOnceInTheOrderOfTheText) {
    std::string text = replaced(small_contract, "version = \"1.2.3\"", "version = \"one\"");
    text = replaced(text, "limit = 3", "limits = 3");
    text = replaced(text, "digits = 2", "digits = 99");
    EXPECT_THAT(problems_of(text),
                ElementsAre("c.toml:3:11: `one` is no semantic version (like 1.0.0)",
                            "c.toml:15:38: unknown key `limits` in `flow.order.retry`; did you mean `limit`?",
                            "c.toml:28:53: `digits` must be an integer from 0 to 12; found 99"));
}

TEST(Contract, WithoutAnyOneOfItsLinesTheShippedContractIsRightOrHasProblemsWithPlaces) {
    const std::string text = read_source_file("contracts/shopify/shopify.contract.toml");
    const auto lines = static_cast<int>(std::ranges::count(text, '\n'));
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = text.find('\n', start) + 1;
        const std::string without = text.substr(0, start) + text.substr(end);
        const auto contract = parse_contract(without, "c.toml");
        if (!contract) {
            EXPECT_THAT(contract.error(), testing::Not(IsEmpty()));
            for (const Problem& problem : contract.error()) {
                EXPECT_GE(problem.line, 1) << problem.message;
                EXPECT_LE(problem.line, lines) << problem.message;
                EXPECT_GE(problem.column, 1) << problem.message;
            }
        }
        start = end;
    }
}

TEST(Contract, TextThatIsNoUtf8IsASyntaxError) {
    const auto problems = problems_of("[contract]\nname = \"\xff\"\n");
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_THAT(problems[0], testing::StartsWith("c.toml:2:8: not valid TOML: "));
}

TEST(Contract, BracesAndHashesOfTemplates) {
    const auto contract =
        parse_contract(replaced(small_contract, "order_{^/id}_{/id}", "{{x}}{config:product}{hash:/a,^/b}"), "c.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const auto& parts = contract->flows.at("order").record->lines[0].external_id.parts;
    ASSERT_EQ(parts.size(), 3U);
    EXPECT_EQ(parts[0].text, "{x}");
    EXPECT_EQ(parts[1].kind, Template::Part::Kind::config);
    EXPECT_THAT(parts[2].pointers, ElementsAre("/a", "^/b"));
}

}  // namespace
}  // namespace sluice::contract
