// The host in one object, from webhook to verdict.

#include <sys/stat.h>

#include "tests/host/service/service_fixture.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;

TEST_F(ServiceTest, WebhookIsDeliveredOnceAndRememberedAcrossARestart) {
    {
        auto service = start();
        ASSERT_TRUE(service) << service.error().message;
        EXPECT_THAT(send(**service, make_webhook()).body, HasSubstr(R"("duplicate":false)"));
        handled.wait(0);
        EXPECT_TRUE((*service)->drain(10'000));
    }
    auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_THAT(send(**service, make_webhook()).body, HasSubstr(R"("duplicate":true)"));
    EXPECT_THAT(admin("/v0/events").body, HasSubstr(R"("state":"done")"));
    EXPECT_EQ(handled, 1);
}

TEST_F(ServiceTest, DataDirectoryAndSocketAreTheOwnersAlone) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    struct stat status {};
    ASSERT_EQ(::stat(configuration.host.data_dir.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    ASSERT_EQ(::stat(configuration.host.admin_socket.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(ServiceTest, BodyBeyondTheLimitIs413) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(send(**service, make_webhook(std::string(2'049, ' '))).status, 413);
    EXPECT_EQ(send(**service, make_webhook(std::string(order_body) + std::string(1'000, ' '))).status, 200);
}

TEST_F(ServiceTest, StatusNamesEveryConnector) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    auto forged = make_webhook();
    set_header(forged, "X-Vendor-Hmac", "x");
    EXPECT_EQ(send(**service, forged).status, 401);
    const auto document = json::Document::parse(admin("/v0/status").body);
    ASSERT_TRUE(document);
    const auto connectors = *document->root().find("connectors");
    ASSERT_EQ(connectors.size(), 2U);
    EXPECT_EQ(connectors.at(0).find("name")->text(), "shop");
    EXPECT_EQ(connectors.at(0).find("state")->text(), "running");
    EXPECT_EQ(connectors.at(0).at_pointer("/webhooks/refused/signature")->text(), "1");
    EXPECT_EQ(connectors.at(1).find("name")->text(), "asleep");
    EXPECT_EQ(connectors.at(1).find("state")->text(), "disabled");
    EXPECT_EQ(connectors.at(0).at_pointer("/calls/running")->text(), "0");
    EXPECT_TRUE(connectors.at(0).at_pointer("/calls/closed_until_ms")->is_null());
    EXPECT_EQ(document->root().at_pointer("/odoo/0/name")->text(), "main");
    EXPECT_EQ(document->root().at_pointer("/odoo/0/limit")->text(), "2");
    EXPECT_EQ(document->root().at_pointer("/odoo/0/ceiling")->text(), "8");
}

TEST_F(ServiceTest, EventsOfAConnectorThatIsConfiguredNoMoreAreInTheStatus) {
    std::filesystem::create_directories(configuration.host.data_dir);
    {
        const auto journal = journal::open_sqlite_journal(configuration.host.data_dir / "journal.db", system_clock());
        ASSERT_TRUE(journal);
        journal::NewEvent event;
        event.connector = "former";
        event.event_id = "1";
        event.flow = "order";
        ASSERT_TRUE((*journal)->append({event}));
    }
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    const auto document = json::Document::parse(admin("/v0/status").body);
    ASSERT_TRUE(document);
    const auto connectors = *document->root().find("connectors");
    ASSERT_EQ(connectors.size(), 3U);
    EXPECT_EQ(connectors.at(2).find("name")->text(), "former");
    EXPECT_EQ(connectors.at(2).find("state")->text(), "not configured");
    EXPECT_EQ(connectors.at(2).at_pointer("/events/ready")->text(), "1");
}

TEST_F(ServiceTest, OnlyAPausedConnectorIsResumed) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    const auto resume = [&](const std::string& name) {
        return ask_admin(configuration.host.admin_socket, "POST", "/v0/connectors/" + name + "/resume", "").value();
    };
    EXPECT_EQ(resume("shop").status, 409);
    EXPECT_THAT(resume("shop").body, HasSubstr("connector `shop` is not paused"));
    EXPECT_EQ(resume("asleep").status, 409);
    EXPECT_EQ(resume("shp").status, 404);
}

TEST_F(ServiceTest, SecondHostOnOneDataDirectoryIsRefused) {
    const auto first = start();
    ASSERT_TRUE(first) << first.error().message;
    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr("journal.db"));
}

TEST_F(ServiceTest, PortInUseIsNamed) {
    const auto first = start();
    ASSERT_TRUE(first) << first.error().message;
    configuration.ingress.listen.port = (*first)->port();
    configuration.host.data_dir = folder / "other";
    configuration.host.admin_socket = folder / "other" / "admin.sock";
    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().message, HasSubstr(std::to_string((*first)->port())));
}

TEST(AdminClient, SaysThatNoHostAnswers) {
    const auto answer = ask_admin("/nowhere/admin.sock", "GET", "/v0/status", "");
    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().message, HasSubstr("no host answers at /nowhere/admin.sock"));
}

}  // namespace
}  // namespace sluice::host
