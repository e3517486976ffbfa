#include "host/plugins/http_answer.hpp"

#include <gmock/gmock.h>

namespace sluice::host {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t noon_ms = 1'767'268'800'000;  // 2026-01-01T12:00:00Z

TEST(ParseUrl, SplitsOriginAndTarget) {
    const auto plain = parse_url("https://api.example.com");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->target, "/");
    const auto query = parse_url("http://[::1]:8080?a=1");
    ASSERT_TRUE(query) << query.error().message;
    EXPECT_EQ(query->endpoint.host, "::1");
    EXPECT_EQ(query->endpoint.port, "8080");
    EXPECT_EQ(query->target, "/?a=1");
    EXPECT_EQ(query->shown, "http://[::1]:8080");
    EXPECT_TRUE(query->loopback);
    EXPECT_FALSE(parse_url("http://localhost.example.com/")->loopback);
}

TEST(ParseUrl, RefusesWhatIsNoAbsoluteUrlAndRepeatsNoPassword) {
    for (const auto* url : {"", "/parcels", "ftp://a/", "https://", "https://a/#part", "https://a/with space",
                            "https://a:0/", "https://a/line\r\nX: y"})
        EXPECT_FALSE(parse_url(url)) << url;
    const auto password = parse_url("https://user:hunter2@a/");
    ASSERT_FALSE(password);
    EXPECT_EQ(password.error().failure, Failure::rejected);
    EXPECT_THAT(password.error().message, Not(HasSubstr("hunter2")));
    EXPECT_FALSE(parse_url("https://a/" + std::string(9'000, 'x')));
}

TEST(ParseHeaders, TakesAnObjectOfTexts) {
    const auto headers = parse_headers(R"({"Accept":"a/b","X-Ü":"x"})");
    EXPECT_FALSE(headers) << "no token";
    EXPECT_TRUE(parse_headers(""));
    for (const auto* text :
         {"[]", "{", R"({"A":1})", R"({"Host":"x"})", R"({"content-length":"1"})", R"({"A":"b\r\nC: d"})"})
        EXPECT_FALSE(parse_headers(text)) << text;
}

TEST(RetryAfter, IsSecondsOrADate) {
    EXPECT_EQ(parse_retry_after("120", noon_ms), 120'000);
    EXPECT_EQ(parse_retry_after(" 0 ", noon_ms), 0);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 12:00:30 GMT", noon_ms), 30'000);
    EXPECT_EQ(parse_retry_after("Thu, 01 Jan 2026 11:00:00 GMT", noon_ms), 0) << "past";
    EXPECT_EQ(parse_retry_after("1000000000", noon_ms), 86'400'000) << "at most a day";
    EXPECT_EQ(parse_retry_after("2.0", noon_ms), 2'000);
    EXPECT_EQ(parse_retry_after("1.25", noon_ms), 2'000);
    for (const auto* text : {"", "-1", "1.", ".5", "1.5.0", "1.x", "soon", "99999999999999999999",
                             "Thu, 31 Feb 2026 12:00:00 GMT", "Thu, 01 Jan 2026 12:00:00 CET"})
        EXPECT_EQ(parse_retry_after(text, noon_ms), -1) << text;
}

TEST(ClassifyStatus, FollowsTheTableOfPluginH) {
    const auto failure = [](std::string_view method, int status) -> std::optional<Failure> {
        const auto error = classify_status(method, "X https://a/",
                                           http::Response{.status = status, .headers = {}, .body = {}}, noon_ms);
        return error ? std::optional(error->failure) : std::nullopt;
    };
    EXPECT_EQ(failure("POST", 200), std::nullopt);
    EXPECT_EQ(failure("POST", 204), std::nullopt);
    EXPECT_EQ(failure("GET", 304), std::nullopt);
    EXPECT_EQ(failure("GET", 302), Failure::rejected);
    EXPECT_EQ(failure("POST", 401), Failure::auth);
    EXPECT_EQ(failure("POST", 403), Failure::auth);
    EXPECT_EQ(failure("POST", 404), Failure::rejected);
    EXPECT_EQ(failure("POST", 408), Failure::retry);
    EXPECT_EQ(failure("POST", 425), Failure::retry);
    EXPECT_EQ(failure("POST", 429), Failure::rate_limited);
    for (const auto* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
        EXPECT_EQ(failure(method, 502), Failure::retry) << method;
    for (const auto* method : {"POST", "PATCH", "get"}) EXPECT_EQ(failure(method, 502), Failure::unknown) << method;
}

}  // namespace
}  // namespace sluice::host
