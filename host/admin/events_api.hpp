#pragma once
// Events as the admin API shows them.

#include <cstdint>

#include "core/http/server.hpp"
#include "core/journal/journal.hpp"
#include "host/admin/admin_hooks.hpp"

namespace sluice::host {

/// One thread at a time, or several. The journal and the hooks outlive it.
class EventsApi {
public:
    EventsApi(journal::Journal& journal, const AdminHooks& hooks) : journal_(journal), hooks_(hooks) {}

    http::Response list(const journal::EventFilter& filter) const;
    http::Response show(std::int64_t seq) const;
    http::Response dry_run(std::int64_t seq) const;

private:
    journal::Journal& journal_;
    const AdminHooks& hooks_;
};

}  // namespace sluice::host
