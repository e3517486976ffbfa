#pragma once
// The replies a plugin holds.

#include <sluice/plugin.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/base/result.hpp"

namespace sluice::host {

/// What a host call answers, before it is handed out.
struct Answer {
    sluice_status code = SLUICE_OK;
    int http_status = 0;
    std::int64_t retry_after_ms = -1;
    std::string headers, body, message;

    static Answer ok(std::string body) { return {.body = std::move(body)}; }
    static Answer failed(const Error& error);
};

/// Owns every reply of one delivery until it is released or the delivery ends. One thread.
class Replies {
public:
    Replies();
    ~Replies();
    /// The reply stays at its address until release(). Beyond max_held_reply_bytes the plugin gets a static REJECTED
    /// instead.
    const sluice_reply* keep(Answer answer);
    /// Anything that is no live reply of this delivery is ignored.
    void release(const sluice_reply* reply);
    std::size_t held_bytes() const { return held_bytes_; }

private:
    struct Held;
    std::unordered_map<const sluice_reply*, std::unique_ptr<Held>> held_;
    std::size_t held_bytes_ = 0;
};

// Replies in static storage, for where nothing can be allocated or no delivery is there to own one.
const sluice_reply* internal_error_reply();
const sluice_reply* no_delivery_reply();
const sluice_reply* wrong_thread_reply();
const sluice_reply* too_many_replies_reply();

}  // namespace sluice::host
