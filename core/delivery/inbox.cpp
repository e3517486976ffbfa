#include "core/delivery/inbox.hpp"

#include <chrono>

namespace sluice::delivery {

void Inbox::post(Input input) {
    {
        const std::scoped_lock lock(mutex_);
        batch_.inputs.push_back(std::move(input));
    }
    wake_.notify_one();
}

void Inbox::post_appended(const std::string& connector, const std::string& flow) {
    {
        const std::scoped_lock lock(mutex_);
        batch_.appended.emplace(connector, flow);
    }
    wake_.notify_one();
}

void Inbox::close() {
    {
        const std::scoped_lock lock(mutex_);
        batch_.closed = true;
    }
    wake_.notify_one();
}

Inbox::Batch Inbox::wait(std::int64_t timeout_ms) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(timeout_ms),
                   [this] { return batch_.closed || !batch_.inputs.empty() || !batch_.appended.empty(); });
    Batch batch;
    std::swap(batch, batch_);
    batch_.closed = batch.closed;
    return batch;
}

}  // namespace sluice::delivery
