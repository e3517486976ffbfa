#include "tests/wire/wire_seed.hpp"

#include <algorithm>

#include "tests/simulators/odoo/clock.hpp"
#include "tests/simulators/odoo/value.hpp"

namespace sluice::wire {

namespace {

using sim::FieldType;

bool is_read(const std::string& method) {
    return method == "read" || method == "search_read" || method == "web_read" || method == "web_search_read";
}
// Calls that make documents which only later reads name: a delivery, its moves, a backorder.
bool makes_documents(const std::string& method) {
    return method == "action_confirm" || method == "button_validate" || method == "process";
}
bool is_create(const std::string& method) {
    return method == "create" || method == "copy" || method == "name_create" || method == "load";
}
bool model_level(const std::string& method) {
    static const std::set<std::string> kNames = {
        "create",     "search",         "search_read",     "search_count",        "load",
        "fields_get", "name_search",    "name_create",     "default_get",         "check_access_rights",
        "read_group", "web_read_group", "web_search_read", "formatted_read_group"};
    return kNames.contains(method);
}

// A product of the seed that has quants; below every recorded one.
constexpr std::int64_t kStored = 2;

// The recording tool's ids for "no such record".
bool meant_missing(std::int64_t id) {
    return id >= 999999;
}

}  // namespace

json::array read_records(const Exchange& exchange) {
    if (!is_read(exchange.rpc_method) || !exchange.has_result) return {};
    if (exchange.result.is_array()) return exchange.result.get_array();
    const auto* object = exchange.result.if_object();
    const auto* records = object == nullptr ? nullptr : object->if_contains("records");
    return records != nullptr && records->is_array() ? records->get_array() : json::array();
}

std::vector<std::int64_t> created_ids(const Exchange& exchange) {
    if (!is_create(exchange.rpc_method) || !exchange.has_result) return {};
    if (exchange.rpc_method == "load") {
        const auto* object = exchange.result.if_object();
        return object == nullptr ? std::vector<std::int64_t>() : sim::as_ids(object->at("ids"));
    }
    if (exchange.rpc_method == "name_create") return {exchange.result.at(0).as_int64()};
    return sim::as_ids(exchange.result);
}

std::map<std::int64_t, std::int64_t> fractions_of(const std::vector<Exchange>& exchanges) {
    std::map<std::int64_t, std::int64_t> fractions;
    for (const auto& exchange : exchanges) {
        const auto& text = exchange.body;
        for (std::size_t dot = text.find('.'); dot != std::string::npos; dot = text.find('.', dot + 1)) {
            const auto end = text.find_first_not_of("0123456789", dot + 1);
            if (dot < 19 || end == dot + 1 || end == std::string::npos) continue;
            const auto instant = sim::parse_timestamp(std::string_view(text).substr(dot - 19, end - dot + 19));
            if (instant) fractions[*instant - *instant % 1'000'000] = *instant % 1'000'000;
        }
    }
    return fractions;
}

Inventory::Inventory(const sim::Schema& schema, const std::vector<Exchange>& exchanges)
    : schema_(schema), fractions_(fractions_of(exchanges)) {
    learn_users(exchanges);
    for (std::size_t index = 0; index < exchanges.size(); ++index) learn_created(exchanges[index], index);
    for (const auto& exchange : exchanges) learn_reads(exchange);
    for (const auto& exchange : exchanges) learn_references(exchange);
    // Something for what seeded lines need and nobody showed.
    refer("product.product", 1);
    refer("sale.order", 1);
    refer("product.product", kStored);
}

void Inventory::learn_users(const std::vector<Exchange>& exchanges) {
    std::map<std::int64_t, int> times;
    std::map<std::string, int> databases;
    for (const auto& exchange : exchanges) {
        if (exchange.uid != 0 && exchange.has_result) ++times[exchange.uid];
        if (!exchange.database.empty() && !exchange.failed()) ++databases[exchange.database];
    }
    for (const auto& [uid, count] : times) {
        uids_.insert(uid);
        if (count > times[service_uid_]) service_uid_ = uid;
    }
    uids_.insert(service_uid_);
    int most = 0;
    for (const auto& [name, count] : databases) {
        if (count > most) database_ = name;
        most = std::max(most, count);
    }
    for (const auto& exchange : exchanges) {
        if (exchange.uid != 0 && exchange.uid != service_uid_ && !meant_missing(exchange.uid))
            uids_.insert(exchange.uid);
    }
}

void Inventory::learn_created(const Exchange& exchange, std::size_t index) {
    for (const auto id : created_ids(exchange)) {
        created_.emplace(exchange.model, id);
        created_at_.emplace(RecordKey(exchange.model, id), index);
    }
    if (exchange.model == "sale.order" && exchange.rpc_method == "action_confirm" && !exchange.failed()) {
        for (const auto id : sim::as_ids(exchange.args.at(0))) confirmed_.insert(id);
    }
}

void Inventory::refer(const std::string& model, std::int64_t id) {
    if (id > 0 && !meant_missing(id) && schema_.find(model) != nullptr) referred_.emplace(model, id);
}

void Inventory::learn_reads(const Exchange& exchange) {
    const auto* model = schema_.find(exchange.model);
    if (model == nullptr) return;
    for (const auto& item : read_records(exchange)) {
        const auto& record = item.as_object();
        // 16's invoices were never made, and were read all the same: `id` is null.
        if (!record.at("id").is_int64()) continue;
        const auto id = record.at("id").get_int64();
        refer(exchange.model, id);
        auto& values = read_[{exchange.model, id}];
        for (const auto& [name, value] : record) {
            const auto* field = model->find(name);
            if (field == nullptr || sim::is_empty(value)) continue;
            if (field->type == FieldType::many2one && value.is_array()) {
                const auto target = value.get_array()[0].as_int64();
                refer(field->relation, target);
                const auto* comodel = schema_.find(field->relation);
                if (comodel != nullptr && value.get_array().size() > 1 && comodel->has(comodel->rec_name)) {
                    read_[{field->relation, target}].emplace(comodel->rec_name, value.get_array()[1]);
                }
            }
            if (field->to_many()) {
                for (const auto target : sim::as_ids(value)) refer(field->relation, target);
                // Lines belong to what lists them.
                if (field->type == FieldType::one2many && !field->inverse.empty()) {
                    for (const auto target : sim::as_ids(value)) {
                        read_[{field->relation, target}].emplace(field->inverse, id);
                        if (created_.contains({exchange.model, id})) created_.emplace(field->relation, target);
                        const bool delivery = exchange.model == "sale.order" && field->relation == "stock.picking";
                        if (delivery && confirmed_.contains(id)) created_.emplace(field->relation, target);
                    }
                }
            }
            values.emplace(name, value);
        }
        learn_found(exchange, values);
    }
}

// A record that a plain domain found has what its equalities ask for.
void Inventory::learn_found(const Exchange& exchange, json::object& values) const {
    const auto* given = exchange.kwargs.if_contains("domain");
    const json::value domain = given != nullptr ? *given : exchange.args.empty() ? json::value() : exchange.args[0];
    if (!exchange.rpc_method.starts_with("search") || !domain.is_array()) return;
    for (const auto& leaf : domain.get_array()) {
        if (!leaf.is_array()) return;  // an operator: not plain
        if (leaf.get_array().size() != 3 || leaf.at(1) != json::value("=") || !leaf.at(0).is_string()) continue;
        const std::string name(leaf.at(0).get_string());
        if (schema_.find(exchange.model)->has(name)) values.emplace(name, leaf.at(2));
    }
}

void Inventory::learn_values(const std::string& model_name, const json::object& values) {
    const auto* model = schema_.find(model_name);
    if (model == nullptr) return;
    for (const auto& [name, value] : values) {
        const auto* field = model->find(name);
        if (field == nullptr) continue;
        if (field->type == FieldType::many2one && value.is_int64()) refer(field->relation, value.get_int64());
        if (!field->to_many() || !value.is_array()) continue;
        for (const auto& command : value.get_array()) {
            if (!command.is_array() || command.get_array().size() < 3) continue;
            const auto& parts = command.get_array();
            if (parts[2].is_object()) learn_values(field->relation, parts[2].get_object());
            for (const auto target : sim::as_ids(parts[2])) refer(field->relation, target);
        }
    }
}

void Inventory::learn_domain(const std::string& model_name, const json::value& domain) {
    const auto* model = schema_.find(model_name);
    if (model == nullptr || !domain.is_array()) return;
    for (const auto& leaf : domain.get_array()) {
        if (!leaf.is_array() || leaf.get_array().size() != 3 || !leaf.at(0).is_string()) continue;
        const std::string name(leaf.at(0).get_string());
        const auto* field = model->find(name);
        if (field == nullptr) continue;
        if (name == "id") {
            for (const auto id : sim::as_ids(leaf.at(2))) refer(model_name, id);
        } else if (field->relational()) {
            for (const auto id : sim::as_ids(leaf.at(2))) refer(field->relation, id);
        }
    }
}

void Inventory::learn_load(const Exchange& exchange) {
    if (exchange.args.size() < 2) return;
    const auto& columns = exchange.args[0].as_array();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto path = sim::split(std::string_view(columns[i].as_string()), '/');
        if (path.back() != ".id") continue;
        std::string model = exchange.model;
        for (std::size_t step = 0; step + 1 < path.size(); ++step) {
            const auto* field = schema_.find(model) == nullptr ? nullptr : schema_.find(model)->find(path[step]);
            model = field == nullptr ? std::string() : field->relation;
        }
        for (const auto& row : exchange.args[1].as_array()) {
            const auto cell = sim::py_str(row.as_array().at(i));
            if (!cell.empty()) refer(model, std::stoll(cell));
        }
    }
}

