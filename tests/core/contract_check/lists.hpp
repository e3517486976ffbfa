#pragma once
// A small Odoo of two versions, and contracts held against it.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/contract_check/check.hpp"

namespace sluice::contract_check::test {

inline const RecordedLists& recorded() {
    static const auto lists = RecordedLists::parse(R"({
 "shop.order": {
  "state": [{"in":"1","type":"selection","selection":["draft","done"],"readonly":true},
            {"in":"2","type":"selection","selection":["draft","sold"],"readonly":true}],
  "name": [{"in":"1-2","type":"char","required":true,"filled":true}],
  "partner_id": [{"in":"1-2","type":"many2one","relation":"shop.partner","required":true,"filled":false}],
  "number": [{"in":"1-2","type":"integer"}],
  "amount": [{"in":"1-2","type":"monetary"}],
  "total": [{"in":"1-2","type":"monetary","readonly":true,"store":false}],
  "placed_at": [{"in":"1-2","type":"datetime"}],
  "due_on": [{"in":"1-2","type":"date"}],
  "is_gift": [{"in":"1-2","type":"boolean"}],
  "kind": [{"in":"1-2","type":"selection","selection":["web","till"]}],
  "tag_ids": [{"in":"1-2","type":"many2many","relation":"shop.tag"}],
  "line_ids": [{"in":"1-2","type":"one2many","relation":"shop.line","relation_field":"order_id"}]
 },
 "shop.line": {
  "order_id": [{"in":"1-2","type":"many2one","relation":"shop.order","required":true,"filled":false}],
  "tax_id": [{"in":"1","type":"many2many","relation":"shop.tag"}],
  "tax_ids": [{"in":"2","type":"many2many","relation":"shop.tag"}],
  "quantity": [{"in":"1-2","type":"float","required":true}]
 },
 "shop.partner": {"email": [{"in":"1-2","type":"char"}], "country_id": [{"in":"1-2","type":"many2one","relation":"shop.country"}]},
 "shop.country": {"code": [{"in":"1-2","type":"char"}]},
 "shop.tag": {"name": [{"in":"1-2","type":"char"}], "amount": [{"in":"1-2","type":"float"}]}
})");
    return lists.value();
}

inline const odoo::VersionNames& names() {
    static const auto table =
        odoo::VersionNames::parse(R"([{"model":"shop.line","from":"tax_id","to":"tax_ids","since":2}])");
    return table.value();
}

/// A contract whose flow `order` has what `flow` says.
inline contract::Contract contract_with(const std::string& flow) {
    auto parsed = contract::parse_contract(
        "[contract]\nname = \"shop\"\nversion = \"1.0.0\"\n[flow.order]\nordering_key = \"/id\"\n" + flow, "shop.toml");
    if (!parsed) {
        for (const auto& problem : parsed.error()) ADD_FAILURE() << problem.to_string();
        return {};
    }
    return *std::move(parsed);
}

inline std::vector<std::string> texts(const std::vector<Finding>& findings) {
    std::vector<std::string> texts;
    for (const auto& finding : findings) texts.push_back(finding.to_string());
    return texts;
}

inline std::vector<std::string> findings_of(const std::string& flow, const FieldLists& lists) {
    return texts(check(contract_with(flow), "shop.toml", {.lists = lists, .recorded = recorded(), .names = names()},
                       [](const contract::Flow&) { return true; }));
}

inline std::vector<std::string> findings_of(const std::string& flow, int version = 1) {
    return findings_of(flow, recorded().of(version));
}

}  // namespace sluice::contract_check::test
