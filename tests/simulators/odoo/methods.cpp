#include "tests/simulators/odoo/methods.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "tests/simulators/odoo/account.hpp"
#include "tests/simulators/odoo/generic_methods.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/sale.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim {

namespace {

using Table = std::map<std::string_view, Method>;

Method record_method(json::value (*action)(Env&, const Ids&), std::string owner) {
    return {std::move(owner), {}, false, [action](Call& call) { return action(call.env, call.ids); }};
}

const Table& own_methods(std::string_view model) {
    static const std::map<std::string_view, Table> kTables = {
        {"sale.order",
         {{"action_confirm", record_method(sale::action_confirm, "SaleOrder")},
          {"action_cancel", record_method(sale::action_cancel, "SaleOrder")},
          {"action_draft", record_method(sale::action_draft, "SaleOrder")}}},
        {"sale.order.cancel", {{"action_cancel", record_method(sale::wizard_cancel, "SaleOrderCancel")}}},
        {account::kMove, {{"action_post", record_method(account::action_post, "AccountMove")}}},
        {account::kRegister,
         {{"action_create_payments", record_method(account::action_create_payments, "AccountPaymentRegister")}}},
        {stock::kPicking,
         {{"button_validate", record_method(stock::button_validate, "Picking")},
          {"action_confirm", record_method(stock::action_confirm, "Picking")},
          {"action_assign", record_method(stock::action_assign, "Picking")},
          {"action_cancel", record_method(stock::action_cancel, "Picking")},
          {"do_unreserve", record_method(stock::do_unreserve, "Picking")}}},
        {stock::kImmediate, {{"process", record_method(stock::process_immediate, "StockImmediateTransfer")}}},
        {stock::kQuant,
         {{"create", {"StockQuant", {"*vals_list"}, true, stock::create_quants}},
          {"action_apply_inventory", record_method(stock::action_apply_inventory, "StockQuant")}}},
        {stock::kBackorder,
         {{"process", record_method(stock::process, "StockBackorderConfirmation")},
          {"process_cancel_backorder", record_method(stock::process_cancel_backorder, "StockBackorderConfirmation")}}},
    };
    static const Table kNone;
    const auto found = kTables.find(model);
    return found == kTables.end() ? kNone : found->second;
}

// Public methods real Odoo has on these models and the simulator has not: they must not look unknown to Odoo.
bool is_odoo_method(std::string_view name) {
    static constexpr std::array<std::string_view, 44> kNames = {"action_archive",
                                                                "action_quotation_send",
                                                                "action_quotation_sent",
                                                                "action_lock",
                                                                "action_unlock",
                                                                "action_unarchive",
                                                                "address_get",
                                                                "browse",
                                                                "check_access_rule",
                                                                "concat",
                                                                "ensure_one",
                                                                "env",
                                                                "export_data",
                                                                "fields_view_get",
                                                                "filtered",
                                                                "filtered_domain",
                                                                "flush_model",
                                                                "get_base_url",
                                                                "get_formview_id",
                                                                "get_metadata",
                                                                "get_view",
                                                                "get_views",
                                                                "invalidate_cache",
                                                                "mapped",
                                                                "message_post",
                                                                "message_subscribe",
                                                                "message_unsubscribe",
                                                                "modified",
                                                                "new",
                                                                "onchange",
                                                                "read_progress_bar",
                                                                "search_fetch",
                                                                "search_panel_select_range",
                                                                "sorted",
                                                                "sudo",
                                                                "toggle_active",
                                                                "update_prices",
                                                                "user_has_groups",
                                                                "web_read_group",
                                                                "web_save",
                                                                "with_context",
                                                                "with_user",
                                                                "activity_schedule",
                                                                "read_group"};
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end() || name.starts_with("action_") ||
           name.starts_with("button_") || name.starts_with("message_") || name.starts_with("get_");
}

Ids ids_argument(const json::value& value) {
    if (value.is_string()) {
        const auto text = std::string(value.get_string());
        throw invalid_integer_text(text.substr(0, 1));  // Python iterates over the characters
    }
    if (value.is_array()) {
        for (const auto& item : value.get_array()) {
            if (item.is_string()) throw invalid_integer_text(item.get_string());
        }
    }
    return as_ids(value);
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? (names.size() > 2 ? ", and " : " and ") : ", ";
        text += "'" + names[i] + "'";
    }
    return text;
}

