#include "tests/simulators/odoo/behaviour.hpp"

#include <map>

#include "tests/simulators/odoo/account.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim {

const Behaviour& behaviour(std::string_view model) {
    static const std::map<std::string_view, Behaviour> kTable = {
        {"res.partner", partner_behaviour()},
        {"res.users", users_behaviour()},
        {"res.country", country_behaviour()},
        {"res.country.state", country_state_behaviour()},
        {"product.template", product_template_behaviour()},
        {"product.product", product_product_behaviour()},
        {"product.category", product_category_behaviour()},
        {"account.tax", account_tax_behaviour()},
        {"sale.order", sale_order_behaviour()},
        {"sale.order.line", sale_order_line_behaviour()},
        {"ir.model.data", model_data_behaviour()},
        {account::kMove, account::move_behaviour()},
        {account::kMoveLine, account::move_line_behaviour()},
        {account::kRegister, account::register_behaviour()},
        {stock::kLocation, stock::location_behaviour()},
        {stock::kWarehouse, stock::warehouse_behaviour()},
        {stock::kType, stock::picking_type_behaviour()},
        {stock::kPicking, stock::picking_behaviour()},
        {stock::kMove, stock::move_behaviour()},
        {stock::kMoveLine, stock::move_line_behaviour()},
        {stock::kQuant, stock::quant_behaviour()},
        {stock::kBackorder, stock::backorder_behaviour()},
    };
    static const Behaviour kPlain;
    const auto found = kTable.find(model);
    return found == kTable.end() ? kPlain : found->second;
}

}  // namespace sluice::sim
