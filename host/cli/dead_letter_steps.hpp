#pragma once
// Many dead letters at once: a canary before the rest, and everything in bounded steps.

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/json.hpp"

namespace sluice::host {

/// Which dead letters are meant.
struct Selection {
    std::string connector, flow, fingerprint;
    bool all = false;  ///< also where nothing else is said

    bool is_empty() const { return connector.empty() && flow.empty() && fingerprint.empty() && !all; }
};

/// Decides step by step, by requests to a host. The functions answer the exit status; what they do they say on `out`,
/// what keeps them from it on `errors`. Interrupted at any time, what was done so far is done and nothing else.
class DeadLetterSteps {
public:
    /// The host's answer; nothing where it told why there is none.
    using Ask = std::function<std::optional<json::Document>(std::string_view method, const std::string& target,
                                                            const std::string& body)>;
    /// Waits so many milliseconds.
    using Wait = std::function<void(std::int64_t ms)>;
    static constexpr std::int64_t poll_ms = 500;  ///< between two looks at the canary
    static constexpr int step = 1'000;            ///< one transaction changes at most so many
    /// One that ends without a try (its record is newer by now) is followed by the next oldest, up to so many.
    static constexpr int max_canaries = 10;

    DeadLetterSteps(Ask ask, Wait wait, std::ostream& out, std::ostream& errors)
        : ask_(std::move(ask)), wait_(std::move(wait)), out_(out), errors_(errors) {}

    enum class Canary {
        first,  ///< the oldest alone; the rest where it ends done
        only,   ///< the oldest alone
        none,   ///< all at once
    };
    /// `timeout_ms` is how long a canary may take.
    int replay(Selection selection, Canary canary, std::int64_t timeout_ms);
    /// What was done, also where something kept it from the rest: {"changed": 41, "passed_over": 0, "canary": 7}; 0 is
    /// no canary.
    std::string summary() const;
    /// How many are meant. A cause without connector and flow is narrowed to the one line of `groups` that it is.
    /// Nothing where it is several, or the host cannot be asked.
    std::optional<std::int64_t> count(Selection& selection);
    int discard(Selection selection, const std::string& reason);

private:
    std::optional<json::Document> ask_step(std::string_view what, const Selection& selection, std::int64_t after,
                                           const std::string& reason);
    std::optional<std::int64_t> oldest(const Selection& selection);
    /// How a canary ended; nothing where the others are to be left alone, and it was told why.
    enum class CanaryEnd : std::uint8_t { done, untried };
    std::optional<CanaryEnd> watch(std::int64_t seq, std::int64_t timeout_ms);
    /// Canaries until one was tried and is done.
    int try_canaries(const Selection& selection, std::int64_t number, std::int64_t timeout_ms);
    int change_all(std::string_view what, std::string_view word, const Selection& selection, const std::string& reason);

    Ask ask_;
    Wait wait_;
    std::ostream& out_;
    std::ostream& errors_;
    std::int64_t changed_ = 0, passed_over_ = 0, canary_ = 0;
};

}  // namespace sluice::host
