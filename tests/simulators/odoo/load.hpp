#pragma once
// BaseModel.load(): rows of texts into records, by external id, all or nothing (FACTS section 5).

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

// A column header as a path: "order_line/product_id/.id" -> {order_line, product_id, .id}.
using FieldPath = std::vector<std::string>;

// The step of a path that stands for a record's own name (None in Odoo).
inline constexpr std::string_view kByName = "<name>";

struct LoadRecord {
    json::object cells;  // plain fields as given; relational ones as lists of sub-records
    std::size_t from = 0, to = 0;
};

// _extract_records: groups rows into records; rows with one2many cells only continue the record above.
std::vector<LoadRecord> extract_records(Env& env, const Model& model, const std::vector<FieldPath>& paths,
                                        const std::vector<json::array>& rows);

// What a bad cell raises; becomes a message of load's answer.
struct ImportError {
    std::string message;    // "%(field)s" stands for the column's label
    json::value more_info;  // null: none
};

// ir.fields.converter: cells into values for create() and write().
class CellConverter {
public:
    using Log = std::function<void(const std::string& field, const ImportError& error, bool warning)>;
    // Saves what waits in the batch before a reference is looked up.
    using Flush = std::function<void(const std::string& external_id, const std::string& model)>;

    CellConverter(Env& env, Flush flush) : env_(env), flush_(std::move(flush)) {}

    json::object convert(const Model& model, const json::object& cells, const Log& log);

private:
    json::value cell(const Model& model, const Field& field, const json::value& value, const Log& log);
    json::value many2one(const Field& field, const json::array& records, const Log& log);
    json::value many2many(const Field& field, const json::array& records, const Log& log);
    json::value one2many(const Field& field, const json::array& records, const Log& log);
    json::value datetime(const std::string& text) const;
    // db_id_for: 0 for an empty reference.
    std::int64_t reference(const Field& field, const std::string& subfield, const std::string& text, const Log& log);

    Env& env_;
    Flush flush_;
};

json::object load(Env& env, std::string_view model, const json::value& fields, const json::value& data);

}  // namespace sluice::sim
