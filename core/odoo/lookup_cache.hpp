#pragma once
// What searches found, kept between records.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/base/clock.hpp"

namespace sluice::odoo {

/// Of a search (model and domain) the one record it found, for a while: a hundred orders of one SKU ask once. Only what
/// found exactly one record is kept: that nothing or several were found is what a person goes to mend, and must not be
/// answered again once it is mended. A key that moves to another record within `age_ms` is answered with the former one
/// until then. Shared by all lanes of one account of a database. Any thread.
class LookupCache {
public:
    static constexpr std::int64_t default_age_ms = 60'000;
    static constexpr std::size_t default_most = 10'000;  ///< searches, a few hundred bytes each

    explicit LookupCache(const Clock& clock, std::int64_t age_ms = default_age_ms, std::size_t most = default_most)
        : clock_(clock), age_ms_(age_ms), most_(most) {}

    std::optional<std::int64_t> find(const std::string& search);
    /// Where there is no room the oldest goes.
    void keep(const std::string& search, std::int64_t id);
    /// That record is not there any more.
    void forget(const std::string& search);

private:
    struct Entry {
        std::int64_t id = 0;
        std::int64_t since_ms = 0;  ///< steady
    };
    bool is_old(const Entry& entry) const { return clock_.steady_ms() - entry.since_ms >= age_ms_; }
    void make_room();

    const Clock& clock_;
    const std::int64_t age_ms_;
    const std::size_t most_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::deque<std::string> order_;  ///< the searches of `entries_`, as they came
};

}  // namespace sluice::odoo
