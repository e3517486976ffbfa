#include "core/odoo/changes.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "core/odoo/existing.hpp"

namespace sluice::odoo {
namespace {

/// The digits Odoo rounds the fields of one model to; asked for at most once, and only when a number differs.
class FieldDigits {
public:
    FieldDigits(Caller& odoo, std::string model) : odoo_(odoo), model_(std::move(model)) {}

    Result<std::optional<int>> of(const std::string& field) {
        if (!known_) {
            auto answer = odoo_.call(model_, "fields_get", "[]", R"({"attributes":["digits"]})");
            if (!answer) return std::unexpected(answer.error());
            known_.emplace(std::move(*answer));
        }
        const auto description = known_->root().find(field);
        const auto digits = description ? description->find("digits") : std::nullopt;
        if (!digits || digits->kind() != json::Kind::array || digits->size() != 2) return std::optional<int>();
        const auto scale = digits->at(1).as_int64();
        static constexpr std::int64_t max_scale = 30;
        if (!scale || *scale < 0 || *scale > max_scale) return std::optional<int>();
        return std::optional(static_cast<int>(*scale));
    }

private:
    Caller& odoo_;
    std::string model_;
    std::optional<json::Document> known_;
};

/// The fields of `wanted` that differ from `stored`.
Result<std::vector<const ResolvedField*>> differing(const std::vector<ResolvedField>& wanted, const json::Value& stored,
                                                    FieldDigits& digits) {
    std::vector<const ResolvedField*> out;
    for (const auto& field : wanted) {
        if (field.create_only) continue;
        const auto there = stored.find(field.name);
        if (there && is_same(field.value, *there, std::nullopt)) continue;
        if (there && std::holds_alternative<Decimal>(field.value)) {
            const auto scale = digits.of(field.name);
            if (!scale) return std::unexpected(scale.error());
            if (is_same(field.value, *there, *scale)) continue;
        }
        out.push_back(&field);
    }
    return out;
}

std::string describe(const ResolvedField& field, const json::Value& stored) {
    const auto there = stored.find(field.name);
    return field.name + " " + (there ? display(*there) : "empty") + " -> " + display(field.value);
}

/// All mapped fields, not only those that differ: Odoo computes some from others where they are not given. Writing the
/// quantity of a sale.order.line alone sets its price back to the price list's.
void write_fields(json::Writer& writer, const std::vector<ResolvedField>& fields) {
    for (const auto& field : fields) {
        if (field.create_only) continue;
        writer.key(field.name);
        write_json(writer, field.value);
    }
}

std::string fields_argument(const std::set<std::string>& names) {
    json::Writer writer;
    writer.begin_object().key("fields").begin_array();
    for (const auto& name : names) writer.string(name);
    writer.end_array();
    return writer.take();
}

Result<json::Document> read_header(Caller& odoo, std::int64_t id, const ResolvedRecord& record,
                                   const std::optional<mapping::Protection>& protection) {
    std::set<std::string> names = {"display_name"};
    for (const auto& field : record.fields) names.insert(field.name);
    if (protection) names.insert(protection->field);
    auto answer = odoo.call(record.model, "read", "[[" + std::to_string(id) + "]]", fields_argument(names) + "}");
    if (!answer) return answer;
    if (answer->root().size() != 1) {
        return fail(Failure::retry,
                    record.model + " " + std::to_string(id) + " was removed while it was being written");
    }
    return answer;
}

Result<json::Document> read_lines(Caller& odoo, std::int64_t id, const ResolvedLines& lines) {
    std::set<std::string> names;
    for (const auto& line : lines.lines) {
        for (const auto& field : line.fields) names.insert(field.name);
    }
    if (names.empty()) names.insert(lines.parent_field);
    json::Writer domain;
    domain.begin_array().begin_array().begin_array().string(lines.parent_field).string("=").integer(id);
    domain.end_array().end_array().end_array();
    return odoo.call(lines.model, "search_read", domain.text(), fields_argument(names) + R"(,"order":"id"})");
}

/// The value of a read record's field that protects it; "" where none does.
std::string protecting(const json::Value& stored, const std::optional<mapping::Protection>& protection) {
    if (!protection) return "";
    const auto value = stored.find(protection->field);
    const bool protects = value && std::ranges::find(protection->values, value->text()) != protection->values.end();
    return protects ? std::string(value->text()) : "";
}

class Comparison {
public:
    Comparison(Caller& odoo, Changes& out) : odoo_(odoo), out_(out) { values_.begin_object(); }

    Result<void> header(const ResolvedRecord& record, const json::Value& stored) {
        FieldDigits digits(odoo_, record.model);
        const auto changed = differing(record.fields, stored, digits);
        if (!changed) return std::unexpected(changed.error());
        for (const auto* field : *changed) out_.differences.push_back(describe(*field, stored));
        if (changed->empty()) return {};
        write_fields(values_, record.fields);
        has_values_ = true;
        return {};
    }

