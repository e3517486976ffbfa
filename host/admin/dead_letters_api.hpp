#pragma once
// What people decide about dead letters: one by one, and all of one cause.

#include <cstdint>
#include <string>

#include "core/base/clock.hpp"
#include "core/http/server.hpp"
#include "core/journal/journal.hpp"
#include "host/admin/admin_hooks.hpp"

namespace sluice::host {

class Body;

/// One thread. The journal, the clock and the hooks outlive it.
class DeadLettersApi {
public:
    /// One transaction changes at most so many; who wants more asks again from `next` on.
    static constexpr int max_step = 1'000;

    DeadLettersApi(journal::Journal& journal, const Clock& clock, const AdminHooks& hooks)
        : journal_(journal), clock_(clock), hooks_(hooks) {}

    http::Response list(journal::EventFilter filter) const;
    http::Response groups(const journal::EventFilter& filter) const;
    http::Response replay(std::int64_t seq, const http::ServerRequest& request) const;
    http::Response discard(std::int64_t seq, const http::ServerRequest& request) const;
    /// {"reason", "set":[{"pointer","value"}], "remove":["/a"]} or {"reason", "payload"}; with "replay": true it is
    /// delivered again at once.
    http::Response edit(std::int64_t seq, const http::ServerRequest& request) const;
    /// {"connector", "flow", "fingerprint", "all", "after", "limit"}: a step of those that are meant. 409 where
    /// a fingerprint is that of several groups and connector and flow do not say which.
    http::Response replay_all(const http::ServerRequest& request) const;
    /// The same, and {"reason"}.
    http::Response discard_all(const http::ServerRequest& request) const;

private:
    /// The event where it is a dead letter, else the answer that says so.
    std::expected<journal::EventDetail, http::Response> dead_letter(std::int64_t seq) const;
    template <class Change>
    http::Response change_all(const journal::EventFilter& filter, std::string_view word, Change change) const;

    journal::Journal& journal_;
    const Clock& clock_;
    const AdminHooks& hooks_;
};

}  // namespace sluice::host
