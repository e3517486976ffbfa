#include "tests/simulators/odoo/load.hpp"

#include <algorithm>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

bool is_reference(std::string_view step) {
    return step == "id" || step == ".id" || step == kByName;
}

// fix_import_export_id_paths
FieldPath parse_path(std::string text) {
    if (text.size() > 3 && text.ends_with(".id") && text[text.size() - 4] != '/')
        text.replace(text.size() - 3, 3, "/.id");
    if (text.size() > 3 && text.ends_with(":id")) text.replace(text.size() - 3, 3, "/id");
    return split(text, '/');
}

bool any_cell(const json::array& row, const std::vector<std::size_t>& columns) {
    return std::any_of(columns.begin(), columns.end(), [&](auto at) { return at < row.size() && truthy(row[at]); });
}

const Field& field_of(Env& env, const Model& model, std::string_view name) {
    const Field* field = model.find(name);
    if (field != nullptr) return *field;
    if (env.version() >= 18) throw invalid_field(name, model.name);
    throw key_error(std::string(name));
}

class Loader {
public:
    Loader(Env& env, const Model& model) : env_(env), model_(model) {
        const auto* mode = env.context("mode");
        updates_only_ = mode != nullptr && *mode == "update";
    }

    json::object run(const std::vector<FieldPath>& paths, const std::vector<json::array>& rows);

private:
    struct Pending {
        std::string external_id;
        json::object values;
        json::object info;
    };

    void collect_models(const std::vector<FieldPath>& paths);
    void flush();
    void maybe_flush(const std::string& external_id, const std::string& model);
    std::int64_t save(const Pending& pending);
    void log_error(const Pending& pending, const OdooError& error);
    bool failed() const {
        return std::any_of(messages_.begin(), messages_.end(),
                           [](const auto& message) { return message.at("type") == "error"; });
    }

    Env& env_;
    const Model& model_;
    bool updates_only_ = false;  // context mode "update": what is marked noupdate is left as it is
    std::vector<Pending> batch_;
    std::set<std::string> batch_ids_;
    std::set<std::string> creatable_;
    json::array messages_;
    Ids ids_;
};

void Loader::collect_models(const std::vector<FieldPath>& paths) {
    creatable_.insert(model_.name);
    for (const auto& path : paths) {
        const Model* model = &model_;
        for (const auto& step : path) {
            if (is_reference(step)) break;
            const Field& field = field_of(env_, *model, step);
            if (!field.relational()) break;
            if (field.type == FieldType::one2many) creatable_.insert(field.relation);
            model = &env_.model(field.relation);
        }
    }
}

void Loader::maybe_flush(const std::string& external_id, const std::string& model) {
    if (!external_id.empty() && !batch_ids_.contains(external_id)) return;
    if (!model.empty() && !creatable_.contains(model)) return;
    flush();
}

std::int64_t Loader::save(const Pending& pending) {
    json::object values = pending.values;
    const auto* given = values.if_contains("id");
    if (pending.external_id.empty() && given != nullptr && given->is_int64()) {
        const auto id = given->get_int64();
        orm::write(env_, model_.name, {id}, std::move(values));
        return id;
    }
    if (!pending.external_id.empty()) {
        if (const auto target = external_ids::find(env_, pending.external_id);
            target && orm::exists(env_, target->model, target->id)) {
            if (target->model != model_.name) {
                throw validation_error("For external id " + pending.external_id +
                                       " when trying to create/update a record of model " + model_.name +
                                       " found record of different model " + target->model);
            }
            if (updates_only_ && target->noupdate) return target->id;
            orm::write(env_, model_.name, {target->id}, std::move(values));
            return target->id;
        }
    }
    // _load_records() with update: what has no external id is passed over, and load() stumbles over that.
    if (updates_only_ && pending.external_id.empty()) throw key_error("'record'");
    const auto id = orm::create(env_, model_.name, std::move(values));
    if (!pending.external_id.empty()) external_ids::assign(env_, pending.external_id, model_.name, id);
    return id;
}

void Loader::log_error(const Pending& pending, const OdooError& error) {
    if (error.name == kNotClaimed) throw error;
    json::object message = pending.info;
    message["type"] = "error";
    if (!error.field.empty()) {
        // PGERROR_TO_OE: a NOT NULL violation names the field.
        const Field& field = model_.at(error.field);
        message["message"] = "Missing required value for the field '" + field.label + "' (" + field.name + ")";
        message["field"] = field.name;
    } else if ((is_user_error(error) && !(env_.version() == 16 && error.name == "odoo.exceptions.AccessError")) ||
               error.name.starts_with("psycopg2.")) {
        message["message"] = error.what();
    } else {
        message["message"] =
            "Unknown error during import: <class '" + replace_all(error.name, "builtins.", "") + "'>: " + error.what();
        message["moreinfo"] = "Resolve other errors first";
    }
    messages_.push_back(std::move(message));
}

void Loader::flush() {
    // Odoo tries the batch at once and then record by record; record by record alone ends the same.
    const auto batch = std::move(batch_);
    batch_.clear();
    batch_ids_.clear();
    std::size_t errors = 0;
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const auto savepoint = env_.store().savepoint();
        try {
            ids_.push_back(save(batch[i]));
        } catch (const OdooError& error) {
            env_.store().rollback_to(savepoint);
            log_error(batch[i], error);
            ++errors;
        }
        if (errors >= 10 && errors * 10 >= i + 1) {
            messages_.push_back(json::object{{"type", "warning"},
                                             {"message",
                                              "Found more than 10 errors and more than one error per 10 records, "
                                              "interrupted to avoid showing too many errors."}});
            return;
        }
    }
}