void Inventory::learn_references(const Exchange& exchange) {
    if (exchange.model.empty()) return;
    if (exchange.rpc_method == "load") return learn_load(exchange);
    // A wizard whose making was not kept.
    if (exchange.model == "sale.order.cancel" && exchange.rpc_method == "action_cancel") {
        const auto* context = exchange.kwargs.if_contains("context");
        for (const auto id : sim::as_ids(exchange.args.at(0))) {
            read_[{exchange.model, id}].emplace("order_id", context->at("default_order_id"));
        }
    }
    const bool none_found = exchange.result.is_array() && exchange.result.get_array().empty();
    if (exchange.error_name().ends_with("MissingError") || none_found) return;
    for (const auto& arg : exchange.args) {
        if (const auto* values = arg.if_object()) learn_values(exchange.model, *values);
        if (arg.is_array()) {
            for (const auto& item : arg.get_array()) {
                if (const auto* values = item.if_object()) learn_values(exchange.model, *values);
            }
        }
    }
    if (exchange.rpc_method.starts_with("search") || exchange.rpc_method == "web_search_read") {
        if (!exchange.args.empty()) learn_domain(exchange.model, exchange.args[0]);
        if (const auto* domain = exchange.kwargs.if_contains("domain")) learn_domain(exchange.model, *domain);
    } else if (!model_level(exchange.rpc_method) && !exchange.args.empty()) {
        for (const auto id : sim::as_ids(exchange.args[0])) refer(exchange.model, id);
    }
}

