#pragma once
// What does not fit between a contract and an Odoo.

#include <string>
#include <vector>

namespace sluice::contract_check {

/// An error makes records fail, or changes them to something else than was meant; a warning may.
enum class Severity { error, warning };

struct Finding {
    Severity severity = Severity::error;
    std::string file;          ///< the contract's name in messages
    int line = 0, column = 0;  ///< from 1; 0 where only `path` is known
    std::string path;          ///< "flow.order.record.fields.partner_id"
    std::string model, field;  ///< of Odoo; `field` may be ""
    std::string message;       ///< what is wrong
    std::string right;         ///< what would be right; "" where nobody can tell

    /// "shopify.contract.toml:158:1: error: flow.order.record.fields.partner: sale.order has no field `partner`;
    /// did you mean `partner_id`?"
    std::string to_string() const;
    bool operator==(const Finding&) const = default;
};

std::size_t count(const std::vector<Finding>& findings, Severity severity);

}  // namespace sluice::contract_check
