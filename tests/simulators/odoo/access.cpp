#include "tests/simulators/odoo/access.hpp"

#include <algorithm>
#include <array>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim::access {

namespace {

constexpr std::string_view kInternal = "User types/Internal User";
constexpr std::string_view kSales = "Sales/User: All Documents";
constexpr std::string_view kSalesManager = "Sales/Administrator";
constexpr std::string_view kStock = "Inventory/User";
constexpr std::string_view kStockManager = "Inventory/Administrator";
constexpr std::string_view kBilling = "Invoicing/Billing";
constexpr std::string_view kBillingManager = "Invoicing/Billing Administrator";
constexpr std::string_view kPointOfSale = "Point of Sale/User";
constexpr std::string_view kPointOfSaleManager = "Point of Sale/Administrator";
constexpr std::string_view kPurchase = "Purchase/User";
constexpr std::string_view kPurchaseManager = "Purchase/Administrator";
constexpr std::string_view kContacts = "Extra Rights/Contact Creation";
constexpr std::string_view kRights = "Administration/Access Rights";
constexpr std::string_view kSettings = "Administration/Settings";

struct Rule {
    std::string_view model, group, rights;  // rights: letters of "rwcu"
};

// As the modules base, product, sale, stock and account ship their ir.model.access.csv (17).
constexpr std::array kRules = std::to_array<Rule>({
    {"res.partner", kInternal, "r"},
    {"res.partner", kContacts, "rwcu"},
    {"res.partner", kSalesManager, "rwc"},
    {"res.partner.category", kInternal, "r"},
    {"res.partner.category", kContacts, "rwcu"},
    {"res.country", kInternal, "r"},
    {"res.country", kContacts, "rwcu"},
    {"res.country.state", kInternal, "r"},
    {"res.country.state", kContacts, "rwcu"},
    {"res.currency", kInternal, "r"},
    {"res.currency", kSettings, "rwcu"},
    {"res.currency", kBillingManager, "rwcu"},
    {"res.company", kInternal, "r"},
    {"res.company", kRights, "rwcu"},
    {"res.users", kInternal, "r"},
    {"res.users", kRights, "rwcu"},
    {"product.product", kInternal, "r"},
    {"product.product", kSettings, "rwcu"},
    {"product.product", kStockManager, "rwcu"},
    {"product.product", kBillingManager, "rwcu"},
    {"product.product", kPointOfSaleManager, "rwcu"},
    {"product.product", kPurchaseManager, "rwcu"},
    {"product.product", kSalesManager, "rwcu"},
    {"product.template", kInternal, "r"},
    {"product.template", kSettings, "rwcu"},
    {"product.template", kStockManager, "rwcu"},
    {"product.template", kBillingManager, "rwcu"},
    {"product.template", kPointOfSaleManager, "rwcu"},
    {"product.template", kPurchaseManager, "rwcu"},
    {"product.template", kSalesManager, "rwcu"},
    {"product.category", kInternal, "r"},
    {"product.category", kSalesManager, "rwcu"},
    {"product.category", kStockManager, "rwcu"},
    {"product.pricelist", kInternal, "r"},
    {"product.pricelist", kSalesManager, "rwcu"},
    {"uom.uom", kInternal, "r"},
    {"uom.uom", kSalesManager, "rwcu"},
    {"uom.uom", kStockManager, "rwcu"},
    {"uom.category", kInternal, "r"},
    {"uom.category", kSalesManager, "rwcu"},
    {"account.tax", kInternal, "r"},
    {"account.tax", kBillingManager, "rwcu"},
    {"account.move", kBilling, "rwcu"},
    {"account.move.line", kBilling, "rwcu"},
    {"account.payment", kBilling, "rwcu"},
    {"account.payment.register", kBilling, "rwc"},
    {"stock.warehouse", kInternal, "r"},
    {"stock.warehouse", kStockManager, "rwcu"},
    {"crm.team", kInternal, "r"},
    {"crm.team", kSalesManager, "rwcu"},
    {"crm.tag", kSales, "rwc"},
    {"crm.tag", kSalesManager, "rwcu"},
    {"sale.order", kSales, "rwc"},
    {"sale.order", kSalesManager, "rwcu"},
    {"sale.order", kBilling, "rw"},
    {"sale.order", kStock, "rw"},
    {"sale.order.line", kSales, "rwcu"},
    {"sale.order.line", kBilling, "rw"},
    {"sale.order.line", kStock, "rw"},
    {"sale.order.cancel", kSales, "rwc"},
    // stock, sale_stock, stock_account, purchase_stock and point_of_sale.
    {"stock.location", kInternal, "r"},
    {"stock.location", kContacts, "r"},
    {"stock.location", kSales, "r"},
    {"stock.location", kSalesManager, "r"},
    {"stock.location", kPurchase, "r"},
    {"stock.location", kPurchaseManager, "r"},
    {"stock.location", kPointOfSaleManager, "r"},
    {"stock.location", kStockManager, "rwcu"},
    {"stock.picking.type", kInternal, "r"},
    {"stock.picking.type", kStock, "r"},
    {"stock.picking.type", kStockManager, "rwcu"},
    {"stock.picking", kStock, "rwcu"},
    {"stock.picking", kStockManager, "rwcu"},
    {"stock.picking", kSales, "rwc"},
    {"stock.picking", kSalesManager, "rwcu"},
    {"stock.picking", kBilling, "rwc"},
    {"stock.picking", kPurchase, "rwcu"},
    {"stock.picking", kPurchaseManager, "rwcu"},
    {"stock.picking", kPointOfSale, "rwcu"},
    {"stock.move", kStock, "rwc"},
    {"stock.move", kStockManager, "rwcu"},
    {"stock.move", kSales, "rwc"},
    {"stock.move", kSalesManager, "rwcu"},
    {"stock.move", kBilling, "rwc"},
    {"stock.move", kPurchase, "rwc"},
    {"stock.move", kPurchaseManager, "rwcu"},
    {"stock.move", kPointOfSale, "rwcu"},
    {"stock.move.line", kInternal, "rwcu"},
    {"stock.move.line", kStock, "rwcu"},
    {"stock.move.line", kStockManager, "rwcu"},
    {"stock.quant", kInternal, "r"},
    {"stock.quant", kStock, "rwc"},
    {"stock.immediate.transfer", kStock, "rwc"},
    {"stock.backorder.confirmation", kStock, "rwc"},
    {"stock.backorder.confirmation.line", kStock, "rwc"},
    {"ir.model.data", kRights, "rwcu"},
    {"ir.config_parameter", kSettings, "rwcu"},
});

char letter(Operation operation) {
    switch (operation) {
        case Operation::read:
            return 'r';
        case Operation::write:
            return 'w';
        case Operation::create:
            return 'c';
        case Operation::unlink:
            return 'u';
    }
    return '?';
}

std::string_view verb(Operation operation) {
    switch (operation) {
        case Operation::read:
            return "access";
        case Operation::write:
            return "modify";
        case Operation::create:
            return "create";
        case Operation::unlink:
            return "delete";
    }
    return "";
}

}  // namespace

