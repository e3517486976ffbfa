#pragma once
// What people make a running host do: pause, resume, start flows, look after the journal.

#include <string>

#include "core/base/clock.hpp"
#include "core/http/server.hpp"
#include "core/journal/journal.hpp"
#include "host/admin/admin_hooks.hpp"

namespace sluice::host {

/// backup() and check() block for as long as reading the journal takes; any thread. The journal, the clock and the
/// hooks outlive it.
class ControlsApi {
public:
    ControlsApi(journal::Journal& journal, const Clock& clock, const AdminHooks& hooks)
        : journal_(journal), clock_(clock), hooks_(hooks) {}

    /// `flow` "" is the whole connector. {"reason"}
    http::Response pause(const std::string& connector, const std::string& flow,
                         const http::ServerRequest& request) const;
    http::Response resume(const std::string& connector, const std::string& flow,
                          const http::ServerRequest& request) const;
    http::Response trigger(const std::string& connector, const std::string& flow, const std::string& data) const;
    http::Response sweep(const std::string& connector, const std::string& flow) const;
    /// {"from","to","repair"}, all of which may be left out; times as RFC 3339 has them, or days.
    http::Response reconcile(const std::string& connector, const std::string& flow,
                             const http::ServerRequest& request) const;
    http::Response reconcile_report(const std::string& connector, const std::string& flow, std::int64_t page) const;
    /// {"file"}: an absolute path of a file that is not there.
    http::Response backup(const http::ServerRequest& request) const;
    http::Response check() const;

private:
    journal::Journal& journal_;
    const Clock& clock_;
    const AdminHooks& hooks_;
};

}  // namespace sluice::host
