#pragma once
// The database: rows by model and id, id counters, a transaction with savepoints, equality indexes, and an optional
// append-only log so that what a call answered is still there after kill -9. Not thread-safe: Database::mutex guards
// it.

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

using Row = std::shared_ptr<const json::object>;

class Store {
public:
    Store() = default;
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // Reads the log (a torn last line is dropped), rewrites it as one snapshot by rename, and appends from then on.
    void open_log(const std::string& path);

    // Rows.
    const json::object* find(std::string_view model, std::int64_t id) const;
    void put(std::string_view model, std::int64_t id, json::object row);
    void erase(std::string_view model, std::int64_t id);
    const std::map<std::int64_t, Row>& rows(std::string_view model) const;
    // Ids whose `field` equals the value, ascending; builds the index at the first question.
    Ids where(std::string_view model, std::string_view field, const json::value& value) const;

    // Counters grow outside transactions, as PostgreSQL sequences do: a rolled back insert leaves a gap.
    std::int64_t next(std::string_view counter);
    void set_counter(std::string_view counter, std::int64_t last);
    void raise_counter(std::string_view counter, std::int64_t at_least);

    // Transactions: changes since begin() are written to the log at commit() or undone.
    void begin();
    void commit();
    void rollback();
    std::size_t savepoint() const { return undo_.size(); }
    void rollback_to(std::size_t savepoint);
    bool changed() const { return !undo_.empty() || counters_changed_; }

private:
    struct Undo {
        std::string model;
        std::int64_t id;
        Row before;
    };
    using Index = std::unordered_map<std::string, std::set<std::int64_t>>;
    struct Table {
        std::map<std::int64_t, Row> rows;
        std::map<std::string, Index, std::less<>> indexes;
    };

    void assign(std::string_view model, std::int64_t id, Row row);
    void apply_line(const json::object& line);
    std::string transaction_line() const;
    std::string snapshot() const;

    mutable std::map<std::string, Table, std::less<>> tables_;
    std::map<std::string, std::int64_t, std::less<>> counters_;
    std::vector<Undo> undo_;
    bool counters_changed_ = false;
    std::FILE* log_ = nullptr;
};

}  // namespace sluice::sim
