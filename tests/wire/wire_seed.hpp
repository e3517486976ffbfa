#pragma once
// What the recorded server's database held: every record a folder of exchanges refers to without having made it.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulators/odoo/schema.hpp"
#include "tests/wire/wire_exchange.hpp"

namespace sluice::wire {

using RecordKey = std::pair<std::string, std::int64_t>;

class Inventory {
public:
    Inventory(const sim::Schema& schema, const std::vector<Exchange>& exchanges);

    // The seed for the simulator (sim/seed.h): users and the records nobody creates in the folder.
    std::string seed_json() const;
    // The same for orders that refer to what the call of this index made, to be added after it; "" where there are
    // none.
    std::string late_seed_json(std::size_t index) const;
    // The ids a call makes, as recorded: by model, the smallest first.
    std::map<std::string, std::int64_t> ids_made_by(const std::vector<Exchange>& exchanges, std::size_t index,
                                                    std::set<RecordKey>& known) const;
    // "2026-11-23 19:54:51", the recorded write_date of what the call made; "" when no later read tells.
    std::string stamp_of(const std::vector<Exchange>& exchanges, std::size_t index) const;

    const std::string& database() const { return database_; }
    std::int64_t service_uid() const { return service_uid_; }
    std::set<RecordKey> seeded() const;

private:
    void learn_reads(const Exchange& exchange);
    void learn_found(const Exchange& exchange, json::object& values) const;
    void learn_created(const Exchange& exchange, std::size_t index);
    void learn_references(const Exchange& exchange);
    void learn_values(const std::string& model, const json::object& values);
    void learn_domain(const std::string& model, const json::value& domain);
    void learn_load(const Exchange& exchange);
    void refer(const std::string& model, std::int64_t id);
    std::string stamp_with_fraction(const std::string& model, std::int64_t id, const std::string& second) const;
    void learn_users(const std::vector<Exchange>& exchanges);
    json::object complete(const std::string& model, std::int64_t id, json::object values) const;
    // After which exchange the record can be seeded; nothing: from the start.
    std::optional<std::size_t> late_after(const RecordKey& key) const;

    const sim::Schema& schema_;
    std::map<RecordKey, json::object> read_;  // what reads showed, the first one
    std::set<RecordKey> created_;
    std::map<RecordKey, std::size_t> created_at_;  // by the exchange of this index
    std::set<std::int64_t> confirmed_;             // orders, whose deliveries the folder makes
    std::set<RecordKey> referred_;
    std::map<std::int64_t, std::int64_t> fractions_;
    std::string database_ = "odoo";
    std::int64_t service_uid_ = 8;
    std::set<std::int64_t> uids_;
};

// The records of a read-like answer: [{id, ...}], or records of web_search_read.
json::array read_records(const Exchange& exchange);
// Microseconds the requests speak of, by their second: "2026-11-23 19:54:51.549124" (both in microseconds).
std::map<std::int64_t, std::int64_t> fractions_of(const std::vector<Exchange>& exchanges);
// The ids a create-like call answered with.
std::vector<std::int64_t> created_ids(const Exchange& exchange);

inline constexpr const char* kServiceLogin = "svc_sluice";
inline constexpr const char* kServiceKey = "0123456789abcdef0123456789abcdef01234567";
inline constexpr const char* kManagerKey = "89abcdef0123456789abcdef0123456789abcdef";

}  // namespace sluice::wire
