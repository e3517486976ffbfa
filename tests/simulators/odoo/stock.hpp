#pragma once
// Deliveries and stock levels (addons/stock, addons/sale_stock of 17): locations, quants, reservation, transfers.
//
// A sale order's confirmation makes stock.move rows, which reserve stock.quant rows through stock.move.line rows, and a
// stock.picking that gathers them. Stored computed fields (a transfer's state, an order's delivery status, a line's
// delivered quantity) are recomputed once at the end of each call, as Odoo's flush does: what does not change keeps its
// write_date. Where 16 and 19 are recorded to differ they do so here (FACTS section 5): 16's `quantity_done` and
// immediate transfer, 19's counts that anybody applies and that empty a shelf when they are applied again.

#include <string>
#include <string_view>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/environment.hpp"
#include "tests/simulators/odoo/methods.hpp"

namespace sluice::sim::stock {

inline constexpr std::string_view kLocation = "stock.location";
inline constexpr std::string_view kWarehouse = "stock.warehouse";
inline constexpr std::string_view kType = "stock.picking.type";
inline constexpr std::string_view kPicking = "stock.picking";
inline constexpr std::string_view kMove = "stock.move";
inline constexpr std::string_view kMoveLine = "stock.move.line";
inline constexpr std::string_view kQuant = "stock.quant";
inline constexpr std::string_view kBackorder = "stock.backorder.confirmation";
inline constexpr std::string_view kImmediate = "stock.immediate.transfer";  // 16's
inline constexpr std::string_view kBackorderLine = "stock.backorder.confirmation.line";

// --- stock_data.cpp
// The warehouse WH, its locations and operation types as the module ships them.
void install(Env& env, std::int64_t company, std::int64_t partner);
// {"product": external id or id, "location": the same (the first warehouse's stock), "quantity": 5}: a quant.
void seed_level(Env& env, const json::object& spec);
// A row past the ORM, with its log fields; the id.
std::int64_t insert(Env& env, std::string_view model, json::object row);
// write() past the access rights: write_date moves whatever the values are.
void update(Env& env, std::string_view model, std::int64_t id, const json::object& values);
// fields.Datetime.now() and fields.Date.today().
std::string now_text(const Env& env);
std::string today_text(const Env& env);
// NotClaimed for calls of the models above under 18, of which nothing is recorded.
void check_version(const Env& env, std::string_view model);
// float_compare at the two digits of "Product Unit of Measure": -1, 0, 1.
int compare(double left, double right);
// uom.uom._compute_quantity, HALF-UP.
double convert_quantity(Env& env, double quantity, std::int64_t from, std::int64_t to);
Behaviour location_behaviour();
Behaviour warehouse_behaviour();
Behaviour picking_type_behaviour();
// Whether the location is one of `roots` or below one.
bool within(Env& env, std::int64_t location, const Ids& roots);
// stock.location.should_bypass_reservation
bool bypasses_reservation(Env& env, std::int64_t location);

// --- stock_quant.cpp
Behaviour quant_behaviour();
json::value create_quants(Call& call);
json::value action_apply_inventory(Env& env, const Ids& quants);
// _update_available_quantity; returns what is then free at exactly that location, which may be negative.
double change_quant(Env& env, std::int64_t product, std::int64_t location, double quantity, double reserved);
// _get_reserve_quantity: [quant, quantity] to take for `need`, from the location and those below it.
std::vector<std::pair<std::int64_t, double>> reservable(Env& env, std::int64_t product, std::int64_t location,
                                                        double need);
// product.product._compute_quantities_dict under the context's warehouse and location.
struct Levels {
    double available = 0.0, reserved = 0.0, incoming = 0.0, outgoing = 0.0;
};
Levels levels(Env& env, std::int64_t product);
// One of the five quantity fields, or nothing.
std::optional<json::value> level_field(Env& env, std::int64_t product, std::string_view field);

// --- stock_move.cpp
Behaviour move_behaviour();
Behaviour move_line_behaviour();
bool bypasses(Env& env, std::int64_t move);
Ids lines_of(Env& env, std::int64_t move);
Ids moves_of(Env& env, std::int64_t picking);
// product_uom_qty, quantity and state are the row's; a move in draft becomes confirmed and reserves what it can.
void confirm_moves(Env& env, const Ids& moves);
void assign_moves(Env& env, const Ids& moves);
void unreserve_moves(Env& env, const Ids& moves);
void cancel_moves(Env& env, const Ids& moves);
void set_picked(Env& env, std::int64_t move, bool picked);
// Sets the demand; what is reserved beyond it is given back.
void set_demand(Env& env, std::int64_t move, double quantity);
void recompute_move_states(Env& env, const Ids& moves);
// stock.move._action_done; the moves that were done.
Ids finish_moves(Env& env, const Ids& moves, bool cancel_backorder);
// A line with its effect on the quants; `quantity` in the move's unit.
std::int64_t add_line(Env& env, std::int64_t move, double quantity, std::int64_t location);
// Whether the forecast of a move is below what it asks for (stock.picking.products_availability).
bool short_of_goods(Env& env, std::int64_t move);

// --- stock_picking.cpp
Behaviour picking_behaviour();
Behaviour backorder_behaviour();
std::int64_t create_picking(Env& env, json::object values);
json::value button_validate(Env& env, const Ids& pickings);
json::value action_assign(Env& env, const Ids& pickings);
json::value action_confirm(Env& env, const Ids& pickings);
json::value action_cancel(Env& env, const Ids& pickings);
void cancel_pickings(Env& env, const Ids& pickings);
json::value do_unreserve(Env& env, const Ids& pickings);
json::value process(Env& env, const Ids& wizards);
json::value process_immediate(Env& env, const Ids& wizards);
json::value process_cancel_backorder(Env& env, const Ids& wizards);
// Recomputes what is stored of the transfers, their orders and the orders' lines.
void recompute_pickings(Env& env, const Ids& pickings);

// --- stock_sale.cpp
// sale.order.line._action_launch_stock_rule: what the lines ask for and no move brings yet.
void launch(Env& env, const Ids& lines);
// The deliveries that are not done, cancelled with the order.
void cancel_deliveries(Env& env, const Ids& orders);
void recompute_order(Env& env, std::int64_t order);
void recompute_delivered(Env& env, std::int64_t line);
std::optional<json::value> order_field(Env& env, std::int64_t order, std::string_view field);
std::optional<json::value> line_field(Env& env, std::int64_t line, std::string_view field);
// Stored related fields (a line's state): the lines are written when the order's is.
void touch_lines(Env& env, std::int64_t order);

}  // namespace sluice::sim::stock
