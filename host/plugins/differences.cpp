#include "host/plugins/differences.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/decimal.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

using json::Kind;
using json::Value;

/// Differences written down of one call; what is beyond is counted.
constexpr std::size_t max_differences = 1'000;

/// odoo.fields.Command.
constexpr std::int64_t create_command = 0, update_command = 1, delete_command = 2, set_command = 6;

bool is_empty(const Value& value) {
    return value.is_null() || (value.kind() == Kind::boolean && !value.is_true()) ||
           (value.kind() == Kind::string && value.text().empty());
}

/// A many2one as `read` answers it.
bool is_reference(const Value& value) {
    return value.kind() == Kind::array && value.size() == 2 && value.at(0).kind() == Kind::number &&
           value.at(1).kind() == Kind::string;
}

bool is_same(const Value& now, const Value& then) {
    if (is_reference(now)) return now.at(0).text() == then.text();
    if (is_empty(now) || is_empty(then)) return is_empty(now) && is_empty(then);
    if (now.kind() == Kind::number && then.kind() == Kind::number) {
        const auto left = Decimal::parse(now.text()), right = Decimal::parse(then.text());
        return left && right && *left == *right;
    }
    if (now.kind() != then.kind()) return false;
    return now.kind() == Kind::array || now.kind() == Kind::object ? now.raw() == then.raw()
                                                                   : now.text() == then.text();
}

/// The commands a one2many or many2many is written with: [[1, 7, {...}], [6, 0, [1, 2]]].
bool is_commands(const Value& value) {
    if (value.kind() != Kind::array || value.size() == 0) return false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto one = value.at(i);
        if (one.kind() != Kind::array || one.size() == 0 || one.size() > 3 || !one.at(0).as_int64()) return false;
    }
    return true;
}

std::vector<std::string> ids_of(const Value& value) {
    std::vector<std::string> ids;
    if (value.kind() == Kind::number) ids.emplace_back(value.text());
    for (std::size_t i = 0; value.kind() == Kind::array && i < value.size(); ++i) ids.emplace_back(value.at(i).text());
    return ids;
}

std::string ids_json(const std::vector<std::string>& ids) {
    return fmt::format("[{}]", fmt::join(ids, ","));
}

class Finder {
public:
    Finder(odoo::Caller& odoo, PlannedCall& call) : odoo_(odoo), call_(call) {}

    void write(const std::string& model, const std::vector<std::string>& ids, const Value& values) {
        if (values.kind() != Kind::object) return note("its values are no object");
        json::Writer fields;
        fields.begin_object().key("fields").begin_array().string("display_name");
        for (std::size_t i = 0; i < values.size(); ++i) fields.string(values.key(i));
        fields.end_array().end_object();
        const auto rows = odoo_.call(model, "read", "[" + ids_json(ids) + "]", fields.text());
        if (!rows) return note(fmt::format("what {} has now could not be read: {}", model, rows.error().message));
        for (const auto& id : ids) {
            const auto row = row_of(rows->root(), id);
            if (!row) {
                note(fmt::format("{} {} is not there", model, id));
                continue;
            }
            const auto record = name_of(model, id, *row);
            for (std::size_t i = 0; i < values.size(); ++i) field(model, record, *row, values.key(i), values.at(i));
        }
    }

    void removed(const std::string& model, const std::vector<std::string>& ids) {
        for (const auto& id : ids) add({fmt::format("{} {}", model, id), "", R"("there")", R"("removed")"});
    }

    void created(const std::string& record, const Value& values) {
        for (std::size_t i = 0; i < values.size(); ++i)
            add({record, std::string(values.key(i)), "", text(values.at(i))});
    }

    std::vector<NewRecord> load(const Value& args, const std::string& kwargs);