std::vector<std::string_view> groups_of_kind(std::string_view kind) {
    std::vector<std::string_view> groups = {kInternal, kContacts, kSales, kStock, kBilling, kPointOfSale, kPurchase};
    if (kind == "manager" || kind == "admin") {
        groups.insert(groups.end(),
                      {kSalesManager, kStockManager, kBillingManager, kPointOfSaleManager, kPurchaseManager});
    }
    if (kind == "admin") groups.insert(groups.end(), {kRights, kSettings});
    return groups;
}

bool has_group(Env& env, std::string_view group) {
    if (env.su()) return true;
    const auto groups = groups_of_kind(users::kind_of(env.database(), env.uid()));
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool allowed(Env& env, std::string_view model, Operation operation) {
    if (env.su()) return true;
    const auto groups = groups_of_kind(users::kind_of(env.database(), env.uid()));
    return std::any_of(kRules.begin(), kRules.end(), [&](const Rule& rule) {
        return rule.model == model && rule.rights.find(letter(operation)) != std::string_view::npos &&
               std::find(groups.begin(), groups.end(), rule.group) != groups.end();
    });
}

void check(Env& env, std::string_view model, Operation operation) {
    if (allowed(env, model, operation)) return;
    std::vector<std::string_view> names;
    for (const auto& rule : kRules) {
        if (rule.model == model && rule.rights.find(letter(operation)) != std::string_view::npos)
            names.push_back(rule.group);
    }
    std::sort(names.begin(), names.end());
    std::string text = "You are not allowed to " + std::string(verb(operation)) + " '" + env.model(model).description +
                       "' (" + std::string(model) + ") records.\n\n";
    if (names.empty()) {
        text += "No group currently allows this operation.\n\n";
    } else {
        text += "This operation is allowed for the following groups:\n";
        for (const auto name : names) text += "\t- " + std::string(name) + "\n";
        text += "\n";
    }
    throw access_error(text + "Contact your administrator to request access if necessary.");
}

}  // namespace sluice::sim::access