json::object Loader::run(const std::vector<FieldPath>& paths, const std::vector<json::array>& rows) {
    const auto start = env_.store().savepoint();
    collect_models(paths);
    CellConverter converter(env_,
                            [this](const auto& external_id, const auto& model) { maybe_flush(external_id, model); });
    const auto records = extract_records(env_, model_, paths, rows);
    for (std::size_t index = 0; index < records.size(); ++index) {
        const auto& record = records[index];
        const json::object span{{"rows", json::object{{"from", record.from}, {"to", record.to}}}};
        const auto log = [&](const std::string& field, const ImportError& error, bool warning) {
            const Field* known = model_.find(field);
            const std::string label = known == nullptr ? field : known->label;
            json::object message = span;
            message["type"] = warning ? "warning" : "error";
            message["record"] = index;
            message["field"] = field;
            message["message"] = replace_all(error.message, "%(field)s", label);
            if (!error.more_info.is_null()) message["moreinfo"] = error.more_info;
            message["field_name"] = label;
            messages_.push_back(std::move(message));
        };
        Pending pending;
        pending.info = span;
        pending.info["record"] = index;
        const auto* database_id = record.cells.if_contains(".id");
        std::int64_t id = 0;
        if (database_id != nullptr && truthy(*database_id)) {
            id = std::strtoll(py_str(*database_id).c_str(), nullptr, 10);
            if (!orm::exists(env_, model_.name, id)) {
                log(".id", {"Unknown database identifier '" + py_str(*database_id) + "'", nullptr}, false);
                id = 0;
            }
        }
        pending.values = converter.convert(model_, record.cells, log);
        if (const auto* given = record.cells.if_contains("id"); given != nullptr && truthy(*given)) {
            pending.external_id = external_ids::qualified(env_, py_str(*given));
            batch_ids_.insert(pending.external_id);
        } else if (id != 0) {
            pending.values["id"] = id;
        }
        batch_.push_back(std::move(pending));
    }
    flush();
    json::value ids = to_array(ids_);
    if (failed()) {
        env_.store().rollback_to(start);
        ids = false;
    }
    return {{"ids", std::move(ids)}, {"messages", std::move(messages_)}, {"nextrow", 0}};
}

}  // namespace

std::vector<LoadRecord> extract_records(Env& env, const Model& model, const std::vector<FieldPath>& paths,
                                        const std::vector<json::array>& rows) {
    std::vector<std::size_t> lines, others;
    for (std::size_t i = 0; i < paths.size(); ++i) {
        const auto& head = paths[i].front();
        const bool line = !is_reference(head) && field_of(env, model, head).type == FieldType::one2many;
        (line ? lines : others).push_back(i);
    }
    std::vector<LoadRecord> records;
    for (std::size_t at = 0; at < rows.size();) {
        std::size_t end = at + 1;
        while (end < rows.size() && any_cell(rows[end], lines) && !any_cell(rows[end], others)) ++end;
        LoadRecord record;
        record.from = at;
        record.to = end - 1;
        for (std::size_t i = 0; i < paths.size(); ++i) {
            const auto& head = paths[i].front();
            if (is_reference(head) || !field_of(env, model, head).relational()) {
                if (i < rows[at].size()) record.cells[head] = rows[at][i];
                continue;
            }
            if (record.cells.contains(head)) continue;
            std::vector<std::size_t> columns;
            std::vector<FieldPath> subpaths;
            for (std::size_t j = 0; j < paths.size(); ++j) {
                if (paths[j].front() != head) continue;
                columns.push_back(j);
                FieldPath rest(paths[j].begin() + 1, paths[j].end());
                if (rest.empty()) rest.emplace_back(kByName);
                subpaths.push_back(std::move(rest));
            }
            std::vector<json::array> subrows;
            for (std::size_t row = at; row < end; ++row) {
                if (!any_cell(rows[row], columns)) continue;
                json::array cells;
                for (const auto column : columns)
                    cells.push_back(column < rows[row].size() ? rows[row][column] : json::value(""));
                subrows.push_back(std::move(cells));
            }
            json::array subrecords;
            for (auto& sub : extract_records(env, env.model(field_of(env, model, head).relation), subpaths, subrows)) {
                subrecords.push_back(std::move(sub.cells));
            }
            record.cells[head] = std::move(subrecords);
        }
        records.push_back(std::move(record));
        at = end;
    }
    return records;
}

json::object load(Env& env, std::string_view model_name, const json::value& fields, const json::value& data) {
    if (!fields.is_array() || !data.is_array()) throw type_error("'" + py_type_name(data) + "' object is not iterable");
    const auto* module = env.context("module");
    Env inner = env.with_context("_import_current_module", module == nullptr ? json::value("__import__") : *module);
    std::vector<FieldPath> paths;
    for (const auto& field : fields.get_array()) paths.push_back(parse_path(py_str(field)));
    std::vector<json::array> rows;
    for (const auto& row : data.get_array()) {
        if (!row.is_array()) throw type_error("'" + py_type_name(row) + "' object is not subscriptable");
        rows.push_back(row.get_array());
    }
    Loader loader(inner, inner.model(model_name));
    return loader.run(paths, rows);
}

}  // namespace sluice::sim
