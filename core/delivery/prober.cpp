#include "core/delivery/prober.hpp"

namespace sluice::delivery {

Prober::Prober(std::string odoo, std::function<bool(const std::string&)> probe, Inbox& inbox)
    : odoo_(std::move(odoo)), probe_(std::move(probe)), inbox_(inbox), thread_([this] { run(); }) {}

Prober::~Prober() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Prober::request() {
    {
        const std::scoped_lock lock(mutex_);
        requested_ = true;
    }
    wake_.notify_one();
}

void Prober::run() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return requested_ || stopping_; });
            if (stopping_) return;
            requested_ = false;
        }
        const bool healthy = ask();
        inbox_.post(
            [odoo = odoo_, healthy](Engine& engine, std::int64_t now_ms) { engine.on_probe(odoo, healthy, now_ms); });
    }
}

bool Prober::ask() const {
    if (!probe_) return true;
    try {
        return probe_(odoo_);
    } catch (...) {
        return false;  // a probe that cannot even be made is no sign of health
    }
}

}  // namespace sluice::delivery
