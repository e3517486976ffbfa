#include "host/config/resolve.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

/// A plugin that is its contract only.
PluginSet plugins() {
    auto plugin = std::make_shared<Plugin>();
    plugin->name = "shopify";
    auto& contract = plugin->contract;
    using Type = contract::ConfigKey::Type;
    contract.config["webhook_secret"] = {.name = "webhook_secret", .type = Type::secret, .help = "The app's secret."};
    contract.config["shipping"] = {.name = "shipping", .type = Type::text, .default_value = "SHIPPING"};
    contract.config["on_change"] = {
        .name = "on_change", .type = Type::text, .default_value = "reject", .choices = {"reject", "skip"}};
    contract.config["pages"] = {.name = "pages", .type = Type::integer, .default_value = "3"};
    contract.config["verbose"] = {.name = "verbose", .type = Type::boolean, .default_value = "false"};
    contract.flows["order"].name = "order";
    contract.limits = {.per_second = 10, .per_day = 5'000};
    PluginSet set;
    set.plugins.emplace("shopify", std::move(plugin));
    return set;
}

const std::string odoo =
    "[odoo.main]\nurl = \"http://127.0.0.1:8069\"\ndatabase = \"d\"\nlogin = \"l\"\napi_key = { env = "
    "\"SLUICE_TEST_KEY\" }\n";
const std::string shop = odoo + "[connector.shop]\nplugin = \"shopify\"\n";
const std::string shop_with_secret = shop + "webhook_secret = { env = \"SLUICE_TEST_SECRET\" }\n";

class Resolve : public testing::Test {
protected:
    void SetUp() override {
        ::setenv("SLUICE_TEST_KEY", "the-api-key", 1);
        ::setenv("SLUICE_TEST_SECRET", "the-secret", 1);
        ::unsetenv("SLUICE_TEST_ABSENT");
    }
    static ResolvedSetup resolved(const std::string& toml) {
        const auto parsed = parse_configuration(toml, "s.toml");
        EXPECT_THAT(parsed.problems, IsEmpty());
        return resolve(parsed.configuration, plugins());
    }
    static std::vector<std::string> problems(const std::string& toml) {
        std::vector<std::string> lines;
        for (const auto& problem : resolved(toml).problems) lines.push_back(problem.to_string());
        return lines;
    }
};

TEST_F(Resolve, FillsDefaultsAndReadsSecrets) {
    const auto result =
        resolved(shop_with_secret + "pages = 5\nverbose = true\n[connector.shop.retry.order]\nlimit = 12\n");
    EXPECT_THAT(result.problems, IsEmpty());
    ASSERT_EQ(result.setup.connectors.size(), 1U);
    const auto& made = result.setup.connectors[0];
    EXPECT_EQ(made.odoo, "main");
    EXPECT_EQ(made.plugin->name, "shopify");
    EXPECT_THAT(made.config, UnorderedElementsAre(Pair("shipping", "SHIPPING"), Pair("on_change", "reject"),
                                                  Pair("pages", "5"), Pair("verbose", "true")));
    EXPECT_EQ(made.secrets.at("webhook_secret").reveal(), "the-secret");
    EXPECT_EQ(made.retry.at("order").limit, 12);
    EXPECT_EQ(made.retry.at("order").base_ms, contract::Retry{}.base_ms);
    EXPECT_EQ(result.setup.odoo.at("main").api_key.reveal(), "the-api-key");
    EXPECT_EQ(result.setup.odoo.at("main").endpoint.port, "8069");
}

TEST_F(Resolve, ModesAreOfAllFlowsOrOfSingleOnes) {
    const auto modes = [](const std::string& keys) {
        return resolved(shop_with_secret + keys).setup.connectors.at(0).modes;
    };
    EXPECT_THAT(modes(""), IsEmpty());
    EXPECT_THAT(modes("mode = \"shadow\"\n"), ElementsAre(Pair("order", Mode::shadow)));
    EXPECT_THAT(modes("[connector.shop.modes]\norder = \"paused\"\n"), ElementsAre(Pair("order", Mode::paused)));
    EXPECT_THAT(modes("mode = \"shadow\"\n[connector.shop.modes]\norder = \"live\"\n"), IsEmpty());
    EXPECT_THAT(problems(shop_with_secret + "[connector.shop.modes]\nodrer = \"shadow\"\n"),
                ElementsAre(testing::HasSubstr("plugin `shopify` has no flow `odrer`; did you mean `order`?")));
    EXPECT_THAT(parse_configuration(shop + "mode = \"shadwo\"\n", "s.toml").problems, testing::SizeIs(1));
}

/// The contract's text and a file that extends it, in a folder of this test.
class ResolveExtended : public Resolve {
protected:
    void SetUp() override {
        Resolve::SetUp();
        folder_ = std::filesystem::path(testing::TempDir()) / fmt::format("extension-{}", ::getpid());
        std::filesystem::create_directories(folder_);
        write(
            "[extension]\ncontract = \"shopify\"\n[config.team]\ndefault = \"web\"\n[flow.order]\n"
            "error_owner = \"web team\"\nretry = { limit = 20 }\n");
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }
    void write(const std::string& text) const { std::ofstream(folder_ / "mine.toml") << text; }
    ResolvedSetup resolved(const std::string& rest) const {
        auto plugin = std::make_shared<Plugin>();
        plugin->name = "shopify";
        plugin->contract_text =
            "[contract]\nname = \"shopify\"\nversion = \"1.0.0\"\n[flow.order]\nordering_key = \"/id\"\n";
        plugin->contract = *contract::parse_contract(plugin->contract_text, "shopify.contract.toml");
        PluginSet set;
        set.plugins.emplace("shopify", std::move(plugin));
        const auto parsed = parse_configuration(shop + rest, folder_ / "s.toml");
        EXPECT_THAT(parsed.problems, IsEmpty());
        return resolve(parsed.configuration, set);
    }
    std::vector<std::string> problems(const std::string& rest) const {
        std::vector<std::string> lines;
        for (const auto& problem : resolved(rest).problems)
            lines.push_back(std::filesystem::path(problem.file).filename().string() + ":" +
                            std::to_string(problem.line) + ": " + problem.message);
        return lines;
    }

    std::filesystem::path folder_;
};

TEST_F(ResolveExtended, TheConnectorRunsWithTheExtendedContract) {
    const auto result = resolved("contract_extension = \"mine.toml\"\nteam = \"shop\"\n");
    ASSERT_THAT(result.problems, IsEmpty());
    const auto& made = result.setup.connectors.at(0);
    EXPECT_EQ(made.plugin->contract.flows.at("order").error_owner, "web team");
    EXPECT_EQ(made.retry.at("order").limit, 20);
    EXPECT_EQ(made.config.at("team"), "shop");
    EXPECT_EQ(resolved("").setup.connectors.at(0).plugin->contract.flows.at("order").error_owner, "")
        << "another connector of the plugin has the contract as it was shipped";
}

TEST_F(ResolveExtended, TheConfigurationsOwnOverridesComeLast) {
    const auto result = resolved("contract_extension = \"mine.toml\"\n[connector.shop.retry.order]\nlimit = 5\n");
    EXPECT_EQ(result.setup.connectors.at(0).retry.at("order").limit, 5);
}

TEST_F(ResolveExtended, WhatIsWrongWithItIsReportedWithItsOwnPlace) {
    write("[extension]\ncontract = \"shopify\"\n[flow.ordr]\nerror_owner = \"x\"\n");
    EXPECT_THAT(problems("contract_extension = \"mine.toml\"\nteam = \"shop\"\n"),
                ElementsAre("mine.toml:3: the contract has no flow `ordr`; did you mean `order`?"));
    EXPECT_THAT(problems("contract_extension = \"none.toml\"\n"),
                ElementsAre(testing::AllOf(testing::StartsWith("s.toml:8: `contract_extension`: "),
                                           testing::HasSubstr("none.toml: cannot be read"))));
}

TEST_F(Resolve, JournalKeysAreThirtyTwoBytesInBase64) {
    const std::string good = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    ::setenv("SLUICE_TEST_JOURNAL_KEY", (good + "\n").c_str(), 1);
    ::setenv("SLUICE_TEST_OLD_KEY", "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXowMTIzNDU=", 1);
    const auto one = resolved("[host]\njournal_key = { env = \"SLUICE_TEST_JOURNAL_KEY\" }\n" + shop_with_secret);
    EXPECT_THAT(one.problems, IsEmpty());
    ASSERT_EQ(one.setup.journal_keys.size(), 1U);
    EXPECT_EQ(one.setup.journal_keys[0].reveal(), "01234567890123456789012345678901");
    const auto two =
        resolved("[host]\njournal_key = [{ env = \"SLUICE_TEST_JOURNAL_KEY\" }, { env = \"SLUICE_TEST_OLD_KEY\" }]\n" +
                 shop_with_secret);
    EXPECT_THAT(two.problems, IsEmpty());
    ASSERT_EQ(two.setup.journal_keys.size(), 2U);
    EXPECT_EQ(two.setup.journal_keys[1].reveal(), "abcdefghijklmnopqrstuvwxyz012345");

    ::setenv("SLUICE_TEST_JOURNAL_KEY", "c2hvcnQ=", 1);
    ::setenv("SLUICE_TEST_OLD_KEY", "a pass phrase", 1);
    EXPECT_THAT(
        problems("[host]\njournal_key = [{ env = \"SLUICE_TEST_JOURNAL_KEY\" }, { env = \"SLUICE_TEST_OLD_KEY\" },\n"
                 "{ env = \"SLUICE_TEST_ABSENT\" }]\n" +
                 shop_with_secret),
        ElementsAre("s.toml:2:16: `journal_key`: environment variable SLUICE_TEST_JOURNAL_KEY holds 5 bytes; right "
                    "would be 32 random bytes in base64 (head -c 32 /dev/urandom | base64)",
                    "s.toml:2:53: `journal_key`: environment variable SLUICE_TEST_OLD_KEY holds no base64; right would "
                    "be 32 random bytes in base64 (head -c 32 /dev/urandom | base64)",
                    "s.toml:3:1: `journal_key`: environment variable SLUICE_TEST_ABSENT is not set"));
}

TEST_F(Resolve, WhatAnOperatorKeepsReplacesTheContractsWord) {
    constexpr std::int64_t day_ms = 86'400'000;
    const auto result = resolved(shop_with_secret + "[connector.shop.retention.order]\npayload = \"7d\"\n");
    EXPECT_THAT(result.problems, IsEmpty());
    const auto& kept = result.setup.connectors.at(0).retention.at("order");
    EXPECT_EQ(kept.payload_ms, 7 * day_ms);
    EXPECT_EQ(kept.ids_ms, contract::Retention::default_ms);
    EXPECT_THAT(problems(shop_with_secret + "[connector.shop.retention.ordr]\nids = \"90d\"\n"
                                            "[connector.shop.retention.order]\nids = \"30d\"\n"),
                ElementsAre("s.toml:9:1: plugin `shopify` has no flow `ordr`; did you mean `order`?",
                            "s.toml:11:1: flow `order`: `payload` (90d) must not be kept longer than `ids` (30d)"));
}

TEST_F(Resolve, DisabledConnectorNeedsNeitherPluginNorSecret) {
    const auto result =
        resolved(odoo +
                 "[connector.a]\nplugin = \"gone\"\nenabled = false\n[connector.b]\nplugin = \"shopify\"\nenabled = "
                 "false\nwebhook_secret = { env = \"SLUICE_TEST_ABSENT\" }\n");
    EXPECT_THAT(result.problems, IsEmpty());
    EXPECT_THAT(result.setup.connectors, IsEmpty());
    EXPECT_THAT(result.setup.disabled, ElementsAre("a", "b"));
}

TEST_F(Resolve, NamesAnUnknownPlugin) {
    EXPECT_THAT(
        problems(odoo + "[connector.shop]\nplugin = \"shopfy\"\n"),
        ElementsAre("s.toml:7:10: there is no plugin `shopfy` in the plugin directories; did you mean `shopify`?"));
}

TEST_F(Resolve, NamesAnUnknownKeyAndAMissingOne) {
    EXPECT_THAT(problems(shop + "shiping = \"X\"\n"),
                ElementsAre("s.toml:6:1: `connector.shop` lacks `webhook_secret`: { env = \"NAME\" } or { file = "
                            "\"PATH\" }; The app's secret.",
                            "s.toml:8:1: unknown key `shiping` in `connector.shop`; did you mean `shipping`?"));
}

TEST_F(Resolve, PlainSecretIsRefusedAndNotRepeated) {
    EXPECT_THAT(problems(shop + "webhook_secret = \"hunter2\"\n"),
                ElementsAre("s.toml:8:18: `webhook_secret` is a secret and must not be written here; give { env = "
                            "\"NAME\" } or { file = \"PATH\" }"));
}

TEST_F(Resolve, AbsentSecretIsNamedAtItsPlace) {
    EXPECT_THAT(
        problems(shop + "webhook_secret = { env = \"SLUICE_TEST_ABSENT\" }\n"),
        ElementsAre(testing::AllOf(testing::StartsWith("s.toml:8:18: "), testing::HasSubstr("SLUICE_TEST_ABSENT"))));
}

TEST_F(Resolve, ChecksTypesAndChoices) {
    EXPECT_THAT(
        problems(shop_with_secret + "on_change = \"rejct\"\npages = \"3\"\nverbose = 1\nshipping = { env = \"X\" }\n"),
        ElementsAre("s.toml:9:13: `on_change` must be `reject` or `skip`; found `rejct`; did you mean `reject`?",
                    "s.toml:10:9: `pages` must be an integer; found a string",
                    "s.toml:11:11: `verbose` must be true or false; found an integer",
                    "s.toml:12:12: `shipping` must be a string; found a secret's place"));
}

TEST_F(Resolve, NamesAnOdooThatIsNotThere) {
    EXPECT_THAT(problems(shop_with_secret + "odoo = \"elsewhere\"\n"),
                ElementsAre("s.toml:9:8: there is no [odoo.elsewhere]; there is: main"));
}

TEST_F(Resolve, OdooMayBeLeftOutOnlyWhereThereIsOne) {
    const auto second =
        "[odoo.second]\nurl = \"http://b\"\ndatabase = \"d\"\nlogin = \"l\"\napi_key = { env = "
        "\"SLUICE_TEST_KEY\" }\n";
    EXPECT_THAT(problems(shop_with_secret + second),
                ElementsAre("s.toml:6:1: `connector.shop` lacks `odoo`: `main` or `second`"));
    EXPECT_THAT(problems("[connector.shop]\nplugin = \"shopify\"\nwebhook_secret = { env = \"SLUICE_TEST_SECRET\" }\n"),
                ElementsAre("s.toml:1:1: `connector.shop` has no Odoo to write to; add a table [odoo.main]"));
}

TEST_F(Resolve, ChecksTheOdooUrl) {
    EXPECT_THAT(problems("[odoo.main]\nurl = \"ftp://a\"\ndatabase = \"d\"\nlogin = \"l\"\napi_key = { env = "
                         "\"SLUICE_TEST_KEY\" }\n"),
                ElementsAre(testing::StartsWith("s.toml:2:7: ")));
}

TEST_F(Resolve, ReadsThePasswordOfAWebSession) {
    const auto web = [](const std::string& variable) {
        return "[odoo.main]\nurl = \"http://a\"\ndatabase = \"d\"\nlogin = \"l\"\nprotocol = \"web_session\"\npassword "
               "= "
               "{ env = \"" +
               variable + "\" }\n";
    };
    const auto result = resolved(web("SLUICE_TEST_KEY"));
    EXPECT_THAT(result.problems, IsEmpty());
    const auto& account = result.setup.odoo.at("main");
    EXPECT_EQ(account.protocol, odoo::ProtocolName::web_session);
    EXPECT_EQ(account.password.reveal(), "the-api-key");
    EXPECT_TRUE(account.api_key.empty());
    EXPECT_THAT(
        problems(web("SLUICE_TEST_ABSENT")),
        ElementsAre(testing::AllOf(testing::StartsWith("s.toml:6:12: "), testing::HasSubstr("SLUICE_TEST_ABSENT"))));
}

TEST_F(Resolve, LimitsOfTheConfigurationReplaceThoseOfTheContract) {
    const auto limits = [](const std::string& toml) { return resolved(toml).setup.connectors.at(0).limits; };
    EXPECT_EQ(limits(shop_with_secret), (delivery::RateLimits{.per_second = 10, .per_day = 5'000}));
    EXPECT_EQ(limits(shop_with_secret + "[connector.shop.limits]\nper_second = 0\nconcurrent = 3\n"),
              (delivery::RateLimits{.per_day = 5'000, .concurrent = 3}));
}

TEST_F(Resolve, ConnectorsOfOneAccountHaveOneSetOfLimits) {
    const auto group = "rate_limit_group = \"account\"\n";
    const auto other = std::string(
                           "[connector.west]\nplugin = \"shopify\"\nwebhook_secret = { env = "
                           "\"SLUICE_TEST_SECRET\" }\n") +
                       group;
    EXPECT_THAT(problems(shop_with_secret + group + other), IsEmpty());
    EXPECT_EQ(resolved(shop_with_secret + group + other).setup.connectors.at(1).rate_limit_group, "account");
    EXPECT_THAT(problems(shop_with_secret + group + other + "limits = { per_day = 7 }\n"),
                ElementsAre("s.toml:10:1: connectors `shop` and `west` share the rate_limit_group `account` and have "
                            "different limits; give both the same [connector.NAME.limits]"));
}

TEST_F(Resolve, ChecksRetries) {
    EXPECT_THAT(
        problems(shop_with_secret + "[connector.shop.retry.ordr]\nlimit = 2\n[connector.shop.retry.order]\nbase_ms = "
                                    "5000\ncap_ms = 10\n"),
        ElementsAre("s.toml:9:1: plugin `shopify` has no flow `ordr`; did you mean `order`?",
                    "s.toml:11:1: base_ms 5000 of flow `order` is above its cap_ms 10; give a cap_ms of at least "
                    "5000"));
}

TEST(DataDir, MustBeAFolderThatCanBeMade) {
    EXPECT_EQ(data_dir_problem(testing::TempDir()), "");
    EXPECT_EQ(data_dir_problem(std::filesystem::path(testing::TempDir()) / "not" / "there" / "yet"), "");
    EXPECT_THAT(data_dir_problem("/dev/null/var"), testing::HasSubstr("/dev/null is no folder"));
}

}  // namespace
}  // namespace sluice::host
