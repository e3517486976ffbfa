#pragma once
// The admin API: the one door to a running host. Reference: docs/operating.md.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "core/base/clock.hpp"
#include "core/http/server.hpp"
#include "core/journal/journal.hpp"

namespace sluice::host {

/// What the API asks of the service. Called on the API's own thread.
struct AdminHooks {
    /// The whole answer of GET /v0/status, JSON.
    std::function<std::string()> status;
    /// Failure::invalid where there is no such connector or it does not run, Failure::rejected where it is not paused.
    std::function<Result<void>(const std::string& connector)> resume;
    /// Events of this connector may be deliverable now.
    std::function<void(const std::string& connector)> notify;
    /// Starts a flow with a document ("" is none): the event. Failure::invalid where it cannot be.
    std::function<Result<journal::Appended>(const std::string& connector, const std::string& flow, std::string data)>
        trigger;
    /// Starts a sweep of a flow that watches Odoo: the event. Failure::invalid where it cannot be.
    std::function<Result<journal::Appended>(const std::string& connector, const std::string& flow)> sweep;
    /// Who looks after a flow's errors, as its contract says; "" where unknown.
    std::function<std::string(const std::string& connector, const std::string& flow)> error_owner;
};

/// Requests are answered by one thread of its own, in order, so that the journal's disk never holds up the server.
/// Lifecycle: construct, serve with handle(), stop(), destroy. The journal and the clock outlive it.
class AdminApi {
public:
    /// Requests waiting for the thread; more get 503.
    static constexpr std::size_t max_queued = 64;

    AdminApi(journal::Journal& journal, const Clock& clock, AdminHooks hooks);
    ~AdminApi();

    /// Any thread; returns at once.
    void handle(http::ServerRequest request, http::Respond respond);
    /// Answers what is queued, then nothing more.
    void stop();

private:
    struct Job {
        http::ServerRequest request;
        http::Respond respond;
    };
    void run();
    http::Response answer(const http::ServerRequest& request);
    http::Response list(journal::EventFilter filter, bool dead_letters);
    http::Response show(std::int64_t seq);
    http::Response act(std::int64_t seq, const std::string& action, const http::ServerRequest& request);
    static http::Response started(const Result<journal::Appended>& appended);
    http::Response resume(const std::string& connector);

    journal::Journal& journal_;
    const Clock& clock_;
    AdminHooks hooks_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;   ///< under mutex_
    bool stopping_ = false;  ///< under mutex_
    std::thread thread_;
};

}  // namespace sluice::host
