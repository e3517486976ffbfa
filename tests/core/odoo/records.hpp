#pragma once
// Mapped records as the Shopify contract makes them, for tests.

#include <string>
#include <vector>

#include "core/mapping/record.hpp"

namespace sluice::odoo::test {

struct Line {
    std::string id, sku, quantity, price;
    std::string discount = "";  ///< "" maps no discount at all, as a shipping line does
    std::vector<std::string> tax_rates = {};
};

struct Order {
    std::string id = "1001";
    std::string name = "#1001";
    std::string email = "ann@example.com";
    std::string delivery_street = "";  ///< "" for no delivery address of its own
    bool taxes_included = false;
    bool cancelled = false;
    std::vector<Line> lines = {{"1", "PEN", "2", "10.50", "5.00"}, {"2", "DESK", "1", "99.90", "0"}};
};

mapping::MappedRecord customer(const std::string& email);
mapping::MappedRecord order(const Order& from);

}  // namespace sluice::odoo::test
