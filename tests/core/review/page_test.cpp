#include "core/review/page.hpp"

#include <gmock/gmock.h>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::review {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

contract::ContractText shopify() {
    auto text = contract::read_contract(contract::read_source_file("contracts/shopify/shopify.contract.toml"),
                                        "shopify.contract.toml");
    EXPECT_TRUE(text);
    return text ? std::move(*text) : contract::ContractText{};
}

TEST(Page, SaysWhatABusinessPersonSigns) {
    const auto page = to_markdown(make_page(shopify()));
    EXPECT_THAT(page, AllOf(HasSubstr("# Contract: Odoo and Shopify Admin\n"), HasSubstr("version `0.1.0`"),
                            HasSubstr("| `order` | Shopify Admin → Odoo | a webhook: `orders/create`"),
                            HasSubstr("| `stock` | Odoo → Shopify Admin | a change in Odoo of `stock.quant`")));
    EXPECT_THAT(
        page, AllOf(HasSubstr("| Owner of errors | sales operations |"),
                    HasSubstr("tried again up to 8 times in all, after 1 second at first and 5 minutes at most"),
                    HasSubstr("| Reconciliation | what changed on either side in the last 7 days is compared, when a "
                              "person asks; all mapped fields count; differences are reported and nothing is changed; "
                              "only with the configuration keys `shop_url`, `access_token` |"),
                    HasSubstr("| Kept | contents 90 days, the rest 90 days after the end |"),
                    HasSubstr("a signature (HMAC-SHA256) in the header `X-Shopify-Hmac-Sha256`")));
    EXPECT_THAT(page,
                AllOf(HasSubstr("| `client_order_ref` | `/name` | must be there |"),
                      HasSubstr("| `partner_shipping_id` | the record `delivery`, else `customer` |  |"),
                      HasSubstr("Not where `/gift_card` is `true` or `/current_quantity` is `0`."),
                      HasSubstr("| `shipping_product` | text | `SHIPPING` |"), HasSubstr("At most 10 calls a second."),
                      HasSubstr("| Owner of errors: sales operations |  |  |  |")));
}

TEST(Page, OfEveryFieldOfTheShippedContractThereIsSomethingToSay) {
    for (const Block& block : make_page(shopify())) {
        if (block.kind != Block::Kind::table || block.rows[0][0] != "Odoo field") continue;
        for (const auto& row : block.rows) EXPECT_FALSE(row[1].empty()) << row[0];
    }
}

TEST(Page, AKeyItHasNoWordsForIsShownAsItIsWritten) {
    auto text = contract::read_contract(contract::small_contract, "c.toml");
    ASSERT_TRUE(text);
    for (toml::Member& member : text->tree.members)
        if (member.key == "flow")
            member.value.members[0].value.members.push_back(
                {"tomorrow", {}, {.kind = toml::Kind::text, .text = "yes"}});
    EXPECT_THAT(to_markdown(make_page(*text)), HasSubstr("| Also | `tomorrow` = `\"yes\"` |"));
}

TEST(Page, SaysWhatIsSentToTheOtherSystem) {
    const auto text = contract::read_contract(R"([contract]
name = "test"
version = "1.0.0"
external_system = "Shop"
[flow.out]
ordering_key = "/id"
[flow.out.odoo_change]
model = "x.picking"
fields = ["name"]
[flow.out.document]
requires = ["/name"]
[[flow.out.document.checks]]
rule = "there is something to send"
any = ["/a", "/b"]
[flow.out.document.fields]
"/order/name" = { from = "/name", pattern = "[A-Z]+", min_length = 2 }
[[flow.out.document.lines]]
target = "/lines"
each = "/moves"
only_when = { "/done" = "true" }
fields."/n" = { from = "/n", as = "decimal", max = 10, quoted = true }
)",
                                              "c.toml");
    ASSERT_TRUE(text) << text.error().front().to_string();
    EXPECT_THAT(to_markdown(make_page(*text)),
                AllOf(HasSubstr("| Direction | Odoo → Shop |"),
                      HasSubstr("Refused without `/name`. Refused unless there is something to send."),
                      HasSubstr("| `/order/name` | `/name` | at least 2 characters; of the form `[A-Z]+` |"),
                      HasSubstr("#### Array `/lines`, one for each of `/moves`\n\nOnly where `/done` is `true`."),
                      HasSubstr("| `/n` | `/n` | decimal; at most `10`; as a text |")));
}

TEST(Page, HtmlIsEscapedAndNeedsNothingElse) {
    auto text = contract::read_contract(
        contract::replaced(contract::small_contract, "ordering_key",
                           "help = \"<script>a & b</script> | `x\"\nerror_owner = \"R&D\"\nordering_key"),
        "c.toml");
    ASSERT_TRUE(text);
    const auto page = make_page(*text);
    EXPECT_THAT(to_html(page, "t"),
                AllOf(HasSubstr("&lt;script&gt;a &amp; b&lt;/script&gt;"), HasSubstr("Owner of errors: R&amp;D"),
                      Not(HasSubstr("<script")), Not(HasSubstr("http://")), Not(HasSubstr("https://")),
                      Not(HasSubstr("src="))));
    EXPECT_THAT(to_markdown(page), HasSubstr("</script> \\| `x |"));
}

}  // namespace
}  // namespace sluice::review
