#pragma once
// NATS JetStream as a QueueSource: libnats, and everything this program knows of it. For servers from 2.9 on.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "host/queue/names.hpp"
#include "host/queue/nats_account.hpp"
#include "host/queue/source.hpp"

namespace sluice::host {

/// What a consumer that is made here has; one that is there keeps its own, as far as nothing can get lost by it.
inline constexpr std::int64_t jetstream_ack_wait_ms = 10'000;
inline constexpr std::int64_t jetstream_max_ack_pending = 1'000;
/// A consumer that is made again begins with what was stored so long before the newest message that is journalled: a
/// broker's members differ in their clocks, and what was handed out and not acknowledged may be older. What comes twice
/// by that the journal knows (journal: ids).
inline constexpr std::int64_t jetstream_again_ms = 3'600'000;
/// How long connecting, and any one answer of the server, may take.
inline constexpr std::int64_t jetstream_answer_ms = 5'000;
/// A server that answers no ping for about two of these is taken for gone.
inline constexpr std::int64_t jetstream_ping_ms = 10'000;
/// A batch is at most as many messages as this has room for, were each as large as the server allows.
inline constexpr std::size_t jetstream_max_batch_bytes = 128 * 1024 * 1024;

/// Each open() makes a connection of its own, by the name `client` in the server's reports, and never reconnects it:
/// what was in hand when a connection broke is handed out again. The durable consumer is made where it is missing, and
/// begins by time: sequence numbers mean nothing in a stream that was restored from a backup, or made anew. One that is
/// there is not changed, and is Failure::invalid where it is not a pull consumer that acknowledges each message
/// explicitly, delivers without limit and filters by `names.subject`.
std::unique_ptr<QueueSource> make_jetstream(NatsAccount account, QueueNames names, std::string client);

}  // namespace sluice::host
