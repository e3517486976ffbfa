#pragma once
// `[nats.NAME]` with its secrets read.

#include <string>
#include <vector>

#include "core/credentials/secret.hpp"

namespace sluice::host {

/// How to reach and log in to a NATS server or cluster. Of user with password, token and creds file at most one is set.
struct NatsAccount {
    std::vector<std::string> urls;  ///< "nats://HOST:PORT", or all of them "tls://HOST:PORT"
    std::string user;
    Secret password, token;
    std::string creds_file;  ///< a user's JWT and NKey seed; libnats reads it at each connect
    std::string ca_file;     ///< what a tls:// server's certificate is checked against; "": the system's
};

bool same(const NatsAccount& left, const NatsAccount& right);

}  // namespace sluice::host
