#include "tests/simulators/odoo/store.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace sluice::sim {

namespace {

std::string index_key(const json::value& value) {
    if (is_empty(value)) return {};
    return (value.is_string() ? "s" : "n") + py_str(value);
}

const json::value& member(const json::object& row, std::string_view field) {
    static const json::value kNothing;
    const auto* found = row.if_contains(field);
    return found == nullptr ? kNothing : *found;
}

}  // namespace

Store::~Store() {
    if (log_ != nullptr) std::fclose(log_);
}

const json::object* Store::find(std::string_view model, std::int64_t id) const {
    const auto table = tables_.find(model);
    if (table == tables_.end()) return nullptr;
    const auto row = table->second.rows.find(id);
    return row == table->second.rows.end() ? nullptr : row->second.get();
}

void Store::assign(std::string_view model, std::int64_t id, Row row) {
    Table& table = tables_[std::string(model)];
    auto& slot = table.rows[id];
    for (auto& [field, index] : table.indexes) {
        if (slot) index[index_key(member(*slot, field))].erase(id);
        if (row) index[index_key(member(*row, field))].insert(id);
    }
    if (row) {
        slot = std::move(row);
    } else {
        table.rows.erase(id);
    }
}

void Store::put(std::string_view model, std::int64_t id, json::object row) {
    const auto& table = tables_[std::string(model)];
    const auto before = table.rows.find(id);
    undo_.push_back({std::string(model), id, before == table.rows.end() ? nullptr : before->second});
    assign(model, id, std::make_shared<const json::object>(std::move(row)));
}

void Store::erase(std::string_view model, std::int64_t id) {
    const auto& table = tables_[std::string(model)];
    const auto before = table.rows.find(id);
    if (before == table.rows.end()) return;
    undo_.push_back({std::string(model), id, before->second});
    assign(model, id, nullptr);
}

const std::map<std::int64_t, Row>& Store::rows(std::string_view model) const {
    static const std::map<std::int64_t, Row> kNone;
    const auto table = tables_.find(model);
    return table == tables_.end() ? kNone : table->second.rows;
}

Ids Store::where(std::string_view model, std::string_view field, const json::value& value) const {
    Table& table = tables_[std::string(model)];
    auto found = table.indexes.find(field);
    if (found == table.indexes.end()) {
        found = table.indexes.emplace(std::string(field), Index{}).first;
        for (const auto& [id, row] : table.rows) found->second[index_key(member(*row, field))].insert(id);
    }
    const auto ids = found->second.find(index_key(value));
    return ids == found->second.end() ? Ids{} : Ids(ids->second.begin(), ids->second.end());
}

std::int64_t Store::next(std::string_view counter) {
    counters_changed_ = true;
    return ++counters_[std::string(counter)];
}

void Store::set_counter(std::string_view counter, std::int64_t last) {
    counters_changed_ = true;
    counters_[std::string(counter)] = last;
}

void Store::raise_counter(std::string_view counter, std::int64_t at_least) {
    auto& last = counters_[std::string(counter)];
    last = std::max(last, at_least);
    counters_changed_ = true;
}

void Store::begin() {
    undo_.clear();
    counters_changed_ = false;
}

void Store::rollback_to(std::size_t savepoint) {
    while (undo_.size() > savepoint) {
        const Undo step = std::move(undo_.back());
        undo_.pop_back();
        assign(step.model, step.id, step.before);
    }
}

void Store::rollback() {
    rollback_to(0);
    commit();  // the counters stay
}

std::string Store::transaction_line() const {
    std::set<std::pair<std::string, std::int64_t>> touched;
    for (const auto& step : undo_) touched.emplace(step.model, step.id);
    json::array rows;
    for (const auto& [model, id] : touched) {
        const auto* row = find(model, id);
        rows.push_back(
            json::array{json::value(model), json::value(id), row == nullptr ? json::value() : json::value(*row)});
    }
    json::object counters;
    for (const auto& [name, last] : counters_) counters[name] = last;
    return json::serialize(json::object{{"rows", std::move(rows)}, {"counters", std::move(counters)}}) + "\n";
}

void Store::commit() {
    if (log_ != nullptr && changed()) {
        const auto line = transaction_line();
        if (std::fwrite(line.data(), 1, line.size(), log_) != line.size() || std::fflush(log_) != 0) {
            throw std::runtime_error("odoo-simulator: cannot write the store's log");
        }
    }
    undo_.clear();
    counters_changed_ = false;
}

std::string Store::snapshot() const {
    std::string out;
    for (const auto& [model, table] : tables_) {
        json::array rows;
        for (const auto& [id, row] : table.rows) {
            rows.push_back(json::array{json::value(model), json::value(id), json::value(*row)});
        }
        out += json::serialize(json::object{{"rows", std::move(rows)}}) + "\n";
    }
    json::object counters;
    for (const auto& [name, last] : counters_) counters[name] = last;
    return out + json::serialize(json::object{{"counters", std::move(counters)}}) + "\n";
}

void Store::apply_line(const json::object& line) {
    if (const auto* rows = line.if_contains("rows")) {
        for (const auto& item : rows->as_array()) {
            const auto& parts = item.as_array();
            const auto& row = parts.at(2);
            assign(std::string(parts.at(0).as_string()), parts.at(1).as_int64(),
                   row.is_null() ? nullptr : std::make_shared<const json::object>(row.as_object()));
        }
    }
    if (const auto* counters = line.if_contains("counters")) {
        for (const auto& [name, last] : counters->as_object()) counters_[std::string(name)] = last.as_int64();
    }
}

void Store::open_log(const std::string& path) {
    if (std::ifstream in(path); in) {
        std::string line;
        while (std::getline(in, line)) {
            if (in.eof()) break;  // no newline: torn by a kill
            apply_line(json::parse(line).as_object());
        }
    }
    const std::string fresh = path + ".new";
    {
        std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
        out << snapshot();
        if (!out.flush()) throw std::runtime_error("odoo-simulator: cannot write " + fresh);
    }
    std::filesystem::rename(fresh, path);
    log_ = std::fopen(path.c_str(), "ab");
    if (log_ == nullptr) throw std::runtime_error("odoo-simulator: cannot open " + path);
}

}  // namespace sluice::sim