    void add(Difference difference) {
        if (call_.differences.size() < max_differences) return call_.differences.push_back(std::move(difference));
        if (call_.differences.size() == max_differences && call_.notes.empty())
            note(fmt::format("only the first {} differences are listed", max_differences));
    }
    void note(std::string text) {
        if (std::ranges::find(call_.notes, text) == call_.notes.end()) call_.notes.push_back(std::move(text));
    }

private:
    static std::string text(const Value& value) { return std::string(value.raw()); }
    static std::optional<Value> row_of(const Value& rows, const std::string& id) {
        for (std::size_t i = 0; rows.kind() == Kind::array && i < rows.size(); ++i) {
            const auto found = rows.at(i).find("id");
            if (found && found->text() == id) return rows.at(i);
        }
        return std::nullopt;
    }
    static std::string name_of(const std::string& model, const std::string& id, const Value& row) {
        const auto name = row.find("display_name");
        const bool named = name && name->kind() == Kind::string && !name->text().empty();
        return fmt::format("{} {}{}", model, id, named ? fmt::format(" ({})", name->text()) : "");
    }

    void field(const std::string& model, const std::string& record, const Value& row, std::string_view name,
               const Value& then) {
        const auto now = row.find(name);
        if (is_commands(then)) return commands(model, record, now, name, then);
        if (!now) return add({record, std::string(name), "", text(then)});
        if (!is_same(*now, then)) add({record, std::string(name), text(*now), text(then)});
    }

    /// The model of what a field refers to; "" where Odoo does not say.
    std::string related(const std::string& model, std::string_view field) {
        const auto fields = odoo_.call(model, "fields_get", fmt::format("[[{}]]", json::quote(field)),
                                       R"({"attributes":["relation"]})");
        if (!fields) return "";
        const auto one = fields->root().find(field);
        const auto relation = one ? one->find("relation") : std::nullopt;
        return relation ? std::string(relation->text()) : "";
    }

    void commands(const std::string& model, const std::string& record, const std::optional<Value>& now,
                  std::string_view name, const Value& then) {
        std::string other;  // asked for where it is needed
        for (std::size_t i = 0; i < then.size(); ++i) {
            const auto one = then.at(i);
            const auto what = *one.at(0).as_int64();
            if (what == set_command && one.size() == 3) {
                auto had = now ? ids_of(*now) : std::vector<std::string>(), has = ids_of(one.at(2));
                if (!std::ranges::is_permutation(had, has))
                    add({record, std::string(name), ids_json(had), ids_json(has)});
                continue;
            }
            if (other.empty()) other = related(model, name);
            const bool known = !other.empty() && one.size() > 1;
            const auto id = known ? std::string(one.at(1).text()) : "";
            if (known && what == create_command && one.size() == 3) {
                created(fmt::format("new {} of {}", other, record), one.at(2));
            } else if (known && what == update_command && one.size() == 3) {
                write(other, {id}, one.at(2));
            } else if (known && what == delete_command) {
                removed(other, {id});
            } else {
                add({record, std::string(name), now ? text(*now) : "", text(one)});
            }
        }
    }

    odoo::Caller& odoo_;
    PlannedCall& call_;
};

/// Whether a column `FIELD/id` is a line's own external id (other columns are of the same lines), not a reference by
/// it.
bool lines_have(const Value& columns, const std::string& field) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto column = columns.at(i).text();
        if (column.starts_with(field + "/") && column.substr(field.size()) != "/id") return true;
    }
    return false;
}

/// The record an external id names, where this account may ask (a plain user may not).
struct Lookup {
    bool asked = false;
    std::int64_t id = 0;
};
Lookup look_up(odoo::Caller& odoo, std::string_view model, std::string_view external_id) {
    const auto dot = external_id.find('.');
    if (dot == std::string_view::npos) return {};
    json::Writer args;
    args.begin_array().begin_array();
    for (const auto& [name, value] :
         {std::pair{"model", model}, {"module", external_id.substr(0, dot)}, {"name", external_id.substr(dot + 1)}})
        args.begin_array().string(name).string("=").string(value).end_array();
    args.end_array().end_array();
    const auto rows = odoo.call("ir.model.data", "search_read", args.text(), R"({"fields":["res_id"],"limit":1})");
    if (!rows) return {};
    if (rows->root().size() == 0) return {.asked = true};
    const auto id = rows->root().at(0).find("res_id");
    return {.asked = true, .id = id ? id->as_int64().value_or(0) : 0};
}

