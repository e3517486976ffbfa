#include <chrono>
#include <condition_variable>
#include <mutex>
#include <unordered_set>

#include "core/odoo/record_writer.hpp"

namespace sluice::odoo {

struct SingleFlight::Impl {
    std::mutex mutex;
    std::condition_variable left;
    std::unordered_set<std::string> inside;
};

SingleFlight::SingleFlight(std::int64_t max_wait_ms) : impl_(std::make_shared<Impl>()), max_wait_ms_(max_wait_ms) {}
SingleFlight::~SingleFlight() = default;

SingleFlight::Guard::Guard(std::shared_ptr<Impl> flights, std::string identity)
    : flights_(std::move(flights)), identity_(std::move(identity)) {}

SingleFlight::Guard::~Guard() {
    {
        const std::lock_guard lock(flights_->mutex);
        flights_->inside.erase(identity_);
    }
    // All wait on one condition: the flights of a process are few, and a wrong waiter only looks and waits on.
    flights_->left.notify_all();
}

Result<std::unique_ptr<SingleFlight::Guard>> SingleFlight::enter(const std::string& identity) {
    std::unique_lock lock(impl_->mutex);
    const bool free = impl_->left.wait_for(lock, std::chrono::milliseconds(max_wait_ms_),
                                           [&] { return !impl_->inside.contains(identity); });
    if (!free) return fail(Failure::rate_limited, "another delivery is writing " + identity + "; this one comes again");
    impl_->inside.insert(identity);
    return std::unique_ptr<Guard>(new Guard(impl_, identity));
}

}  // namespace sluice::odoo
