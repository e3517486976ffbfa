#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/http/client.hpp"

namespace sluice::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Endpoint, ReadsUrls) {
    const auto plain = Endpoint::parse("http://odoo.example:8069");
    ASSERT_TRUE(plain);
    EXPECT_FALSE(plain->tls);
    EXPECT_EQ(plain->host, "odoo.example");
    EXPECT_EQ(plain->port, "8069");
    EXPECT_EQ(plain->base_path, "");
    EXPECT_EQ(plain->name(), "odoo.example:8069");

    const auto path = Endpoint::parse("https://odoo.example/odoo/");
    ASSERT_TRUE(path);
    EXPECT_TRUE(path->tls);
    EXPECT_EQ(path->port, "443");
    EXPECT_EQ(path->base_path, "/odoo");

    const auto v6 = Endpoint::parse("http://[::1]:8069/");
    ASSERT_TRUE(v6);
    EXPECT_EQ(v6->host, "::1");
    EXPECT_EQ(v6->base_path, "");
    EXPECT_EQ(v6->name(), "[::1]:8069");

    EXPECT_EQ(Endpoint::parse("http://10.0.0.1")->port, "80");
    EXPECT_EQ(Endpoint{.unix_socket = "/run/s.sock"}.name(), "unix:/run/s.sock");
}

TEST(Endpoint, NamesThePortToTheServerOnlyWhereItIsNotTheUsualOne) {
    EXPECT_EQ(Endpoint::parse("https://odoo.example:443")->authority(), "odoo.example");
    EXPECT_EQ(Endpoint::parse("https://odoo.example:80")->authority(), "odoo.example:80");
    EXPECT_EQ(Endpoint::parse("http://[::1]")->authority(), "[::1]");
    EXPECT_EQ(Endpoint::parse("http://[::1]:8069")->authority(), "[::1]:8069");
}

TEST(Endpoint, RefusesEverythingElseWithTheReason) {
    const std::pair<const char*, const char*> cases[] = {
        {"", "absolute URL"},
        {"odoo.example", "absolute URL"},
        {"odoo.example:8069", "scheme must be http or https"},
        {"/path", "absolute URL"},
        {"ftp://odoo.example", "scheme must be http or https"},
        {"http://", "host is missing"},
        {"http:///x", "host is missing"},
        {"http://odoo.example:0", "between 1 and 65535"},
        {"http://odoo.example:65536", "between 1 and 65535"},
        {"http://odoo.example:99999", "between 1 and 65535"},
        {"http://odoo.example:4294975365", "between 1 and 65535"},
        {"http://odoo.example:port", "port number"},
        {"http://odoo.example:8069x/", "port number"},
        {"http://[::1]8069", "port number"},
        {"http://odoo.example/?db=x", "query"},
        {"http://odoo.example/#x", "fragment"},
        {"http://odoo example", "absolute URL"},
        {"http://odoo%0aexample", "escaped"},
        {"http://odoo.example\r\nX: y", "absolute URL"},
    };
    for (const auto& [text, reason] : cases) {
        const auto endpoint = Endpoint::parse(text);
        ASSERT_FALSE(endpoint) << text;
        EXPECT_EQ(endpoint.error().failure, Failure::invalid) << text;
        EXPECT_THAT(endpoint.error().message, HasSubstr(reason)) << text;
    }
}

TEST(Endpoint, DoesNotRepeatAPassword) {
    const auto endpoint = Endpoint::parse("http://admin:hunter2@odoo.example");
    ASSERT_FALSE(endpoint);
    EXPECT_THAT(endpoint.error().message, HasSubstr("password"));
    EXPECT_THAT(endpoint.error().message, Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace sluice::http
