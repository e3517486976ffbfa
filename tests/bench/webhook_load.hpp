#pragma once
// Many signed webhooks over a few connections, as cheap to send as can be: what is measured is the server.

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::bench {

struct LoadResult {
    std::int64_t accepted = 0;  ///< answers of 200
    std::int64_t refused = 0;   ///< any other answer, or none
    double seconds = 0;
    double p50_ms = 0, p99_ms = 0;  ///< from the request's first byte written to the answer's last byte read
};

/// One HTTP request each, with a body, a signature and an id of its own, made before the clock starts.
class WebhookLoad {
public:
    /// Bytes of a body: what a small order has.
    static constexpr std::size_t body_bytes = 1'000;

    /// `first`: ids begin here, so that no two loads of one journal meet.
    WebhookLoad(std::int64_t first, int count);
    /// Sends all of them over so many kept-alive connections, one thread, epoll; one request at a time on each.
    LoadResult run(std::uint16_t port, int connections) const;

private:
    std::vector<std::string> requests_;
};

}  // namespace sluice::bench
