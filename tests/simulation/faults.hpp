#pragma once
// What can go wrong, or happen late, twice or out of turn; and how often it did.

#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sluice::simulation {

// X(name, what it is)
#define SLUICE_SIMULATED_FAULTS(X)                                                    \
    X(crash_before_call, "the process dies before a journal call")                    \
    X(crash_after_call, "the process dies after a journal call, its answer unseen")   \
    X(crash_in_call, "the process dies between two writes of a journal call")         \
    X(power_loss_in_call, "power loss between two writes of a journal call")          \
    X(power_loss, "power loss between journal calls")                                 \
    X(power_loss_after_start, "power loss right after the journal was opened")        \
    X(crash_in_recovery, "the process dies while it opens the journal")               \
    X(sectors_lost, "a power loss undid sectors")                                     \
    X(disk_full, "a write met a full disk")                                           \
    X(disk_full_for_long, "the disk stays full for a while")                          \
    X(io_error, "an operation of the disk failed")                                    \
    X(failed_open, "the journal could not be opened at first")                        \
    X(clean_restart, "the host stops in order and starts again")                      \
    X(cancelled, "a stop cancels what runs")                                          \
    X(host_died, "one of two hosts dies")                                             \
    X(host_frozen, "a host stands still for longer than its leases")                  \
    X(lease_expired, "another host's lease ran out and its event was taken back")     \
    X(lease_lost, "the end of an attempt that had lost its lease was refused")        \
    X(unclaimed, "an event was gone when it was to be claimed")                       \
    X(reload, "a connector is stopped and started with another plan")                 \
    X(request_lost, "a call's request is lost")                                       \
    X(answer_lost, "a call had its effect and its answer is lost")                    \
    X(slow_call, "a call takes long")                                                 \
    X(hanging_call, "a call gets no answer until its deadline")                       \
    X(late_landing, "a call has its effect long after its caller gave it up")         \
    X(absorbed, "a call that landed twice had its effect once, by its key")           \
    X(session_expired, "a session is gone and the call is made again with a new one") \
    X(credentials_refused, "the other system refuses the account")                    \
    X(odoo_outage, "an Odoo database is down")                                        \
    X(vendor_outage, "an external system is down")                                    \
    X(vendor_tried, "one event finds out whether an external system is back")         \
    X(rate_limited, "a call is refused until later")                                  \
    X(busy, "a call is refused for now")                                              \
    X(held_by_admission, "admission lets nothing begin for a while")                  \
    X(rejected, "the other system refuses the record")                                \
    X(invalid, "an event breaks its contract")                                        \
    X(worker_killed, "an event kills the process that handles it")                    \
    X(odoo_killed, "an event takes the Odoo database down")                           \
    X(webhook_duplicated, "a webhook comes twice")                                    \
    X(webhook_reordered, "an older webhook comes after a newer one")                  \
    X(acknowledgement_lost, "a webhook was taken and its sender does not know")       \
    X(unreadable, "what came is no event and is kept as a dead letter")               \
    X(stale, "an event older than what is applied becomes a no-op")                   \
    X(superseded, "a newer event makes older ones needless")                          \
    X(superseded_at_once, "an event comes after a newer one that waits")              \
    X(batch, "several events are handed over at once")                                \
    X(emitted, "a delivery emits another event")                                      \
    X(state_conflict, "two deliveries changed one state")                             \
    X(expired, "an event is too old to be delivered")                                 \
    X(given_up, "an event failed too often")                                          \
    X(buried_unseen, "an event killed its process too often and is not tried again")  \
    X(clock_forward, "the wall clock is set forward")                                 \
    X(clock_back, "the wall clock is set back")                                       \
    X(clock_back_unseen, "the wall clock is set back while no host runs")             \
    X(paused, "an operator pauses a connector or a flow")                             \
    X(replayed, "an operator replays a dead letter")                                  \
    X(replayed_group, "an operator replays a group of dead letters")                  \
    X(discarded, "an operator discards a dead letter")                                \
    X(edited, "an operator edits a dead letter")                                      \
    X(contents_erased, "retention erases contents")                                   \
    X(events_erased, "retention erases events")                                       \
    X(flood, "a flow has more events than the engine keeps in memory")

enum class Fault : std::uint8_t {
#define SLUICE_SIMULATED_FAULT(name, what) name,
    SLUICE_SIMULATED_FAULTS(SLUICE_SIMULATED_FAULT)
#undef SLUICE_SIMULATED_FAULT
        count_
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::count_);

std::string_view name_of(Fault fault);
std::string_view meaning_of(Fault fault);

/// What happened in one run, or in many together.
struct Statistics {
    std::array<std::int64_t, fault_count> faults{};
    std::int64_t seeds = 0, steps = 0, journal_calls = 0, events = 0, attempts = 0, effects = 0, virtual_ms = 0;
    std::int64_t checks = 0;

    void hit(Fault fault, std::int64_t times = 1) { faults[static_cast<std::size_t>(fault)] += times; }
    std::int64_t hits(Fault fault) const { return faults[static_cast<std::size_t>(fault)]; }
    void add(const Statistics& other);
};

/// An invariant does not hold.
struct Violation : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A process ends at once: thrown out of whatever it was doing. Everything in its memory goes.
struct Death {
    enum class How : std::uint8_t { process, power } how = How::process;
    bool of_the_journal = false;  ///< and not only of the host that called it
};

}  // namespace sluice::simulation