std::set<RecordKey> Inventory::seeded() const {
    std::set<RecordKey> keys;
    std::set_difference(referred_.begin(), referred_.end(), created_.begin(), created_.end(),
                        std::inserter(keys, keys.end()));
    return keys;
}

// A seeded record's recorded second with the folder's microseconds. Of several records of that second the last one was
// made by a later call than the others.
std::string Inventory::stamp_with_fraction(const std::string& model, std::int64_t id, const std::string& second) const {
    const auto instant = sim::parse_timestamp(second);
    const auto fraction = instant ? fractions_.find(*instant) : fractions_.end();
    if (fraction == fractions_.end()) return second;
    std::int64_t same = 0;
    std::int64_t last = 0;
    for (const auto& [key, values] : read_) {
        const auto* stamp = values.if_contains("write_date");
        if (key.first != model || stamp == nullptr || *stamp != json::value(second)) continue;
        ++same;
        last = std::max(last, key.second);
    }
    const bool later = same > 2 && id == last;
    return sim::stamp_text(*instant + fraction->second + (later ? 20'000 : 0));
}

// Values create() can take, with something in every required field.
json::object Inventory::complete(const std::string& model_name, std::int64_t id, json::object values) const {
    const auto& model = *schema_.find(model_name);
    json::object out{{"id", id}};
    for (const auto& [name, value] : values) {
        const auto* field = model.find(name);
        if (field == nullptr || !field->implemented || name == "id" || name == "display_name" ||
            name.starts_with("create_") || name.starts_with("write_"))
            continue;
        const bool level = model_name == "stock.quant" && name == "quantity";
        if (field->readonly && name != "state" && !level) continue;
        // A transfer's state follows from its moves, whose quantities are reserved.
        if (model_name == "stock.picking") continue;
        if (field->type == FieldType::many2one) {
            const auto target = value.is_array() ? value.get_array()[0] : value;
            // What a record of late_seed_json() refers to is there by then.
            const bool later = target.is_int64() && created_.contains({field->relation, target.get_int64()}) &&
                               !late_after({model_name, id});
            if (schema_.find(field->relation) != nullptr && target.is_int64() && !later) out[name] = target;
        } else if (field->type == FieldType::many2many) {
            if (schema_.find(field->relation) != nullptr) out[name] = json::array{json::array{6, 0, value}};
        } else if (field->type != FieldType::one2many) {
            out[name] = value;
        }
    }
    const auto fill = [&](std::string_view name, json::value value) {
        if (model.has(name) && !out.contains(name)) out[name] = std::move(value);
    };
    if (const auto* stamp = values.if_contains("write_date"); stamp != nullptr && stamp->is_string()) {
        out["write_date"] = stamp_with_fraction(model_name, id, std::string(stamp->get_string()));
    }
    if (model_name == "sale.order") fill("partner_id", 1);
    if (model_name == "sale.order.line") {
        fill("order_id", 1);
        if (!out.contains("display_type")) fill("product_id", 1);
    }
    // Of goods that are stored and there, so that what was recorded of them can be repeated.
    if (model_name == "product.product" && id == kStored) out["detailed_type"] = "product";
    if (model_name == "stock.quant") {
        fill("product_id", kStored);
        out["location_id"] = "stock.stock_location_stock";
    }
    if (model_name == "stock.picking") {
        fill("partner_id", 1);
        out["picking_type_id"] = "stock.picking_type_out";
        out["move_ids"] = json::array{json::array{0, 0, json::object{{"product_id", 1}, {"product_uom_qty", 1.0}}}};
        return out;
    }
    if (model_name == "product.pricelist") {
        fill("currency_id", 1);
        fill("discount_policy", "with_discount");
    }
    if (model_name == "account.tax") {
        // As in the recordings: 15 percent on top.
        fill("amount", 15.0);
        fill("amount_type", "percent");
        fill("company_id", 1);
        fill("country_id", 1);
        fill("type_tax_use", "sale");
    }
    if (model.has(model.rec_name)) fill(model.rec_name, json::value("Seed " + std::to_string(id)));
    return out;
}

std::string Inventory::seed_json() const {
    json::array users;
    for (const auto uid : uids_) {
        const bool service = uid == service_uid_;
        users.push_back(
            json::object{{"id", uid},
                         {"login", service ? std::string(kServiceLogin) : "svc_manager_" + std::to_string(uid)},
                         {"password", service ? kServiceLogin : "svc_manager"},
                         {"api_keys", json::array{service ? kServiceKey : kManagerKey}},
                         {"kind", service ? "user" : "manager"},
                         {"name", "Sluice Service"},
                         {"tz", "Europe/Brussels"}});
    }
    // What others point at comes first; partners in the order of their ids, so that parents exist.
    static const std::vector<std::string> kOrder = {
        "res.partner.category", "crm.tag",          "account.tax",      "uom.uom",    "product.pricelist",
        "res.partner",          "product.template", "product.product",  "sale.order", "sale.order.line",
        "stock.quant",          "stock.picking",    "sale.order.cancel"};
    json::object records;
    const auto keys = seeded();
    for (const auto& model : kOrder) {
        json::array list;
        for (const auto& [name, id] : keys) {
            if (name != model || late_after({name, id})) continue;
            const auto values = read_.find({name, id});
            list.push_back(complete(name, id, values == read_.end() ? json::object() : values->second));
        }
        if (!list.empty()) records[model] = std::move(list);
        if (model == "account.tax" && records.contains(model)) {
            // New products get the company's tax.
            records["res.company"] =
                json::array{json::object{{"id", 1}, {"account_sale_tax_id", records[model].at(0).at("id")}}};
        }
    }
    // The recorded server had the module: transfers show their tracking reference.
    return json::serialize(json::object{
        {"modules", json::array{"stock_delivery"}}, {"users", std::move(users)}, {"records", std::move(records)}});
}

std::optional<std::size_t> Inventory::late_after(const RecordKey& key) const {
    const auto* model = schema_.find(key.first);
    const auto values = read_.find(key);
    if ((key.first != "sale.order" && key.first != "sale.order.line") || values == read_.end() ||
        created_.contains(key))
        return std::nullopt;
    std::optional<std::size_t> last;
    for (const auto& [name, value] : values->second) {
        const auto* field = model->find(name);
        if (field == nullptr || field->type != FieldType::many2one) continue;
        const auto target = sim::as_id(value.is_array() ? value.get_array()[0] : value);
        if (!target) continue;
        const RecordKey other(field->relation, *target);
        const auto made = created_at_.find(other);
        const auto after = made != created_at_.end() ? std::optional(made->second) : late_after(other);
        if (after && (!last || *after > *last)) last = after;
    }
    return last;
}

std::string Inventory::late_seed_json(std::size_t index) const {
    json::object records;
    for (const auto& key : seeded()) {
        if (late_after(key) != index) continue;
        auto& list = records[key.first];
        if (list.is_null()) list = json::array();
        list.get_array().push_back(complete(key.first, key.second, read_.at(key)));
    }
    return records.empty() ? std::string() : json::serialize(json::object{{"records", std::move(records)}});
}

std::map<std::string, std::int64_t> Inventory::ids_made_by(const std::vector<Exchange>& exchanges, std::size_t index,
                                                           std::set<RecordKey>& known) const {
    std::map<std::string, std::int64_t> made;
    const auto& exchange = exchanges[index];
    const auto note = [&](const std::string& model, std::int64_t id) {
        if (known.contains({model, id})) return;
        const auto at = made.find(model);
        if (at == made.end() || at->second > id) made[model] = id;
    };
    if (makes_documents(exchange.rpc_method) && !exchange.failed()) {
        // What the reads before the next such call show for the first time.
        for (std::size_t later = index + 1; later < exchanges.size(); ++later) {
            if (makes_documents(exchanges[later].rpc_method) && !exchanges[later].failed()) break;
            const auto* model = schema_.find(exchanges[later].model);
            for (const auto& item : read_records(exchanges[later])) {
                for (const auto& [name, value] : item.as_object()) {
                    const auto* field = model == nullptr ? nullptr : model->find(name);
                    if (field == nullptr || field->type != FieldType::one2many) continue;
                    for (const auto id : sim::as_ids(value)) {
                        if (!created_.contains({field->relation, id})) continue;
                        note(field->relation, id);
                    }
                    for (const auto id : sim::as_ids(value)) known.emplace(field->relation, id);
                }
            }
        }
    }
    for (const auto id : created_ids(exchange)) {
        note(exchange.model, id);
        // The next read of it shows the lines it got.
        for (std::size_t later = index + 1; later < exchanges.size(); ++later) {
            if (exchanges[later].model != exchange.model) continue;
            bool seen = false;
            for (const auto& item : read_records(exchanges[later])) {
                if (item.at("id") != json::value(id)) continue;
                seen = true;
                for (const auto& [name, value] : item.as_object()) {
                    const auto* model = schema_.find(exchange.model);
                    const auto* field = model == nullptr ? nullptr : model->find(name);
                    if (field == nullptr || field->type != FieldType::one2many) continue;
                    for (const auto line : sim::as_ids(value)) note(field->relation, line);
                    for (const auto line : sim::as_ids(value)) known.emplace(field->relation, line);
                }
            }
            if (seen) break;
        }
        known.emplace(exchange.model, id);
    }
    return made;
}

namespace {

// The second S of a search for `write_date = S` that found the record.
std::string searched_stamp(const Exchange& exchange, std::int64_t id) {
    if (exchange.rpc_method != "search" || !exchange.result.is_array() || exchange.args.empty()) return {};
    const auto found = sim::as_ids(exchange.result);
    if (std::find(found.begin(), found.end(), id) == found.end() || !exchange.args[0].is_array()) return {};
    for (const auto& leaf : exchange.args[0].get_array()) {
        const auto* parts = leaf.if_array();
        if (parts == nullptr || parts->size() != 3 || (*parts)[0] != json::value("write_date")) continue;
        if ((*parts)[1] == json::value("=") && (*parts)[2].is_string()) return std::string((*parts)[2].get_string());
    }
    return {};
}

}  // namespace

std::string Inventory::stamp_of(const std::vector<Exchange>& exchanges, std::size_t index) const {
    const auto ids = created_ids(exchanges[index]);
    if (ids.empty()) return {};
    for (std::size_t later = index + 1; later < exchanges.size(); ++later) {
        if (exchanges[later].model != exchanges[index].model) continue;
        for (const auto& item : read_records(exchanges[later])) {
            const auto& record = item.as_object();
            if (record.at("id") != json::value(ids.front())) continue;
            if (const auto* stamp = record.if_contains("write_date"); stamp != nullptr && stamp->is_string()) {
                return std::string(stamp->get_string());
            }
            return {};
        }
        if (auto stamp = searched_stamp(exchanges[later], ids.front()); !stamp.empty()) return stamp;
    }
    return {};
}

}  // namespace sluice::wire