// Python's binding of positional and keyword arguments, with its TypeErrors.
void bind_arguments(Call& call, const Method& method, std::string_view name, const json::array& args,
                    const json::object& kwargs) {
    const std::string shown = method.owner + "." + std::string(name) + "()";
    if (args.size() > method.parameters.size()) {
        throw type_error(shown + " takes " + std::to_string(method.parameters.size() + 1) +
                         " positional arguments but " + std::to_string(args.size() + 1) + " were given");
    }
    call.values.resize(method.parameters.size());
    call.given.resize(method.parameters.size());
    std::vector<std::string> missing;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < method.parameters.size(); ++i) {
        const bool required = method.parameters[i].starts_with('*');
        names.push_back(required ? method.parameters[i].substr(1) : method.parameters[i]);
        const auto* keyword = kwargs.if_contains(names.back());
        if (i < args.size()) {
            if (keyword != nullptr)
                throw type_error(shown + " got multiple values for argument '" + names.back() + "'");
            call.values[i] = args[i];
            call.given[i] = true;
        } else if (keyword != nullptr) {
            call.values[i] = *keyword;
            call.given[i] = true;
        } else if (required) {
            missing.push_back(names.back());
        }
    }
    for (const auto& [key, value] : kwargs) {
        if (std::find(names.begin(), names.end(), std::string_view(key)) == names.end()) {
            throw type_error(shown + " got an unexpected keyword argument '" + std::string(key) + "'");
        }
    }
    if (!missing.empty()) {
        throw type_error(shown + " missing " + std::to_string(missing.size()) + " required positional argument" +
                         (missing.size() > 1 ? "s" : "") + ": " + joined(missing));
    }
}

// Raises what Odoo does for a field that this version has not, wherever the call names it.
void refuse_internal(const Model& model, const json::value& value) {
    if (const auto* list = value.if_array()) {
        for (const auto& item : *list) refuse_internal(model, item);
    } else if (const auto* object = value.if_object()) {
        for (const auto& [key, item] : *object) refuse_internal(model, json::value(key));
    } else if (value.is_string()) {
        const auto* field = model.find(std::string_view(value.get_string()));
        if (field != nullptr && field->internal) throw invalid_field(field->name, model.name);
    }
}

}  // namespace

json::value none_result() {
    return json::value(kNoneResult);
}
bool is_none_result(const json::value& value) {
    return value.is_string() && std::string_view(value.get_string()) == kNoneResult;
}

const Method* find_method(std::string_view model, std::string_view name) {
    const auto& own = own_methods(model);
    if (const auto found = own.find(name); found != own.end()) return &found->second;
    return find_generic_method(name);
}

json::value call_method(Env& env, std::string_view model_name, std::string_view name, json::array args,
                        json::object kwargs) {
    // 19 marks these of the ORM as private, too.
    const bool marked = env.version() >= 19 && (name == "browse" || name == "exists" || name == "sudo");
    if (name.starts_with('_') || marked) {
        const auto shown =
            env.version() >= 19 ? "'" + std::string(model_name) + "." + std::string(name) + "'" : std::string(name);
        throw access_error("Private methods (such as " + shown + ") cannot be called remotely.");
    }
    const Model& model = env.model(model_name);
    stock::check_version(env, model_name);
    const Method* method = find_method(model_name, name);
    if (method == nullptr || (name == "name_get" && env.version() >= 18)) {
        if (is_odoo_method(name)) throw not_claimed("the method '" + std::string(name) + "' of '" + model.name + "'");
        throw attribute_error(
            env.version() >= 19 ? "The method '" + model.name + "." + std::string(name) + "' does not exist"
            : env.version() >= 17
                ? "The method '" + std::string(name) + "' does not exist on the model '" + model.name + "'"
                : "type object '" + model.name + "' has no attribute '" + std::string(name) + "'");
    }
    json::object context = env.context();
    if (const auto* given = kwargs.if_contains("context")) {
        if (given->is_object()) {
            for (const auto& [key, value] : given->get_object()) context[key] = value;
        }
        kwargs.erase("context");
    }
    if (name != "write" || env.version() < 19) {  // whose error for it is another
        for (const auto& value : args) refuse_internal(model, value);
        for (const auto& [key, value] : kwargs) refuse_internal(model, value);
    }
    Env inner = env.with_context(std::move(context));
    Call call{inner, model, {}, false, {}, {}};
    if (!method->model_level) {
        if (args.empty()) throw OdooError("builtins.IndexError", "list index out of range");
        call.single_id = args[0].is_int64();
        call.ids = ids_argument(args[0]);
        args.erase(args.begin());
    }
    const auto* as_in = method_of_version(*method, name, env.version());
    bind_arguments(call, *as_in, name, args, kwargs);
    return as_in->run(call);
}

}  // namespace sluice::sim
