// What holds for any document and any amount.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/json/splice.hpp"
#include "core/mapping/ratio.hpp"
#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

/// Values as JSON text, of any kind and shape, with names and texts that rules look for among them.
rc::Gen<std::string> any_json(int depth) {
    const auto scalar = rc::gen::oneOf(
        rc::gen::element<std::string>("null", "true", "false", "0", "-0", "1", "12.50", "-3", "1e-3", "1E+60", "\"\"",
                                      "\"paid\"", "\"12.345\"", "\"2026-01-01T00:30:00+01:00\"", "\"a@b.c\"", "\"EUR\"",
                                      "\"\\u0000\"", "\"99999999999999999999\"", "99999999999999999999.99"),
        rc::gen::map(rc::gen::arbitrary<std::int64_t>(), [](std::int64_t number) { return std::to_string(number); }),
        rc::gen::map(rc::gen::string<std::string>(), [](const std::string& text) {
            std::string ascii;
            for (const char c : text) ascii += static_cast<char>(static_cast<unsigned char>(c) & 0x7FU);
            return json::quote(ascii);
        }));
    if (depth == 0) return scalar;
    const auto below = any_json(depth - 1);
    // As many as there are, or the text would grow with every level.
    const auto few = [](const rc::Gen<std::string>& one) {
        return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 5), [one](std::size_t count) {
            return rc::gen::container<std::vector<std::string>>(count, one);
        });
    };
    const auto joined = [](const std::vector<std::string>& parts, const char* begin, const char* end) {
        std::string text = begin;
        for (const std::string& part : parts) text += (text.size() > 1 ? "," : "") + part;
        return text + end;
    };
    const auto array = rc::gen::map(few(below), [joined](const auto& parts) { return joined(parts, "[", "]"); });
    const auto name = rc::gen::element<std::string>("id", "v", "lines", "price", "quantity", "off", "tax", "rate",
                                                    "total", "currency", "at", "email", "status", "a/b");
    const auto member = rc::gen::apply(
        [](const std::string& key, const std::string& value) { return json::quote(key) + ":" + value; }, name, below);
    const auto object = rc::gen::map(few(member), [joined](const auto& parts) { return joined(parts, "{", "}"); });
    return rc::gen::oneOf(scalar, array, object, object);
}

const contract::Flow& every_rule() {
    static const contract::Flow& flow = flow_of(R"(candidates = [{ email = { from = "/email", as = "email" } }]
requires = ["/lines/*/price"]
[[flow.f.record.checks]]
rule = "total"
sum = [{ each = "/lines", product = ["/price", "/quantity"], digits = 2 }, { product = "/v", subtract = true }]
equals = "/total"
tolerance = 20
[[flow.f.record.checks]]
rule = "at least one"
each = "/lines"
compare = ["/quantity", ">=", "1"]
[flow.f.record.fields]
a = { from = ["/w", "/v"], as = "decimal", digits = 2, rounding = "up", shift = -1, min = -10, max = 1000 }
b = { from = "/at", as = "datetime" }
c = { from = "/at", as = "date", zone = "Asia/Tokyo", required = true }
d = { from = "/status", map = { paid = "done" }, when = { "/id" = "1" } }
e = { text = "{/email} {config:place}", min_length = 2, max_length = 30, pattern = '[a-z@. ]*' }
f = { find = { model = "m.n", by = { code = { from = "/currency" } }, on_none = "empty" } }
g = { find_each = { each = "/lines/*/tax", model = "t.x", by = { amount = { from = "/rate", as = "decimal", shift = 2 } } } }
h = { record = "p" }
[[flow.f.record.lines]]
field = "l"
model = "x.l"
parent = "x_id"
each = "/lines"
external_id = "l_{^/id}_{/id}"
skip_when = { "/quantity" = "0" }
[flow.f.record.lines.fields]
q = { from = "/quantity", as = "integer", min = 0 }
d = { percent = { part = "/off", whole = ["/price", "/quantity"], currency = "^/currency", taxes = { each = "/tax", rate = "/rate" } } }
r = { rest = { part = "/off", whole = ["/price", "/quantity"], currency = "^/currency", taxes = { each = "/tax", rate = "/rate" } } }
[flow.f.records.p]
model = "p.q"
when_present = "/email"
external_id = "p_{hash:/email,/v}"
fields.name = { from = "/email", required = true }
)");
    return flow;
}

