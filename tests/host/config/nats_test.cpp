// [nats.NAME], and the connectors whose flows read a queue.

#include <gmock/gmock.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "host/config/configuration.hpp"
#include "host/config/resolve.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> texts(const std::vector<Problem>& problems) {
    std::vector<std::string> lines;
    for (const auto& problem : problems) lines.push_back(problem.to_string());
    return lines;
}

std::vector<std::string> problems_of(std::string_view toml) {
    return texts(parse_configuration(toml, "etc/sluice.toml").problems);
}

TEST(NatsSection, ReadsEveryKey) {
    const auto parsed = parse_configuration(R"([nats.main]
url = ["tls://a.example:4222", "tls://b.example:4222"]
user = "svc"
password = { env = "NATS_PASSWORD" }
ca = "ca.pem"
[nats.other]
url = "nats://[::1]:4222"
token = { file = "token" }
[nats.third]
url = "nats://third"
creds = { file = "svc.creds" }
[connector.shop]
plugin = "bus"
nats = "main"
)",
                                            "etc/sluice.toml");
    EXPECT_THAT(texts(parsed.problems), IsEmpty());
    const auto& main = parsed.configuration.nats.at("main");
    EXPECT_THAT(main.urls, ElementsAre("tls://a.example:4222", "tls://b.example:4222"));
    EXPECT_EQ(main.user, "svc");
    EXPECT_EQ(main.password.name, "NATS_PASSWORD");
    EXPECT_EQ(main.ca, "etc/ca.pem");
    EXPECT_EQ(parsed.configuration.nats.at("other").token.name, "etc/token");
    EXPECT_EQ(parsed.configuration.nats.at("third").creds.name, "etc/svc.creds");
    EXPECT_EQ(parsed.configuration.connectors.at("shop").nats, "main");
}

TEST(NatsSection, SaysWhatIsWrongAndWhatWouldBeRight) {
    const std::string main = "[nats.main]\n", url = main + "url = \"nats://h:4222\"\n";
    EXPECT_THAT(problems_of(main),
                ElementsAre("etc/sluice.toml:1:1: `nats.main` lacks `url`: the server's address, such as "
                            "\"nats://127.0.0.1:4222\", or several of one cluster"));
    EXPECT_THAT(problems_of(url + "tokn = { env = \"A\" }\n"),
                ElementsAre("etc/sluice.toml:3:1: unknown key `tokn` in `nats.main`; did you mean `token`?"));
    EXPECT_THAT(problems_of(url + "token = \"abc-the-token\"\n"),
                ElementsAre("etc/sluice.toml:3:9: `token` is a secret and must not be written here; give { env = "
                            "\"NAME\" } or { file = \"PATH\" }"));
    EXPECT_THAT(problems_of(url + "user = \"svc\"\n"),
                ElementsAre("etc/sluice.toml:3:1: `user` and `password` go together"));
    EXPECT_THAT(problems_of(url + "token = { env = \"A\" }\ncreds = { file = \"b\" }\n"),
                ElementsAre("etc/sluice.toml:3:1: give one of `user` with `password`, `token`, and `creds`"));
    EXPECT_THAT(problems_of(url + "creds = { env = \"A\" }\n"),
                ElementsAre("etc/sluice.toml:3:1: `creds` can only be a file: give { file = \"PATH\" }"));
    EXPECT_THAT(problems_of(url + "ca = \"ca.pem\"\n"),
                ElementsAre("etc/sluice.toml:3:1: `ca` is for tls://, and `url` is not"));
    EXPECT_THAT(problems_of(main + "url = [\"nats://a\", \"tls://b\"]\n"),
                ElementsAre("etc/sluice.toml:2:1: either all of `url` are tls://, or none is"));
}

TEST(NatsSection, AWrongUrlIsNotRepeatedSinceItMayHoldAPassword) {
    for (const auto* url : {"http://h:4222", "h:4222", "nats://", "nats://svc:hush@h:4222", "tls://hush@h",
                            "nats://h/x", "nats://h?x=1", "nats://h:4222#x"}) {
        const auto problems = problems_of("[nats.main]\nurl = \"" + std::string(url) + "\"\n");
        ASSERT_EQ(problems.size(), 1U) << url;
        EXPECT_THAT(problems[0], HasSubstr("etc/sluice.toml:2:7: "));
        EXPECT_THAT(problems[0], testing::Not(HasSubstr("hush")));
    }
}

class ResolveQueue : public testing::Test {
protected:
    void SetUp() override {
        ::setenv("SLUICE_TEST_KEY", "the-api-key", 1);
        ::setenv("SLUICE_TEST_NATS", "the-password", 1);
    }
    static PluginSet plugins(const std::string& contract) {
        auto plugin = std::make_shared<Plugin>();
        plugin->name = "bus";
        auto parsed = contract::parse_contract("[contract]\nname = \"bus\"\nversion = \"1.0.0\"\n" + contract, "c");
        EXPECT_TRUE(parsed) << parsed.error().front().to_string();
        plugin->contract = std::move(*parsed);
        PluginSet set;
        set.plugins.emplace("bus", std::move(plugin));
        return set;
    }
    static ResolvedSetup resolved(const std::string& toml, const std::string& contract) {
        const auto parsed = parse_configuration(
            "[odoo.main]\nurl = \"http://h\"\ndatabase = \"d\"\nlogin = \"l\"\napi_key = { env = \"SLUICE_TEST_KEY\" "
            "}\n" +
                toml,
            "s.toml");
        EXPECT_THAT(texts(parsed.problems), IsEmpty());
        return resolve(parsed.configuration, plugins(contract));
    }
    static std::vector<std::string> problems(const std::string& toml, const std::string& contract) {
        return texts(resolved(toml, contract).problems);
    }

