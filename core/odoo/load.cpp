#include "core/odoo/load.hpp"

#include <algorithm>
#include <map>

#include "core/odoo/errors.hpp"

namespace sluice::odoo {
namespace {

/// One column of a one2many field's lines.
struct LineColumn {
    std::string name;
    bool is_reference = false;
    bool has_zero = false;  ///< what a line without it gets is "0", else ""
};

std::string column_name(const std::string& field, bool by_id) {
    return by_id ? field + "/.id" : field;
}

std::vector<LineColumn> columns_of(const ResolvedLines& lines) {
    std::vector<LineColumn> out;
    for (const auto& line : lines.lines) {
        for (const auto& field : line.fields) {
            auto known = std::ranges::find(out, field.name, &LineColumn::name);
            if (known == out.end()) known = out.insert(out.end(), LineColumn{.name = field.name});
            known->is_reference |= is_reference(field.value);
            known->has_zero |= std::holds_alternative<Decimal>(field.value) ||
                               std::holds_alternative<std::int64_t>(field.value) ||
                               std::holds_alternative<bool>(field.value);
        }
    }
    return out;
}

std::string cell_of(const ResolvedLine& line, const LineColumn& column) {
    const auto field = std::ranges::find(line.fields, column.name, &ResolvedField::name);
    if (field != line.fields.end()) return to_load_cell(field->value);
    return column.has_zero ? "0" : "";
}

/// Appends the lines of one field: the first to the table's last row where that row has none yet, the others below it.
void add_lines(LoadTable& table, const ResolvedLines& lines, bool& first_row_is_free) {
    if (lines.lines.empty()) return;
    const auto columns = columns_of(lines);
    const auto offset = table.columns.size();
    table.columns.push_back(lines.field + "/id");
    for (const auto& column : columns) {
        table.columns.push_back(lines.field + "/" + column_name(column.name, column.is_reference));
    }
    for (auto& row : table.rows) row.resize(table.columns.size());
    for (const auto& line : lines.lines) {
        if (!first_row_is_free) table.rows.emplace_back(table.columns.size());
        first_row_is_free = false;
        auto& row = table.rows.back();
        row[offset] = line.external_id;
        for (std::size_t i = 0; i < columns.size(); ++i) row[offset + 1 + i] = cell_of(line, columns[i]);
    }
}

void add_all_lines(LoadTable& table, const std::vector<ResolvedLines>& all) {
    bool first_row_is_free = true;
    for (const auto& lines : all) add_lines(table, lines, first_row_is_free);
}

std::string encode(const LoadTable& table) {
    json::Writer args;
    args.begin_array().begin_array();
    for (const auto& column : table.columns) args.string(column);
    args.end_array().begin_array();
    for (const auto& row : table.rows) {
        args.begin_array();
        for (const auto& cell : row) args.string(cell);
        args.end_array();
    }
    args.end_array().end_array();
    return args.take();
}

/// All messages become one error: the record as a whole was refused, or the moment was wrong.
Error refused(const std::string& model, const json::Value& answer) {
    std::string text;
    const auto messages = answer.find("messages");
    for (std::size_t i = 0; messages && i < messages->size(); ++i) {
        const auto one = messages->at(i);
        const auto type = one.find("type");
        const auto message = one.find("message");
        if (!message || (type && type->text() == "warning")) continue;
        auto error = classify_load_message(message->text());
        if (error.failure != Failure::rejected) {
            error.message = model + ".load: " + error.message;
            return error;
        }
        const auto field = one.find("field");
        const auto name = field && field->kind() == json::Kind::string ? std::string(field->text()) + ": " : "";
        text += (text.empty() ? "" : "; ") + name + error.message;
    }
    if (text.empty()) text = "nothing was saved, and no reason given";
    return Error{.failure = Failure::rejected, .message = model + " was refused: " + text};
}

}  // namespace

LoadTable creation_table(const ResolvedRecord& record) {
    LoadTable table{.columns = {"id"}, .rows = {{record.external_id}}};
    for (const auto& field : record.fields) {
        table.columns.push_back(column_name(field.name, is_reference(field.value)));
        table.rows.front().push_back(to_load_cell(field.value));
    }
    add_all_lines(table, record.lines);
    return table;
}

LoadTable lines_table(const ResolvedLines& lines, std::int64_t parent_id) {
    const auto columns = columns_of(lines);
    LoadTable table{.columns = {"id", column_name(lines.parent_field, true)}, .rows = {}};
    for (const auto& column : columns) table.columns.push_back(column_name(column.name, column.is_reference));
    for (const auto& line : lines.lines) {
        auto& row = table.rows.emplace_back(std::vector{line.external_id, std::to_string(parent_id)});
        for (const auto& column : columns) row.push_back(cell_of(line, column));
    }
    return table;
}

Result<std::vector<std::int64_t>> load_new(Caller& odoo, const std::string& model, const LoadTable& table) {
    const auto answer = odoo.call(model, "load", encode(table), R"({"context":{"mode":"update","noupdate":true}})");
    if (!answer) return std::unexpected(answer.error());
    const auto ids = answer->root().find("ids");
    if (!ids || ids->kind() != json::Kind::array) return std::unexpected(refused(model, answer->root()));
    const auto records = std::ranges::count_if(table.rows, [](const auto& row) { return !row.front().empty(); });
    std::vector<std::int64_t> out;
    for (std::size_t i = 0; i < ids->size(); ++i) {
        if (const auto id = ids->at(i).as_int64()) out.push_back(*id);
    }
    if (out.size() != static_cast<std::size_t>(records))
        return fail(Failure::unknown, model + ".load answered " + std::to_string(out.size()) + " ids for " +
                                          std::to_string(records) + " records");
    return out;
}

}  // namespace sluice::odoo
