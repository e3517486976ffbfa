#pragma once
// The admin API: the one door to a running host. Reference: docs/operating.md.

#include <cstddef>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/http/server.hpp"
#include "core/journal/journal.hpp"
#include "host/admin/admin_hooks.hpp"
#include "host/admin/controls_api.hpp"
#include "host/admin/dead_letters_api.hpp"
#include "host/admin/events_api.hpp"
#include "host/admin/worker.hpp"

namespace sluice::host {

/// Requests are answered by two threads of its own, each in order, so that the journal's disk never holds up the
/// server: one for what is quick, one for what takes its time (dry runs, backups, checks).
/// Lifecycle: construct, serve with handle(), stop(), destroy. The journal and the clock outlive it.
class AdminApi {
public:
    /// Requests waiting for a thread; more get 503.
    static constexpr std::size_t max_queued = 64;

    AdminApi(journal::Journal& journal, const Clock& clock, AdminHooks hooks);
    ~AdminApi();

    /// Any thread; returns at once.
    void handle(http::ServerRequest request, http::Respond respond);
    /// Answers what is queued, then nothing more.
    void stop();

private:
    http::Response answer(const http::ServerRequest& request);
    http::Response answer_events(const std::vector<std::string>& path, const journal::EventFilter& filter, bool get);
    http::Response answer_dead_letters(const std::vector<std::string>& path, const journal::EventFilter& filter,
                                       const http::ServerRequest& request);
    http::Response answer_connectors(const std::vector<std::string>& path, const journal::EventFilter& filter,
                                     const http::ServerRequest& request);
    http::Response answer_journal(const std::vector<std::string>& path, const http::ServerRequest& request);

    const AdminHooks hooks_;
    EventsApi events_;
    DeadLettersApi dead_letters_;
    ControlsApi controls_;
    Worker quick_, slow_;
};

}  // namespace sluice::host