std::vector<NewRecord> Finder::load(const Value& args, const std::string& kwargs) {
    std::vector<NewRecord> records;
    if (args.size() < 2 || args.at(0).kind() != Kind::array) {
        note("its arguments are no table");
        return records;
    }
    const auto columns = args.at(0), rows = args.at(1);
    const bool left_alone = kwargs.find(R"("noupdate":true)") != std::string::npos;
    std::string header;
    bool header_is_there = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = rows.at(i);
        std::map<std::string, std::string> lines;  // the field of a one2many: the record this row is of it
        for (std::size_t at = 0; at < columns.size() && at < row.size(); ++at) {
            const std::string column(columns.at(at).text());
            const auto cell = row.at(at);
            if (cell.text().empty()) continue;
            if (column == "id") {
                const auto found = look_up(odoo_, call_.model, cell.text());
                if (!found.asked) note("its external ids were not looked up: this account may not read ir.model.data");
                header_is_there = found.id != 0;
                header = header_is_there ? fmt::format("{} {}", call_.model, found.id)
                                         : fmt::format("new {} {}", call_.model, cell.text());
                records.push_back({.name = header, .id = found.id});
                if (header_is_there)
                    note(fmt::format("{} ({}) is there already{}", header, cell.text(),
                                     left_alone ? " and is left as it is" : "; what it has now is not compared"));
                continue;
            }
            if (header_is_there && left_alone) continue;
            const auto slash = column.find('/');
            const bool of_line = slash != std::string::npos && column.substr(slash) != "/.id" &&
                                 (column.substr(slash) != "/id" || lines_have(columns, column.substr(0, slash)));
            if (!of_line) {
                add({header, column.substr(0, slash), "", text(cell)});
                continue;
            }
            const auto field = column.substr(0, slash), rest = column.substr(slash + 1);
            auto& line = lines[field];
            if (rest == "id") {
                line = fmt::format("new {} {}", field, cell.text());
            } else {
                add({line.empty() ? "new " + field : line, rest.substr(0, rest.find('/')), "", text(cell)});
            }
        }
    }
    return records;
}

/// The values of `create`: one object, or several.
std::vector<Value> created_values(const Value& args, const std::optional<Value>& named) {
    const auto given = args.size() > 0 ? std::optional(args.at(0)) : named;
    if (!given) return {};
    if (given->kind() != Kind::array) return {*given};
    std::vector<Value> all;
    for (std::size_t i = 0; i < given->size(); ++i) all.push_back(given->at(i));
    return all;
}

}  // namespace

std::vector<NewRecord> find_differences(odoo::Caller& odoo, PlannedCall& call) {
    Finder finder(odoo, call);
    const auto args = json::Document::parse(call.args), kwargs = json::Document::parse(call.kwargs);
    if (!args || !kwargs) {
        finder.note("its arguments are no JSON");
        return {};
    }
    const auto positional = args->root(), named = kwargs->root();
    std::vector<NewRecord> records;
    if (call.method == "write") {
        const auto values = positional.size() > 1 ? std::optional(positional.at(1)) : named.find("vals");
        if (positional.size() == 0 || !values) {
            finder.note("it names no records or no values");
        } else {
            finder.write(call.model, ids_of(positional.at(0)), *values);
        }
    } else if (call.method == "unlink") {
        if (positional.size() > 0) finder.removed(call.model, ids_of(positional.at(0)));
    } else if (call.method == "create") {
        const auto all = created_values(positional, named.find("vals_list"));
        for (std::size_t i = 0; i < all.size(); ++i) {
            records.push_back({.name = all.size() == 1
                                           ? "new " + call.model
                                           : fmt::format("new {} ({} of {})", call.model, i + 1, all.size())});
            finder.created(records.back().name, all[i]);
        }
    } else if (call.method == "load") {
        records = finder.load(positional, call.kwargs);
    } else {
        finder.note(fmt::format("what {} changes is Odoo's to say", call.method));
    }
    return records;
}

}  // namespace sluice::host
