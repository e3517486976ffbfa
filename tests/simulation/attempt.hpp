#pragma once
// One event being handled: what the host's handler and a plugin do between a claim and its verdict.

#include <functional>
#include <memory>
#include <string>

#include "core/delivery/engine.hpp"
#include "tests/simulation/remote.hpp"

namespace sluice::simulation {

/// What an attempt needs of its host.
class AttemptContext {
public:
    virtual ~AttemptContext() = default;
    virtual CheckedJournal& journal() = 0;
    virtual Remote& remote(const ConnectorScript& connector, const FlowScript& flow) = 0;
    virtual int& session_with(const Remote& remote) = 0;
    /// Fills in who calls; answers the call's number.
    virtual std::int64_t call(Remote& remote, Remote::Call call) = 0;
};

/// As PluginHandler and HostDelivery do it: a revision older than the applied one is a no-op; an attempt in doubt looks
/// before each effect; no call begins after the deadline or a cancel; what may have been sent leaves a doubt.
/// Owned by a shared pointer: answers may come when it is over. `claim` outlives it.
class Attempt : public std::enable_shared_from_this<Attempt> {
public:
    /// `deadline_ms`: steady; no call begins after it. `done` is called once.
    Attempt(const Environment& environment, AttemptContext& context, const journal::Claim& claim,
            std::int64_t deadline_ms, std::function<void(delivery::Verdict)> done);
    void begin();
    void cancel();

private:
    void next_effect();
    void call(bool writes);
    void on_reply(bool writes, const Reply& reply);
    void done();
    void failed(Failure failure, std::string message, bool disconnected = false, std::int64_t retry_after_ms = -1);
    Effect effect() const;

    Environment environment_;
    AttemptContext& context_;
    const journal::Claim& claim_;
    const ConnectorScript& connector_;
    const FlowScript& flow_;
    Fate fate_;
    Remote& remote_;
    std::function<void(delivery::Verdict)> done_;
    std::int64_t deadline_ms_, call_deadline_ms_ = 0;  ///< steady
    journal::StateValue counter_;
    std::int64_t call_ = 0;
    int effect_ = 0, renewals_ = 0;
    bool answered_ = false;  ///< the other system said something in this attempt
    bool reached_ = false, calling_ = false, cancelled_ = false, ended_ = false;
};

}  // namespace sluice::simulation
