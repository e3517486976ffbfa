#include "tests/core/odoo/fake_odoo.hpp"

#include <algorithm>
#include <set>

namespace sluice::odoo::test {
namespace {

enum class Type { text, number, boolean, many2one, many2many, one2many };

const std::map<std::string, std::map<std::string, Type>>& schema() {
    static const std::map<std::string, std::map<std::string, Type>> models = {
        {"res.country", {{"code", Type::text}}},
        {"product.product", {{"default_code", Type::text}}},
        {"account.tax", {{"amount", Type::number}, {"price_include", Type::boolean}}},
        {"res.partner",
         {{"name", Type::text},
          {"email_normalized", Type::text},
          {"type", Type::text},
          {"street", Type::text},
          {"parent_id", Type::many2one},
          {"country_id", Type::many2one}}},
        {"sale.order",
         {{"partner_id", Type::many2one},
          {"client_order_ref", Type::text},
          {"state", Type::text},
          {"date_order", Type::text},
          {"order_line", Type::one2many}}},
        {"sale.order.line",
         {{"order_id", Type::many2one},
          {"product_id", Type::many2one},
          {"name", Type::text},
          {"product_uom_qty", Type::number},
          {"price_unit", Type::number},
          {"discount", Type::number},
          {"tax_id", Type::many2many}}}};
    return models;
}

/// As Odoo keeps and shows a float of two digits: 10.555 -> 10.56, 3 -> 3.0.
std::string rounded(std::string_view token) {
    auto text = Decimal::parse(token)->round(2, Rounding::half_up).to_string();
    while (text.ends_with('0') && !text.ends_with(".0")) text.pop_back();
    return text;
}

/// What a field holds where nothing was said.
std::string empty_form(Type type) {
    if (type == Type::many2many) return "[]";
    return type == Type::number ? "0.0" : "false";
}

/// A cell of `load` ("3,4"), or [[6, 0, ids]].
std::string stored_ids(const json::Value& value) {
    if (value.kind() == json::Kind::array) return std::string(value.at(0).at(2).raw());
    return "[" + std::string(value.text()) + "]";
}

std::string stored_form(Type type, const json::Value& value) {
    if (type == Type::many2many) return stored_ids(value);
    const auto text = value.text();
    if (value.kind() == json::Kind::boolean || value.is_null() || text.empty()) {
        return empty_form(type);
    }
    if (type == Type::number) return rounded(text);
    return type == Type::many2one ? std::string(text) : json::quote(text);
}

std::vector<std::int64_t> ids_of(const json::Value& list) {
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < list.size(); ++i) out.push_back(*list.at(i).as_int64());
    return out;
}

json::Document parse(std::string_view text) {
    auto document = json::Document::parse(text);
    return std::move(*document);
}

bool contains(const json::Value& list, std::string_view raw) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (list.at(i).raw() == raw) return true;
    }
    return false;
}

}  // namespace

std::int64_t FakeOdoo::add(const std::string& model, Row row) {
    const auto id = ++last_id_;
    auto& stored = rows_[model][id];
    for (const auto& [field, type] : schema().at(model)) {
        if (type != Type::one2many) stored[field] = empty_form(type);
    }
    if (model == "sale.order") stored["state"] = "\"draft\"";
    for (auto& [field, value] : row) stored[field] = value;
    return id;
}

void FakeOdoo::remove(const std::string& model, std::int64_t id) {
    const std::lock_guard lock(mutex_);
    rows_[model].erase(id);
    std::erase_if(names_, [&](const auto& name) { return name.second == std::pair(model, id); });
}

void FakeOdoo::name(const std::string& external_id, const std::string& model, std::int64_t id) {
    names_[external_id] = {model, id};
}

std::size_t FakeOdoo::count(const std::string& model) const {
    const auto found = rows_.find(model);
    return found == rows_.end() ? 0 : found->second.size();
}

std::size_t FakeOdoo::calls_of(std::string_view model_and_method) const {
    return static_cast<std::size_t>(std::ranges::count(calls, model_and_method));
}

std::string FakeOdoo::state() const {
    std::map<std::int64_t, std::string> name_of;
    for (const auto& [name, where] : names_) name_of[where.second] = name;
    std::set<std::string> lines;
    for (const auto& [model, rows] : rows_) {
        for (const auto& [id, row] : rows) {
            std::string line = model + " " + (name_of.contains(id) ? name_of.at(id) : "unnamed");
            for (const auto& [field, value] : row) {
                const bool reference = schema().at(model).at(field) == Type::many2one && value != "false";
                const auto target = reference ? std::stoll(value) : 0;
                line += " " + field + "=" + (name_of.contains(target) ? name_of.at(target) : value);
            }
            lines.insert(line + "\n");
        }
    }
    std::string out;
    for (const auto& line : lines) out += line;
    return out;
}