    const std::string flow = "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"S\", record = \"/id\" }\n";
    const std::string shop = "[connector.shop]\nplugin = \"bus\"\n";
    const std::string main = "[nats.main]\nurl = \"nats://a:4222\"\n",
                      other = "[nats.other]\nurl = \"nats://b:4222\"\n";
};

TEST_F(ResolveQueue, TheOnlyServerIsTheDefaultAndItsSecretIsRead) {
    const auto result = resolved(main + "user = \"svc\"\npassword = { env = \"SLUICE_TEST_NATS\" }\n" + shop, flow);
    EXPECT_THAT(texts(result.problems), IsEmpty());
    EXPECT_EQ(result.setup.connectors.at(0).nats, "main");
    const auto& account = result.setup.nats.at("main");
    EXPECT_THAT(account.urls, ElementsAre("nats://a:4222"));
    EXPECT_EQ(account.user, "svc");
    EXPECT_EQ(account.password.reveal(), "the-password");
}

TEST_F(ResolveQueue, AFlowWithAQueueNeedsAServer) {
    EXPECT_THAT(problems(shop, flow),
                ElementsAre("s.toml:6:1: `connector.shop` has no NATS server for the queue of its flow `order`; add a "
                            "table [nats.main] with `url`"));
    EXPECT_THAT(problems(main + other + shop, flow),
                ElementsAre("s.toml:10:1: `connector.shop` lacks `nats`: `main` or `other`"));
    EXPECT_THAT(problems(main + shop + "nats = \"mian\"\n", flow),
                ElementsAre("s.toml:10:8: there is no [nats.mian]; did you mean `main`?"));
    EXPECT_THAT(problems(main + shop + "natz = \"main\"\n", flow),
                ElementsAre("s.toml:10:1: unknown key `natz` in `connector.shop`; did you mean `nats`?"));
}

TEST_F(ResolveQueue, WhoReadsNoQueueNeedsNone) {
    EXPECT_THAT(problems(shop, "[flow.order]\nordering_key = \"/id\"\n"), IsEmpty());
    EXPECT_THAT(problems(shop + "enabled = false\n", flow), IsEmpty());
    EXPECT_THAT(problems(shop,
                         "[config.stream]\ndefault = \"\"\n[flow.order]\nneeds = [\"stream\"]\nordering_key = "
                         "\"/id\"\nqueue = { stream = \"{config:stream}\", record = \"/id\" }\n"),
                IsEmpty())
        << "the flow is off";
}

TEST_F(ResolveQueue, NamesAreCheckedWithTheConnectorsValues) {
    EXPECT_THAT(
        problems(main + shop + "stream = \"a.b\"\n",
                 "[config.stream]\n[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"{config:stream}\", "
                 "record = \"/id\" }\n"),
        ElementsAre("s.toml:8:1: `connector.shop`: the stream of the queue of flow `order` becomes `a.b`: it "
                    "must have no white space and none of `.`, `*`, `>`, `/` and `\\`"));
}

TEST_F(ResolveQueue, TwoThatWouldShareAConsumersMessagesAreFound) {
    const std::string named =
        "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"S\", consumer = \"odoo\", record = \"/id\" }\n";
    const std::string outlet = "[connector.outlet]\nplugin = \"bus\"\n";
    EXPECT_THAT(problems(main + outlet + shop, named),
                ElementsAre("s.toml:10:1: `connector.shop`: flow `order` would read the consumer odoo of stream S "
                            "together with flow `order` of `outlet`, and each get a part of the messages; give them "
                            "two"));
    EXPECT_THAT(problems(main + outlet + shop, flow), IsEmpty()) << "without a name they have two";
    EXPECT_THAT(problems(main + other + outlet + "nats = \"main\"\n" + shop + "nats = \"other\"\n", named), IsEmpty());
}

TEST_F(ResolveQueue, FlowsThatWouldDropEachOthersEventsAreFound) {
    const std::string id = "record = \"/id\", event_id = \"{/id}\" }\n";
    EXPECT_THAT(problems(main + shop, "[flow.a]\nordering_key = \"/id\"\nqueue = { stream = \"S\", " + id +
                                          "[flow.b]\nordering_key = \"/id\"\nqueue = { stream = \"S\", " + id),
                ElementsAre(HasSubstr("one would drop the other's events as repeats")));
}

TEST_F(ResolveQueue, ACredsFileThatOthersMayReadIsRefused) {
    const auto file = std::filesystem::path(testing::TempDir()) / "sluice-test.creds";
    std::ofstream(file) << "-----BEGIN NATS USER JWT-----\n";
    ::chmod(file.c_str(), 0644);
    const auto toml = main + "creds = { file = \"" + file.string() + "\" }\n" + shop;
    EXPECT_THAT(problems(toml, flow), ElementsAre(HasSubstr("`creds`: secret file")));
    ::chmod(file.c_str(), 0600);
    const auto result = resolved(toml, flow);
    EXPECT_THAT(texts(result.problems), IsEmpty());
    EXPECT_EQ(result.setup.nats.at("main").creds_file, file.string());
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace sluice::host
