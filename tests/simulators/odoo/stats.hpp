#pragma once
// What the simulator counted. Thread-safe.

#include <map>
#include <mutex>
#include <string>

#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

class Stats {
public:
    void call(const std::string& name) {
        const std::lock_guard lock(mutex_);
        ++calls_[name];
        ++total_;
    }
    void without_cookie() {
        const std::lock_guard lock(mutex_);
        ++without_cookie_;
    }
    void listing_databases() {
        const std::lock_guard lock(mutex_);
        ++listing_databases_;
    }
    void not_claimed(const std::string& what);
    void connection() {
        const std::lock_guard lock(mutex_);
        ++connections_;
    }
    // Calls of "model.method", e.g. "sale.order.load"; of a service's method, e.g. "login";
    // "/web/session/authenticate".
    std::int64_t calls(const std::string& name) const;
    std::int64_t total() const;
    std::int64_t not_claimed_count() const;
    std::int64_t without_cookie_count() const;
    std::int64_t listing_databases_count() const;
    std::int64_t connection_count() const;
    json::object describe() const;

private:
    mutable std::mutex mutex_;
    std::map<std::string, std::int64_t> calls_;
    std::int64_t total_ = 0;
    std::int64_t connections_ = 0;
    std::int64_t without_cookie_ = 0;
    std::int64_t listing_databases_ = 0;
    std::map<std::string, std::int64_t> not_claimed_;
};

}  // namespace sluice::sim
