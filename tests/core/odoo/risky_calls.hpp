#pragma once
// Calls whose outcome may stay unknown, each with a state of its own before it and the probe that tells whether it was
// applied, against the simulator.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/odoo/call_once.hpp"
#include "core/odoo/client.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo::test {

struct RiskyCall {
    std::string name;
    std::function<ProbedCall()> arrange;  ///< each time another one
};

class RiskyCalls {
public:
    RiskyCalls(ProtocolName protocol, int version)
        : odoo({.version = version,
                .seed = R"({"users":[{"login":"boss","password":"boss","api_keys":["boss-key"],"kind":"manager"}],)"
                        R"("partners":[{"name":"Ann","id":900}],)"
                        R"("products":[{"id":40,"name":"Mug","default_code":"MUG","detailed_type":"product",)"
                        R"("external_id":"shop.mug"}],)"
                        R"("stock":[{"product":"shop.mug","location":"stock.stock_location_stock","quantity":500}]})",
                // As behind a proxy: a connection that was kept and dies is where a client repeats what it should not.
                .keep_alive = true}),
          version_(version),
          protocol_(protocol),
          client(account(odoo.url(), odoo.database(), protocol), make_shared_session()) {}

    static Account account(const std::string& url, const std::string& database, ProtocolName protocol) {
        return {.endpoint = *http::Endpoint::parse(url),
                .database = database,
                .login = "boss",
                .protocol = protocol,
                .api_key = Secret("boss-key"),
                .password = Secret("boss"),
                .timeouts = {.connect_ms = 5'000, .total_ms = 20'000}};
    }
    ProtocolName protocol() const { return protocol_; }

    std::vector<RiskyCall> all() {
        return {{"create", [this] { return create(); }},  {"load", [this] { return load(); }},
                {"action", [this] { return confirm(); }}, {"wizard", [this] { return ship_a_part(); }},
                {"payment", [this] { return pay(); }},    {"inventory", [this] { return adjust(); }}};
    }

    bool is_applied(const ProbedCall& call) {
        return result(call.applied.model, "search_count", "[" + call.applied.domain + "]") != "0";
    }
    /// Of a call that succeeds.
    std::string result(const std::string& model, const std::string& method, const std::string& args,
                       const std::string& kwargs = "{}") {
        const auto answer = client.call(model, method, args, kwargs);
        EXPECT_TRUE(answer) << model << "." << method << ": " << answer.error().message;
        return answer ? std::string(answer->root().raw()) : std::string("null");
    }
    /// A field of a record, as JSON.
    std::string field(const std::string& model, const std::string& id, const std::string& name) {
        const auto answer =
            client.call(model, "read", "[[" + id + "]]", R"({"fields":[")" + name + R"("],"load":null})");
        EXPECT_TRUE(answer) << answer.error().message;
        const auto value = answer ? answer->root().at_pointer("/0/" + name) : std::nullopt;
        return value ? std::string(value->raw()) : std::string();
    }

    ProbedCall create() {
        const auto ref = next();
        return {"res.partner", "create", R"([{"name":"Bob","ref":")" + ref + R"("}])", "{}",
                by("res.partner", "ref", ref)};
    }
    ProbedCall load() {
        const auto ref = next();
        return {"res.partner", "load",
                R"([["id","name","ref"],[["__sluice__.shop_)" + ref + R"(","Cid",")" + ref + R"("]]])", "{}",
                by("res.partner", "ref", ref)};
    }
    ProbedCall confirm() {
        const auto order = quotation(1);
        return {"sale.order", "action_confirm", "[[" + order + "]]", "{}",
                reached("sale.order", order, "state", R"("sale")")};
    }
    ProbedCall ship_a_part() {
        const auto order = quotation(5);
        result("sale.order", "action_confirm", "[[" + order + "]]");
        const auto picking = only(field("sale.order", order, "picking_ids"));
        const auto* part = version_ == 16 ? R"({"quantity_done":3})" : R"({"quantity":3,"picked":true})";
        result("stock.move", "write", "[" + field("stock.picking", picking, "move_ids") + "," + part + "]");
        const auto asked = client.call("stock.picking", "button_validate", "[[" + picking + "]]", "{}");
        EXPECT_TRUE(asked) << asked.error().message;
        const auto context = R"({"context":)" + std::string(asked->root().find("context")->raw()) + "}";
        const auto wizard = result("stock.backorder.confirmation", "create", "[{}]", context);
        return {"stock.backorder.confirmation", "process", "[[" + wizard + "]]", context,
                reached("stock.picking", picking, "state", R"("done")")};
    }
    ProbedCall pay() {
        const auto invoice = result("account.move", "create",
                                    R"([{"move_type":"out_invoice","partner_id":900,"invoice_line_ids":)"
                                    R"([[0,0,{"name":"Mug","quantity":2,"price_unit":10.0}]]}])");
        result("account.move", "action_post", "[[" + invoice + "]]");
        const auto ref = next();
        const auto context = R"({"context":{"active_model":"account.move","active_ids":[)" + invoice + "]}}";
        const auto wizard = result("account.payment.register", "create",
                                   R"([{"amount":5.0,"communication":")" + ref + R"("}])", context);
        return {"account.payment.register", "action_create_payments", "[[" + wizard + "]]", context,
                by("account.payment", version_ >= 18 ? "memo" : "ref", ref)};
    }
    ProbedCall adjust() {
        const auto quant =
            only(result("stock.quant", "search", R"([[["product_id","=",40],["location_id.usage","=","internal"]]])"));
        const auto counted = std::to_string(500 + ++number_);
        result("stock.quant", "write", "[[" + quant + R"(],{"inventory_quantity":)" + counted + "}]",
               R"({"context":{"inventory_mode":true}})");
        return {"stock.quant", "action_apply_inventory", "[[" + quant + "]]", "{}",
                reached("stock.quant", quant, "quantity", counted)};
    }

    sim::OdooSimulator odoo;

private:
    std::string next() { return "R" + std::to_string(++number_); }
    static std::string only(const std::string& ids) {
        EXPECT_EQ(ids.find(','), std::string::npos) << ids;
        return ids.substr(1, ids.size() - 2);
    }
    static Probe by(const std::string& model, const std::string& name, const std::string& value) {
        return {model, R"([[")" + name + R"(","=",")" + value + R"("]])"};
    }
    static Probe reached(const std::string& model, const std::string& id, const std::string& name,
                         const std::string& value) {
        return {model, R"([["id","=",)" + id + R"(],[")" + name + R"(","=",)" + value + "]]"};
    }
    std::string quotation(int quantity) {
        return result("sale.order", "create",
                      R"([{"partner_id":900,"order_line":[[0,0,{"product_id":40,"product_uom_qty":)" +
                          std::to_string(quantity) + "}]]}]");
    }

    const int version_;
    const ProtocolName protocol_;
    int number_ = 0;

public:
    Client client;
};

}  // namespace sluice::odoo::test
