#include "core/odoo/batch_writing.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <span>

#include "core/odoo/existing.hpp"
#include "core/odoo/external_id.hpp"
#include "core/odoo/load.hpp"
#include "core/odoo/writing.hpp"

namespace sluice::odoo {
namespace {

/// Rows of one `load`: it is one transaction in Odoo, and a bad record costs a few of them.
constexpr std::size_t max_rows = 1'000;

Error not_tried(const Error& cause) {
    Error error = cause;
    if (error.failure == Failure::unknown) error.failure = Failure::retry;
    error.message = "not tried: " + cause.message;
    return error;
}

struct Item {
    Item(Caller& odoo, SingleFlight& flights, const std::string& connector, LookupCache* lookups,
         const RecordWriter::Write& write)
        : record(*write.record),
          memory(*write.memory),
          external_id(full_external_id(connector, write.record->external_id)),
          writing(odoo, flights, memory, connector, lookups) {}

    bool is_open() const { return !outcome; }
    Sought sought() const { return {.record = &record, .external_id = external_id, .memory = &memory}; }

    const mapping::MappedRecord& record;
    IdMemory& memory;
    std::string external_id;
    Writing writing;
    FoundReferences found;
    ResolvedRecord resolved;
    std::unique_ptr<SingleFlight::Guard> guard;
    std::optional<std::int64_t> existing;
    std::optional<Result<Written>> outcome;
};

using Items = std::vector<Item*>;

class Batch {
public:
    Batch(Caller& odoo, SingleFlight& flights, const std::string& connector, LookupCache* lookups, int depth)
        : odoo_(odoo), flights_(flights), connector_(connector), lookups_(lookups), depth_(depth) {}

    std::vector<Result<Written>> write(const std::vector<RecordWriter::Write>& writes) {
        for (const auto& one : writes)
            items_.push_back(std::make_unique<Item>(odoo_, flights_, connector_, lookups_, one));
        const auto repeated = take_repeated();
        use_as_it_is();
        find_all_references();
        write_nested();
        resolve_all();
        enter_all();
        find_all_existing();
        update_all();
        create_all();
        for (auto& item : items_) item->guard.reset();
        for (auto* const item : repeated) write_alone(*item);  // none of them is held any more

        std::vector<Result<Written>> out;
        for (auto& item : items_) out.push_back(item->writing.with_nested(std::move(*item->outcome)));
        return out;
    }

private:
    Items open() const {
        Items out;
        for (const auto& item : items_) {
            if (item->is_open() && !repeated_.contains(item.get())) out.push_back(item.get());
        }
        return out;
    }

    static void fail_all(const Items& items, const Error& error) {
        for (auto* const item : items) item->outcome = std::unexpected(error);
    }

    /// A call for all of these failed. Where Odoo refused it one of them may be to blame: each is tried alone.
    void call_failed(const Items& items, const Error& error) {
        if (!concerns_one_record(error.failure) || items.size() == 1) {
            fail_all(items, error);
            if (!concerns_one_record(error.failure)) stop(error);
            return;
        }
        for (auto* const item : items) item->guard.reset();
        for (auto* const item : items) write_alone(*item);
    }

    void stop(const Error& cause) {
        stopped_ = not_tried(cause);
        fail_all(open(), *stopped_);
    }

    /// Keeps what became of one; what would meet the others too ends them all.
    void end(Item& item, Result<Written> outcome) {
        item.outcome = std::move(outcome);
        if (!*item.outcome && !concerns_one_record(item.outcome->error().failure)) stop(item.outcome->error());
    }

    /// Two of one identity are written one after the other, as they came.
    Items take_repeated() {
        std::set<std::string> seen;
        Items out;
        for (const auto& item : items_) {
            if (seen.insert(identity_of(item->record, item->external_id)).second) continue;
            out.push_back(item.get());
            repeated_.insert(item.get());
        }
        return out;
    }

    void write_alone(Item& item) {
        if (stopped_) {
            item.outcome = std::unexpected(*stopped_);
            return;
        }
        repeated_.erase(&item);
        end(item, item.writing.write(item.record, depth_));
    }

    /// Fills in `existing` of these.
    void find_existing_of(const Items& items) {
        if (items.empty()) return;
        std::vector<Sought> sought;
        for (const auto* item : items) sought.push_back(item->sought());
        const auto found = find_existing(odoo_, sought);
        if (!found) return call_failed(items, found.error());
        for (std::size_t i = 0; i < items.size(); ++i) items[i]->existing = (*found)[i];
    }

    static void keep_as_it_is(Item& item) {
        item.outcome = item.writing.as_it_is(item.record, item.external_id, *item.existing);
    }

    void use_as_it_is() {
        auto items = open();
        std::erase_if(items, [](const Item* item) { return !item->record.create_only; });
        find_existing_of(items);
        for (auto* const item : items) {
            if (item->is_open() && item->existing) keep_as_it_is(*item);
        }
    }

    void find_all_references() {
        const auto items = open();
        if (items.empty()) return;
        std::vector<const mapping::MappedRecord*> records;
        for (const auto* item : items) records.push_back(&item->record);
        auto found = find_references(odoo_, records, lookups_);
        if (!found) return call_failed(items, found.error());
        for (std::size_t i = 0; i < items.size(); ++i) {
            if ((*found)[i]) {
                items[i]->found = std::move(*(*found)[i]);
            } else {
                items[i]->outcome = std::unexpected((*found)[i].error());
            }
        }
    }

    static std::vector<const mapping::MappedRecord*> nested_in_all(const mapping::MappedRecord& record) {
        auto out = nested_in(record.fields);
        for (const auto& lines : record.lines) {
            for (const auto& line : lines.lines) std::ranges::copy(nested_in(line.fields), std::back_inserter(out));
        }
        return out;
    }

