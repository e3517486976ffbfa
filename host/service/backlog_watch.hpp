#pragma once
// Keeps what ingress believes about each connector's backlog near what the journal counts.

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/journal/journal.hpp"
#include "host/ingress/ingress.hpp"

namespace sluice::host {

/// One thread that asks the journal every `interval_ms`, so that no webhook has to. Counts once before the constructor
/// returns: a host that starts over a long backlog knows it from its first webhook on. Journal and ingress outlive it.
class BacklogWatch {
public:
    static constexpr int interval_ms = 500;

    BacklogWatch(journal::Journal& journal, Ingress& ingress);
    ~BacklogWatch();

private:
    void count();
    void run();

    journal::Journal& journal_;
    Ingress& ingress_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  ///< under mutex_
    std::thread thread_;
};

}  // namespace sluice::host
