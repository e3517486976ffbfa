#pragma once
// The client's one connection, step by step. It knows sockets, TLS and HTTP's framing; what a failed step means is the
// Client's.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "core/http/client.hpp"

namespace sluice::http {

/// How a step ended.
enum class StepEnd : std::uint8_t { done, failed, timed_out, cancelled, too_large };

struct Step {
    StepEnd end = StepEnd::done;
    std::string cause;  ///< for the operator; "" where done
    bool done() const { return end == StepEnd::done; }
};

/// One owner, one thread, except cancel() and reset(). Any step but a done one leaves the connection closed.
class ClientConnection {
public:
    using Deadline = std::chrono::steady_clock::time_point;

    static constexpr std::uint32_t max_response_header_bytes = 64 * 1024;
    /// Interim answers (1xx) taken before the real one.
    static constexpr int max_interim_responses = 16;

    /// A connection kept longer is not used again: firewalls forget it silently, and servers close it in the moment of
    /// its use.
    static constexpr std::chrono::seconds max_idle{30};

    ClientConnection(const Endpoint& endpoint, std::size_t max_response_bytes);
    ~ClientConnection();
    ClientConnection(const ClientConnection&) = delete;
    ClientConnection& operator=(const ClientConnection&) = delete;

    /// True where a connection is kept from the last exchange and the other side has neither closed it nor sent
    /// anything.
    bool is_usable() const;
    /// Resolves, connects, shakes hands.
    Step open(Deadline deadline);
    /// Writes the whole request. `bytes_sent` becomes true where the other side may have got any of it. A failure
    /// leaves the connection open for reading: an answer that came before the request's end says why.
    Step write(const Request& request, Deadline deadline, bool& bytes_sent);
    /// Reads one whole answer, skipping interim ones. `answer_begun` becomes true with its first byte. Closes the
    /// connection where the server does not keep it.
    Step read(const Request& request, Deadline deadline, Response& response, bool& answer_begun);
    void close();

    /// Any thread; sticky until reset().
    void cancel();
    void reset();
    bool is_cancelled() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::http
