#pragma once
// Which Odoo answers, for `protocol = "auto"`.

#include <cstdint>
#include <optional>
#include <vector>

#include "core/http/client.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo {

/// Odoo's version as its `server_version_info` begins: 17.0 is {17, 0}, saas~18.2 is {18, 2}.
struct Version {
    int major = 0, minor = 0;
};

/// What may be asked for the version, without an account, in this order: each is worth trying where the one before was
/// not answered by Odoo (a proxy that lets only some paths through).
/// POST /web/webclient/version_info (all versions), GET /json/version (from 19 on), common.version by POST /jsonrpc.
std::vector<http::Request> version_requests(std::int64_t id);

/// The version an answer to one of these names; nothing where it names none.
std::optional<Version> read_version(const http::Response& response);

/// JSON-2 is there from this version on.
inline constexpr int first_version_with_json2 = 19;

}  // namespace sluice::odoo