Result<json::Document> FakeOdoo::call(std::string_view model_view, std::string_view method, std::string_view args_text,
                                      std::string_view kwargs_text) {
    const std::lock_guard lock(mutex_);
    const std::string model(model_view);
    calls.push_back(model + "." + std::string(method));
    const auto args = parse(args_text);
    const auto kwargs = parse(kwargs_text);
    const auto root = args.root();
    if (method == "search") return json::Document::parse(search(model, root.at(0), kwargs_text, false));
    if (method == "search_read") return json::Document::parse(search(model, root.at(0), kwargs_text, true));
    if (method == "read") return json::Document::parse(read(model, ids_of(root.at(0)), kwargs.root()));
    if (method == "load") return json::Document::parse(load(model, root, kwargs_text));
    if (method == "fields_get") return json::Document::parse(R"({"price_unit":{"digits":[16,2]}})");
    if (method == "get_external_id") {
        json::Writer out;
        out.begin_object();
        for (const auto id : ids_of(root.at(0))) {
            std::string name;
            for (const auto& [candidate, where] : names_) {
                if (where == std::pair(model, id)) name = candidate;
            }
            out.key(std::to_string(id)).string(name);
        }
        out.end_object();
        return json::Document::parse(out.text());
    }
    if (method == "write") {
        for (const auto id : ids_of(root.at(0))) write(model, id, root.at(1));
        return json::Document::parse("true");
    }
    if (model == "sale.order" && (method == "action_cancel" || method == "action_draft")) {
        return json::Document::parse(move_order(ids_of(root.at(0)).at(0), method));
    }
    return fail(Failure::rejected, "the fake has no " + std::string(method));
}

std::string FakeOdoo::search(const std::string& model, const json::Value& domain, std::string_view kwargs_text,
                             bool is_read) {
    const auto kwargs = parse(kwargs_text);
    const auto field_of = [&](std::int64_t id, const Row& row, std::string_view path) -> std::string {
        const auto dot = path.find('.');
        if (path == "id") return std::to_string(id);
        const auto& value = row.at(std::string(path.substr(0, dot)));
        if (dot == std::string_view::npos || value == "false") return value;
        // Dotted keys all lead to partners or countries here.
        for (const auto* comodel : {"res.partner", "res.country"}) {
            const auto target = rows_[comodel].find(std::stoll(value));
            if (target != rows_[comodel].end()) return target->second.at(std::string(path.substr(dot + 1)));
        }
        return "false";
    };
    std::vector<std::int64_t> ids;
    for (const auto& [id, row] : rows_[model]) {
        bool matches = true;
        for (std::size_t i = 0; i < domain.size(); ++i) {
            const auto stored = field_of(id, row, domain.at(i).at(0).text());
            const auto wanted = domain.at(i).at(2);
            matches &= domain.at(i).at(1).text() == "in" ? contains(wanted, stored) : stored == wanted.raw();
        }
        if (matches) ids.push_back(id);
    }
    const auto order = kwargs.root().find("order");
    if (order && order->text() == "id desc") std::ranges::reverse(ids);
    if (const auto limit = kwargs.root().find("limit")) {
        ids.resize(std::min(ids.size(), static_cast<std::size_t>(*limit->as_int64())));
    }
    if (is_read) return read(model, ids, kwargs.root());
    json::Writer out;
    out.begin_array();
    for (const auto id : ids) out.integer(id);
    out.end_array();
    return out.take();
}

std::string FakeOdoo::read(const std::string& model, const std::vector<std::int64_t>& ids,
                           const json::Value& kwargs) const {
    json::Writer out;
    out.begin_array();
    const auto fields = kwargs.find("fields");
    for (const auto id : ids) {
        const auto& rows = rows_.at(model);
        if (!rows.contains(id)) continue;
        out.begin_object().key("id").integer(id);
        for (std::size_t i = 0; i < fields->size(); ++i) {
            const std::string field(fields->at(i).text());
            out.key(field);
            if (field == "display_name") {
                out.string("R" + std::to_string(id));
                continue;
            }
            const auto& value = rows.at(id).at(field);
            const bool reference = schema().at(model).at(field) == Type::many2one && value != "false";
            out.raw(reference ? "[" + value + ",\"named\"]" : value);
        }
        out.end_object();
    }
    out.end_array();
    return out.take();
}

