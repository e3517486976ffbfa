#pragma once
// Which Odoo answers.

#include <mutex>
#include <optional>
#include <string>

#include "core/base/result.hpp"
#include "core/http/client.hpp"

namespace sluice::odoo {

struct ServerVersion {
    int major = 0;     ///< 17; of "saas~17.4" 17
    std::string text;  ///< "17.0-20240701", for people
};

/// Asks, over a client somebody may cancel, without a login: POST /web/webclient/version_info
/// (web/controllers/webclient.py), in all versions from 16 to 19. Where a page answers instead (a proxy that lets only
/// some paths through), GET /json/version, from 19 on, and common.version over /jsonrpc. Blocking; errors as of any
/// call that changes nothing, the first path's where no path is answered.
Result<ServerVersion> ask_version(http::Client& http, http::Timeouts timeouts);

/// What was answered once, for all lanes of a database. Any thread; an error is not kept.
class KnownVersion {
public:
    Result<ServerVersion> get(http::Client& http, http::Timeouts timeouts);
    /// Asks again and keeps that: a database may have been upgraded under a running host.
    Result<ServerVersion> refresh(http::Client& http, http::Timeouts timeouts);

private:
    std::mutex mutex_;
    std::optional<ServerVersion> version_;
};

}  // namespace sluice::odoo
