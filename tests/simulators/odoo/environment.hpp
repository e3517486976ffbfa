#pragma once
// odoo.api.Environment: who calls, with which context, in which transaction; and the database it works on.

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/clock.hpp"
#include "tests/simulators/odoo/schema.hpp"
#include "tests/simulators/odoo/store.hpp"
#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

inline constexpr std::int64_t kSuperuser = 1;

struct Database {
    Database(int version_, std::string name_, Clock clock_)
        : version(version_), name(std::move(name_)), clock(std::move(clock_)), schema(version_) {}

    const int version;
    const std::string name;
    Clock clock;
    Schema schema;     // changed by a seed's "modules" only
    std::mutex mutex;  // one call at a time; guards store
    Store store;
};

// While it lives, transactions of this thread begin at that instant (a call that commits late).
class BegunAt {
public:
    explicit BegunAt(Micros instant);
    ~BegunAt();
    BegunAt(const BegunAt&) = delete;
    BegunAt& operator=(const BegunAt&) = delete;
    static std::optional<Micros> instant();
};

class Env {
public:
    Env(Database& database, std::int64_t uid, json::object context)
        : database_(&database),
          uid_(uid),
          context_(std::move(context)),
          now_(BegunAt::instant() ? *BegunAt::instant() : database.clock()) {}

    Database& database() const { return *database_; }
    Store& store() const { return database_->store; }
    int version() const { return database_->version; }
    std::int64_t uid() const { return uid_; }
    bool su() const { return su_ || uid_ == kSuperuser; }
    // The start of the transaction: every record it touches gets this write_date (FACTS section 5).
    Micros now() const { return now_; }

    const json::object& context() const { return context_; }
    const json::value* context(std::string_view key) const { return context_.if_contains(key); }
    bool context_flag(std::string_view key) const;

    Env sudo() const;
    // The same transaction as another user.
    Env with_user(std::int64_t uid) const;
    Env with_context(std::string_view key, json::value value) const;
    Env with_context(json::object context) const;

    // The model's metadata, NotClaimed when the simulator has none.
    const Model& model(std::string_view name) const { return database_->schema.at(name); }

private:
    Database* database_;
    std::int64_t uid_;
    json::object context_;
    Micros now_;
    bool su_ = false;
};

}  // namespace sluice::sim