std::int64_t FakeOdoo::upsert(const std::string& model, const std::string& external_id) {
    const auto known = names_.find(external_id);
    if (known != names_.end() && rows_[model].contains(known->second.second)) return known->second.second;
    const auto id = add(model, {});
    names_[external_id] = {model, id};
    return id;
}

void FakeOdoo::store(const std::string& model, std::int64_t id, const std::string& field, const json::Value& value) {
    rows_[model].at(id)[field] = stored_form(schema().at(model).at(field), value);
}

std::string FakeOdoo::load(const std::string& model, const json::Value& args, std::string_view kwargs_text) {
    const auto columns = args.at(0);
    const auto rows = args.at(1);
    // As _load_records does with context mode "update" and noupdate (docs/verified.md).
    const bool leaves_existing = kwargs_text.find("\"noupdate\":true") != std::string_view::npos;
    std::vector<std::int64_t> ids;
    bool skipped = false;
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::int64_t line_id = 0;
        for (std::size_t c = 0; c < columns.size(); ++c) {
            const auto cell = rows.at(r).at(c);
            auto path = std::string(columns.at(c).text());
            if (path == "id") {
                if (cell.text().empty()) continue;  // one more line of the record above
                const std::string name(cell.text());
                skipped = leaves_existing && names_.contains(name);
                ids.push_back(upsert(model, name));
            } else if (skipped) {
                continue;
            } else if (path == "order_line/id") {
                if (cell.text().empty()) continue;
                line_id = upsert("sale.order.line", std::string(cell.text()));
                rows_["sale.order.line"].at(line_id)["order_id"] = std::to_string(ids.back());
            } else {
                if (path.ends_with("/.id")) path.resize(path.size() - 4);
                const bool of_line = path.starts_with("order_line/");
                if (of_line && line_id != 0) store("sale.order.line", line_id, path.substr(11), cell);
                if (!of_line && !rows.at(r).at(0).text().empty()) store(model, ids.back(), path, cell);
            }
        }
    }
    json::Writer out;
    out.begin_object().key("ids").begin_array();
    for (const auto id : ids) out.integer(id);
    out.end_array().key("messages").begin_array().end_array().key("nextrow").integer(0).end_object();
    return out.take();
}

void FakeOdoo::write(const std::string& model, std::int64_t id, const json::Value& values) {
    // As Odoo's _compute_price_unit does.
    if (values.find("product_uom_qty") && !values.find("price_unit")) rows_[model].at(id)["price_unit"] = "0.0";
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string field(values.key(i));
        if (schema().at(model).at(field) != Type::one2many) {
            store(model, id, field, values.at(i));
            continue;
        }
        for (std::size_t c = 0; c < values.at(i).size(); ++c) {
            const auto command = values.at(i).at(c);
            const auto line_id = *command.at(1).as_int64();
            if (*command.at(0).as_int64() == 1) write("sale.order.line", line_id, command.at(2));
            if (*command.at(0).as_int64() != 2) continue;
            rows_["sale.order.line"].erase(line_id);
            std::erase_if(names_, [&](const auto& name) { return name.second.second == line_id; });
        }
    }
}

std::string FakeOdoo::move_order(std::int64_t id, std::string_view method) {
    auto& state = rows_["sale.order"].at(id)["state"];
    if (method == "action_draft") {
        if (state == "\"sent\"" || state == "\"cancel\"") state = "\"draft\"";
        return "true";
    }
    // Past draft Odoo answers a wizard, and changes nothing.
    if (state != "\"draft\"") return R"({"res_model":"sale.order.cancel"})";
    state = "\"cancel\"";
    return "true";
}

Result<json::Document> FailingCaller::call(std::string_view model, std::string_view method, std::string_view args,
                                           std::string_view kwargs) {
    const bool now = step_-- == 0;
    if (now) failed_ = true;
    if (now && when_ == When::before) return fail(Failure::retry, "not sent");
    auto answer = inner_.call(model, method, args, kwargs);
    if (now) return fail(Failure::unknown, "sent, and no answer");
    return answer;
}

std::optional<std::int64_t> MapMemory::recall(const std::string& external_id) {
    const auto found = ids.find(external_id);
    return found == ids.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace sluice::odoo::test