    Result<void> lines(std::int64_t id, const ResolvedLines& wanted, const std::string& prefix) {
        const auto stored = read_lines(odoo_, id, wanted);
        if (!stored) return std::unexpected(stored.error());
        std::vector<std::int64_t> ids;
        std::map<std::int64_t, json::Value> by_id;
        for (std::size_t i = 0; i < stored->root().size(); ++i) {
            const auto line_id = stored->root().at(i).find("id");
            if (!line_id || !line_id->as_int64()) continue;
            ids.push_back(*line_id->as_int64());
            by_id.emplace(ids.back(), stored->root().at(i));
        }
        const auto names = external_ids_of(odoo_, wanted.model, ids);
        if (!names) return std::unexpected(names.error());
        std::map<std::string, std::int64_t> id_by_name;
        for (const auto& [line_id, name] : *names) {
            if (name.starts_with(prefix)) id_by_name.emplace(name, line_id);
        }
        if (wanted.pairs_foreign) pair_foreign(wanted, ids, id_by_name);
        return compare_lines(wanted, id_by_name, by_id);
    }

    void finish() {
        values_.end_object();
        if (has_values_) out_.values = values_.take();
    }

private:
    /// Lines of somebody else, in their order, for those mapped ones that are not there; what is left over gets a name
    /// nothing is mapped to.
    static void pair_foreign(const ResolvedLines& wanted, const std::vector<std::int64_t>& ids,
                             std::map<std::string, std::int64_t>& id_by_name) {
        std::vector<std::int64_t> foreign;
        for (const auto id : ids) {
            if (std::ranges::none_of(id_by_name, [id](const auto& known) { return known.second == id; }))
                foreign.push_back(id);
        }
        auto next = foreign.begin();
        for (const auto& line : wanted.lines) {
            if (next != foreign.end() && !id_by_name.contains(line.external_id))
                id_by_name.emplace(line.external_id, *next++);
        }
        for (; next != foreign.end(); ++next) id_by_name.emplace("foreign " + std::to_string(*next), *next);
    }

    Result<void> compare_lines(const ResolvedLines& wanted, const std::map<std::string, std::int64_t>& id_by_name,
                               const std::map<std::int64_t, json::Value>& stored) {
        FieldDigits digits(odoo_, wanted.model);
        json::Writer commands;
        commands.begin_array();
        bool has_commands = false;
        ResolvedLines added = wanted;
        added.lines.clear();
        std::set<std::string> mapped;
        for (const auto& line : wanted.lines) {
            mapped.insert(line.external_id);
            const auto there = id_by_name.find(line.external_id);
            if (there == id_by_name.end() || !stored.contains(there->second)) {
                added.lines.push_back(line);
                out_.differences.push_back(wanted.field + " " + line.external_id + " is new");
                continue;
            }
            const auto& values = stored.at(there->second);
            const auto changed = differing(line.fields, values, digits);
            if (!changed) return std::unexpected(changed.error());
            if (changed->empty()) continue;
            has_commands = true;
            // Command.update
            commands.begin_array().integer(1).integer(there->second).begin_object();
            write_fields(commands, line.fields);
            commands.end_object().end_array();
            for (const auto* field : *changed) {
                out_.differences.push_back(line_name(wanted, there->second) + " " + describe(*field, values));
            }
        }
        for (const auto& [name, line_id] : id_by_name) {
            if (mapped.contains(name) || !wanted.unlink_removed || !stored.contains(line_id)) continue;
            has_commands = true;
            // Command.delete
            commands.begin_array().integer(2).integer(line_id).integer(0).end_array();
            out_.differences.push_back(line_name(wanted, line_id) + " is removed");
        }
        commands.end_array();
        if (has_commands) values_.key(wanted.field).raw(commands.text());
        has_values_ |= has_commands;
        if (!added.lines.empty()) out_.added.push_back(std::move(added));
        return {};
    }

    static std::string line_name(const ResolvedLines& lines, std::int64_t id) {
        return lines.field + " " + std::to_string(id);
    }

    Caller& odoo_;
    Changes& out_;
    json::Writer values_;
    bool has_values_ = false;
};

}  // namespace

Result<std::string> protection_value(Caller& odoo, const std::string& model, std::int64_t id,
                                     const std::optional<mapping::Protection>& protection) {
    if (!protection) return std::string();
    const auto rows =
        odoo.call(model, "read", "[[" + std::to_string(id) + "]]", fields_argument({protection->field}) + "}");
    if (!rows) return std::unexpected(rows.error());
    return rows->root().size() == 1 ? protecting(rows->root().at(0), protection) : std::string();
}

Result<Changes> find_changes(Caller& odoo, std::int64_t id, const ResolvedRecord& record,
                             const std::optional<mapping::Protection>& protection, const std::string& line_prefix) {
    const auto header = read_header(odoo, id, record, protection);
    if (!header) return std::unexpected(header.error());
    const auto stored = header->root().at(0);
    Changes out;
    if (const auto name = stored.find("display_name")) out.display_name = std::string(name->text());
    out.protection_value = protecting(stored, protection);
    Comparison comparison(odoo, out);
    if (const auto done = comparison.header(record, stored); !done) return std::unexpected(done.error());
    for (const auto& lines : record.lines) {
        if (const auto done = comparison.lines(id, lines, line_prefix); !done) return std::unexpected(done.error());
    }
    comparison.finish();
    return out;
}

}  // namespace sluice::odoo
