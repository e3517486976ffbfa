#include <gmock/gmock.h>

#include "core/base/crypto.hpp"
#include "core/base/headers.hpp"
#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"

namespace sluice {
namespace {

TEST(Crypto, MatchesPublishedVectors) {
    EXPECT_EQ(crypto::hex(crypto::sha256("abc")),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");       // FIPS 180-2
    EXPECT_EQ(crypto::hex(crypto::hmac_sha256("Jefe", "what do ya want for nothing?")),  // RFC 4231, 2
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(crypto::base64("foobar"), "Zm9vYmFy");  // RFC 4648, 10
    EXPECT_EQ(crypto::base64("foob"), "Zm9vYg==");
    EXPECT_EQ(crypto::base64(""), "");
}

TEST(Crypto, ReadsBase64Strictly) {
    EXPECT_EQ(crypto::from_base64("Zm9vYg=="), "foob");
    EXPECT_EQ(crypto::from_base64(""), "");
    for (const char* wrong : {"Zm9vYg=", "Zm9vYg", "Zm9vYg=\n", " Zm9vYg=", "Zm9-Yg==", "Zm9vYh==", "===="}) {
        EXPECT_EQ(crypto::from_base64(wrong), std::nullopt) << wrong;
    }
}

TEST(Crypto, ComparesWholeTexts) {
    EXPECT_TRUE(crypto::equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(crypto::equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(crypto::equal_in_constant_time("abc", "abcd"));
}

TEST(Text, SuggestsOnlyWhatIsNear) {
    const std::vector<std::string> keys = {"retry", "topics", "ordering_key"};
    EXPECT_EQ(nearest("topcis", keys), "topics");
    EXPECT_EQ(nearest("orderingkey", keys), "ordering_key");
    EXPECT_EQ(nearest("webhook", keys), std::nullopt);
    EXPECT_EQ(nearest("emtpy", std::vector<std::string>{"empty"}), "empty");
    EXPECT_EQ(did_you_mean("rety", keys), "; did you mean `retry`?");
}

TEST(Text, KnowsUtf8) {
    EXPECT_TRUE(is_utf8("a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"));
    for (const char* wrong : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"})
        EXPECT_FALSE(is_utf8(wrong));
}

TEST(Timestamp, ReadsZonesAndRefusesTheRest) {
    EXPECT_EQ(format_odoo_datetime(*parse_rfc3339("2021-12-31T19:00:00-05:00")), "2022-01-01 00:00:00");
    EXPECT_EQ(format_rfc3339(*parse_rfc3339("2024-02-29T23:59:59.1239Z")), "2024-02-29T23:59:59.123Z");
    EXPECT_EQ(format_odoo_datetime(*parse_rfc3339("1969-12-31T23:59:59.500Z")), "1969-12-31 23:59:59");
    for (const char* wrong :
         {"2021-12-31T19:00:00", "2021-13-01T00:00:00Z", "2023-02-29T00:00:00Z", "2021-12-31", "2021-12-31T24:00:00Z",
          "2021-12-31T19:00:00-0500", "2021-12-31T19:00:00Zx", "2021-12-31T19:00:00.Z", ""}) {
        EXPECT_EQ(parse_rfc3339(wrong), std::nullopt) << wrong;
    }
}

TEST(Timestamp, KnowsARevisionFromGarbage) {
    for (const auto* good : {"2026-01-31T08:00:00Z", "2026-01-31T08:00:00.5+01:00", "17", "17.5", "-1"})
        EXPECT_TRUE(is_revision(good)) << good;
    for (const auto* bad : {"", "yesterday", "2026-13-01T00:00:00Z", "2026-01-31", "v17"})
        EXPECT_FALSE(is_revision(bad)) << bad;
}

TEST(Timestamp, OrdersRevisions) {
    EXPECT_LT(compare_revisions("2021-12-31T19:00:00-05:00", "2022-01-01T00:00:01Z"), 0);
    EXPECT_EQ(compare_revisions("2021-12-31T19:00:00-05:00", "2022-01-01T00:00:00Z"), 0);
    EXPECT_GT(compare_revisions("10", "9"), 0);
    EXPECT_GT(compare_revisions("b", "a"), 0);
    EXPECT_LT(compare_revisions("", "a"), 0);
}

TEST(Timestamp, OrdersEqualRevisionsByWhatStandsBehindTheirMarks) {
    EXPECT_LT(
        compare_revisions("2026-01-01T00:00:00Z|2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00Z|2026-01-01T00:00:00.2Z"),
        0);
    EXPECT_GT(compare_revisions("2026-01-01T00:00:01Z|1", "2026-01-01T00:00:00Z|2"), 0) << "the revision first";
    EXPECT_EQ(compare_revisions("5|1", "5"), 0) << "one that says no more is no older";
    EXPECT_EQ(compare_revisions("5", "5|1"), 0);
    EXPECT_LT(compare_revisions("4|9", "5"), 0);
}

TEST(Headers, AreFoundWithoutRegardToCase) {
    const http::Headers headers = {{"X-Shopify-Topic", "orders/create"}, {"x-shopify-topic", "second"}};
    EXPECT_EQ(http::find_header(headers, "x-shopify-TOPIC"), "orders/create");
    EXPECT_EQ(http::find_header(headers, "X-Other"), "");
}

}  // namespace
}  // namespace sluice