/// The record as text with every place of its fields, or everything that is broken.
std::string outcome(const contract::Flow& flow, const json::Value& document, const Config& config) {
    const auto mapped = map_record(flow, document, config);
    if (!mapped) return to_string(mapped.error());
    std::string text = to_json(*mapped);
    for (const Field& field : mapped->fields) text += "\n" + field.pointer.text();
    return text;
}

/// A broken rule names a place of the document, or one that is absent from a place that is there.
void check_places(const contract::Flow& flow, const json::Value& document, const Config& config) {
    const auto mapped = map_record(flow, document, config);
    if (mapped) return;
    RC_ASSERT(!mapped.error().empty());
    for (const Broken& broken : mapped.error()) {
        const bool absent = broken.message.find("absent") != std::string::npos;
        if (!absent && !document.at_pointer(broken.pointer)) RC_FAIL(broken.pointer + ": " + broken.message);
        if (absent && document.kind() == json::Kind::object && !broken.pointer.empty())
            RC_ASSERT(broken.pointer.front() == '/');
    }
}

RC_GTEST_PROP(Mapping, TakesAnyDocument, ()) {
    const std::string text = *any_json(4);
    const auto document = json::Document::parse(text);
    RC_ASSERT(document.has_value());
    const std::string first = outcome(every_rule(), document->root(), config());
    RC_ASSERT(outcome(every_rule(), document->root(), config()) == first);
    check_places(every_rule(), document->root(), config());
}

RC_GTEST_PROP(Mapping, TakesARealOrderWithAnyValueInIt, ()) {
    static const std::string order = discounts_order();
    const auto pointer = *rc::gen::element<std::string>(
        "/id", "/email", "/line_items", "/line_items/0", "/line_items/1/price", "/line_items/0/quantity",
        "/line_items/0/discount_allocations", "/line_items/0/discount_allocations/0/amount", "/line_items/2/tax_lines",
        "/shipping_lines", "/billing_address", "/shipping_address", "/created_at", "/currency", "/taxes_included",
        "/refunds", "/shipping_lines/0/price", "/line_items/0/current_quantity");
    const auto changed = json::replace_at(order, pointer, *any_json(3));
    if (!changed) RC_DISCARD("not in this order");
    const auto document = json::Document::parse(*changed);
    RC_ASSERT(document.has_value());
    RC_ASSERT(outcome(order_flow(), document->root(), shop_config()) ==
              outcome(order_flow(), document->root(), shop_config()));
    check_places(order_flow(), document->root(), shop_config());
}

/// Odoo's float_round of a line, in exact numbers: half up, away from zero.
Decimal line_of(const Decimal& whole, const Decimal& percent, int digits) {
    return (whole * (Decimal(100) - percent)).shifted(-2).round(digits, Rounding::half_up);
}

RC_GTEST_PROP(Ratio, LineAndRestAreExactlyWhatIsLeft, ()) {
    const int digits = *rc::gen::element(0, 2, 3);
    const auto whole_units = *rc::gen::inRange<std::int64_t>(1, 100'000'000);
    const Decimal whole = Decimal::scaled(whole_units, digits);
    const Decimal part = Decimal::scaled(*rc::gen::inRange<std::int64_t>(0, whole_units + 1), digits);
    const int percent_digits = *rc::gen::inRange(0, 5);
    const Decimal percent = percent_of(part, whole, percent_digits, digits);
    const Decimal rest = rest_of(part, whole, percent_digits, digits);
    RC_ASSERT(!percent.is_negative() && percent <= Decimal(100));
    RC_ASSERT(percent.scale() == percent_digits);
    RC_ASSERT(line_of(whole, percent, digits) + rest == whole - part);
}

}  // namespace
}  // namespace sluice::mapping
