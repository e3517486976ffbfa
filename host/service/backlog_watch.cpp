#include "host/service/backlog_watch.hpp"

#include <chrono>

namespace sluice::host {

BacklogWatch::BacklogWatch(journal::Journal& journal, Ingress& ingress) : journal_(journal), ingress_(ingress) {
    count();
    thread_ = std::thread([this] { run(); });
}

BacklogWatch::~BacklogWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
}

void BacklogWatch::count() {
    for (const auto& connector : ingress_.names()) {
        const auto counts = journal_.counts(connector);
        ingress_.set_journal_answers(counts.has_value());
        if (!counts) return;
        ingress_.set_unfinished(connector, counts->ready + counts->waiting + counts->claimed);
    }
}

void BacklogWatch::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        wake_.wait_for(lock, std::chrono::milliseconds(interval_ms), [this] { return stopping_; });
        if (stopping_) return;
        lock.unlock();
        count();
        lock.lock();
    }
}

}  // namespace sluice::host
