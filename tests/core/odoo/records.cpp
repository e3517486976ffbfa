#include "tests/core/odoo/records.hpp"

namespace sluice::odoo::test {
namespace {

using mapping::Field;
using mapping::Find;
using mapping::MappedRecord;

mapping::FieldValue nested(MappedRecord record) {
    return std::make_shared<const MappedRecord>(std::move(record));
}

MappedRecord delivery(const Order& from) {
    MappedRecord out{.model = "res.partner", .external_id = "delivery_" + from.id};
    out.candidates = {{{"parent_id.email_normalized", from.email}, {"type", "delivery"}}};
    out.create_only = true;
    out.fields = {{"parent_id", nested(customer(from.email)), ""},
                  {"type", std::string("delivery"), ""},
                  {"name", std::string("Ann"), "/shipping_address/name"},
                  {"street", from.delivery_street, "/shipping_address/address1"}};
    return out;
}

}  // namespace

MappedRecord customer(const std::string& email) {
    MappedRecord out{.model = "res.partner", .external_id = "customer_" + email};
    out.candidates = {{{"email_normalized", email}}};
    out.adopt = true;
    out.create_only = true;
    out.fields = {{"name", std::string("Ann"), "/billing_address/name"},
                  {"email_normalized", email, "/email"},
                  {"country_id",
                   Find{.model = "res.country",
                        .by = {{"code", "BE"}},
                        .on_none = Find::OnNone::empty,
                        .pointer = "/billing_address/country_code"},
                   "/billing_address/country_code"}};
    return out;
}

MappedRecord order(const Order& from) {
    MappedRecord out{.model = "sale.order", .external_id = "order_" + from.id};
    out.candidates = {{{"client_order_ref", from.name}}};
    out.fields = {{"partner_id", nested(customer(from.email)), ""},
                  {"client_order_ref", from.name, "/name"},
                  {"date_order", mapping::DateTime{"2026-11-01 10:00:00"}, "/created_at", true}};
    if (!from.delivery_street.empty()) out.fields.front().value = nested(delivery(from));
    mapping::MappedLines items{.field = "order_line", .model = "sale.order.line", .parent_field = "order_id"};
    mapping::MappedLines shipping = items;
    for (std::size_t i = 0; i < from.lines.size(); ++i) {
        const auto& line = from.lines[i];
        mapping::MappedLine mapped{.external_id = "order_" + from.id + "_line_" + line.id};
        const auto pointer = "/line_items/" + std::to_string(i) + "/sku";
        mapped.fields = {
            {"product_id", Find{.model = "product.product", .by = {{"default_code", line.sku}}, .pointer = pointer},
             pointer},
            {"name", "Line " + line.id, "/line_items/" + std::to_string(i) + "/name"},
            {"product_uom_qty", *Decimal::parse(line.quantity), ""},
            {"price_unit", *Decimal::parse(line.price), ""}};
        mapping::FindEach taxes;
        for (std::size_t t = 0; t < line.tax_rates.size(); ++t)
            taxes.finds.push_back(
                {.model = "account.tax",
                 .by = {{"amount", *Decimal::parse(line.tax_rates[t])}, {"price_include", from.taxes_included}},
                 .pointer = "/line_items/" + std::to_string(i) + "/tax_lines/" + std::to_string(t) + "/rate",
                 .empty_if = {}});
        mapped.fields.push_back({"tax_id", std::move(taxes), ""});
        if (!line.discount.empty()) mapped.fields.push_back({"discount", *Decimal::parse(line.discount), ""});
        (line.discount.empty() ? shipping : items).lines.push_back(std::move(mapped));
    }
    out.lines = {items, shipping};
    out.protection = mapping::Protection{.field = "state", .values = {"sale", "done", "cancel"}};
    if (from.cancelled) {
        out.transitions = {{.field = "state",
                            .done = {"cancel"},
                            .calls = {{"draft", "action_cancel"}, {"sent", "action_draft"}},
                            .pointer = "/cancelled_at"}};
    }
    return out;
}

}  // namespace sluice::odoo::test
