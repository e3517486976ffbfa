#pragma once
// One Odoo database's prober.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/delivery/inbox.hpp"

namespace sluice::delivery {

/// A thread that asks when it is told to and posts the answer. Lifecycle: construct, request() from any thread,
/// destroy; the destructor waits for a running probe.
class Prober {
public:
    Prober(std::string odoo, std::function<bool(const std::string&)> probe, Inbox& inbox);
    ~Prober();
    Prober(const Prober&) = delete;
    Prober& operator=(const Prober&) = delete;
    void request();

private:
    void run();
    bool ask() const;

    std::string odoo_;
    std::function<bool(const std::string&)> probe_;
    Inbox& inbox_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool requested_ = false, stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::delivery