    /// A nested record that several refer to is written once, and remembered by the first.
    void write_nested() {
        std::map<std::pair<std::string, std::string>, std::size_t> places;
        std::vector<RecordWriter::Write> writes;
        for (auto* const item : open()) {
            for (const auto* nested : nested_in_all(item->record)) {
                if (places.emplace(std::pair(nested->model, nested->external_id), writes.size()).second)
                    writes.push_back({.record = nested, .memory = &item->memory});
            }
        }
        if (writes.empty()) return;
        const auto written = write_batch(odoo_, flights_, connector_, lookups_, writes, depth_ + 1);
        std::set<std::size_t> told;
        for (auto* const item : open()) {
            for (const auto* nested : nested_in_all(item->record)) {
                const auto place = places.at({nested->model, nested->external_id});
                if (!written[place]) {
                    item->outcome = std::unexpected(written[place].error());
                    break;
                }
                auto one = *written[place];
                if (!told.insert(place).second) one.what = Written::What::unchanged;
                item->writing.settle(*nested, one);
            }
        }
    }

    void resolve_all() {
        for (auto* const item : open()) {
            auto resolved = item->writing.resolve(item->record, item->external_id, item->found, depth_);
            if (resolved) {
                item->resolved = std::move(*resolved);
            } else {
                end(*item, std::unexpected(resolved.error()));
            }
        }
    }

    /// In one order wherever several are entered, so that no two batches wait for each other; and nobody who is inside
    /// asks for another.
    void enter_all() {
        auto items = open();
        const auto identity = [](const Item* item) { return identity_of(item->record, item->external_id); };
        std::ranges::sort(items, {}, identity);
        for (auto* const item : items) {
            auto guard = flights_.enter(identity(item));
            if (guard) {
                item->guard = std::move(*guard);
            } else {
                item->outcome = std::unexpected(guard.error());
            }
        }
    }

    void find_all_existing() {
        find_existing_of(open());
        for (auto* const item : open()) {
            if (item->existing && item->record.create_only) keep_as_it_is(*item);
        }
    }

    void update_all() {
        for (auto* const item : open()) {
            if (!item->existing || !item->is_open()) continue;
            conclude(*item, item->writing.update(item->record, item->resolved, *item->existing));
        }
    }

    void conclude(Item& item, Result<Written> written) {
        end(item, item.writing.conclude(item.record, item.existing, std::move(written)));
    }

    void create_all() {
        std::map<std::pair<std::string, std::vector<std::string>>, Items> groups;
        std::map<const Item*, LoadTable> tables;
        for (auto* const item : open()) {
            auto& table = tables[item] = creation_table(item->resolved);
            groups[{item->record.model, table.columns}].push_back(item);
        }
        std::map<std::string, std::int64_t> newest;
        for (const auto& [key, group] : groups) {
            if (!newest.contains(key.first)) {
                const auto id = newest_id(odoo_, key.first);
                if (!id) return call_failed(open(), id.error());
                newest[key.first] = *id;
            }
            Items chunk;
            std::size_t rows = 0;
            for (auto* const item : group) {
                const auto more = tables[item].rows.size();
                if (!chunk.empty() && rows + more > max_rows) {
                    load(chunk, tables, newest[key.first]);
                    chunk.clear();
                    rows = 0;
                }
                chunk.push_back(item);
                rows += more;
            }
            load(chunk, tables, newest[key.first]);
        }
    }

    /// Creates these by one `load`, or finds out which of them it is refused for.
    void load(std::span<Item* const> items, const std::map<const Item*, LoadTable>& tables, std::int64_t newest) {
        if (stopped_ || items.empty()) return;
        LoadTable all{.columns = tables.at(items.front()).columns, .rows = {}};
        for (const auto* item : items) std::ranges::copy(tables.at(item).rows, std::back_inserter(all.rows));
        const auto ids = load_new(odoo_, items.front()->record.model, all);
        if (!ids && ids.error().failure == Failure::rejected && items.size() > 1) {
            const auto half = items.size() / 2;
            load(items.first(half), tables, newest);
            load(items.subspan(half), tables, newest);
            return;
        }
        if (!ids && !concerns_one_record(ids.error().failure)) {
            // Of all of these, not of the first alone, nobody knows whether they are there.
            fail_all({items.begin(), items.end()}, ids.error());
            return stop(ids.error());
        }
        for (std::size_t i = 0; i < items.size(); ++i) {
            auto& item = *items[i];
            if (!item.is_open()) continue;  // an earlier one's failure ended it
            conclude(item, ids ? item.writing.loaded(item.record, item.resolved, (*ids)[i], newest)
                               : Result<Written>(std::unexpected(ids.error())));
        }
    }

    Caller& odoo_;
    SingleFlight& flights_;
    const std::string& connector_;
    LookupCache* lookups_;
    int depth_;
    std::vector<std::unique_ptr<Item>> items_;
    std::set<const Item*> repeated_;
    std::optional<Error> stopped_;
};

}  // namespace

std::vector<Result<Written>> write_batch(Caller& odoo, SingleFlight& flights, const std::string& connector,
                                         LookupCache* lookups, const std::vector<RecordWriter::Write>& writes,
                                         int depth) {
    if (depth > max_nesting) {
        const auto deep = fail(Failure::invalid, "records nested deeper than 8");
        return std::vector<Result<Written>>(writes.size(), Result<Written>(deep));
    }
    return Batch(odoo, flights, connector, lookups, depth).write(writes);
}

}  // namespace sluice::odoo
