#pragma once
// A journal that hands every call on: a test overrides what it wants to fail.

#include "core/journal/journal.hpp"

namespace sluice::journal::testing {

class ForwardingJournal : public Journal {
public:
    explicit ForwardingJournal(Journal& journal) : journal_(journal) {}

    Result<std::vector<Appended>> append(std::vector<NewEvent> events) override {
        return journal_.append(std::move(events));
    }
    void append_async(std::vector<NewEvent> events, std::function<void(Result<std::vector<Appended>>)> done) override {
        return journal_.append_async(std::move(events), std::move(done));
    }
    Result<std::vector<EventSummary>> ready(const std::string& connector, const std::string& flow,
                                            std::int64_t until_ms, int limit) override {
        return journal_.ready(connector, flow, until_ms, limit);
    }
    Result<std::optional<std::int64_t>> next_available(const std::string& connector, const std::string& flow,
                                                       std::int64_t after_ms) override {
        return journal_.next_available(connector, flow, after_ms);
    }
    Result<void> shift_available(std::int64_t step_ms, std::int64_t now_ms) override {
        return journal_.shift_available(step_ms, now_ms);
    }
    Result<std::vector<Claim>> claim(const std::vector<Seq>& seqs, const LeaseTerms& terms,
                                     std::int64_t now_ms) override {
        return journal_.claim(seqs, terms, now_ms);
    }
    Result<void> finish(const Lease& lease, const Finish& finish, std::int64_t now_ms) override {
        return journal_.finish(lease, finish, now_ms);
    }
    std::vector<Result<void>> finish_all(const std::vector<Ending>& endings, std::int64_t now_ms) override {
        return journal_.finish_all(endings, now_ms);
    }
    Result<std::vector<Lease>> renew(const std::vector<Lease>& leases, std::int64_t until_ms) override {
        return journal_.renew(leases, until_ms);
    }
    Result<std::vector<EventSummary>> expire_leases(const std::string& own_host, std::int64_t now_ms) override {
        return journal_.expire_leases(own_host, now_ms);
    }
    Result<std::string> applied_revision(const std::string& connector, const std::string& order,
                                         const std::string& ordering_key) override {
        return journal_.applied_revision(connector, order, ordering_key);
    }
    Result<StateValue> get_state(const std::string& connector, const std::string& name) override {
        return journal_.get_state(connector, name);
    }
    Result<std::vector<NamedState>> states(const std::string& connector, const std::string& after,
                                           const std::string& up_to, int limit) override {
        return journal_.states(connector, after, up_to, limit);
    }
    Result<std::optional<EventSummary>> find(Seq seq) override { return journal_.find(seq); }
    Result<std::vector<EventSummary>> list(const EventFilter& filter) override { return journal_.list(filter); }
    Result<std::optional<EventDetail>> show(Seq seq) override { return journal_.show(seq); }
    Result<Counts> counts(const std::string& connector) override { return journal_.counts(connector); }
    Result<std::vector<FlowCounts>> flow_counts(const std::string& connector) override {
        return journal_.flow_counts(connector);
    }
    Result<std::vector<std::string>> connectors() override { return journal_.connectors(); }
    Result<std::vector<DeadLetterGroup>> dead_letter_groups(const EventFilter& filter) override {
        return journal_.dead_letter_groups(filter);
    }
    Result<void> replay(Seq seq, const std::string& who, std::int64_t now_ms) override {
        return journal_.replay(seq, who, now_ms);
    }
    Result<void> discard(Seq seq, const std::string& who, const std::string& reason, std::int64_t now_ms) override {
        return journal_.discard(seq, who, reason, now_ms);
    }
    Result<std::vector<Seq>> replay_all(const EventFilter& filter, const std::string& who,
                                        std::int64_t now_ms) override {
        return journal_.replay_all(filter, who, now_ms);
    }
    Result<std::vector<Seq>> discard_all(const EventFilter& filter, const std::string& who, const std::string& reason,
                                         std::int64_t now_ms) override {
        return journal_.discard_all(filter, who, reason, now_ms);
    }
    Result<void> edit(Seq seq, std::string payload, const std::string& who, const std::string& reason,
                      std::int64_t now_ms) override {
        return journal_.edit(seq, std::move(payload), who, reason, now_ms);
    }
    Result<void> pause(const Pause& pause) override { return journal_.pause(pause); }
    Result<bool> resume(const std::string& connector, const std::string& flow) override {
        return journal_.resume(connector, flow);
    }
    Result<std::vector<Pause>> pauses() override { return journal_.pauses(); }
    Result<Erased> erase(const Retention& retention) override { return journal_.erase(retention); }
    Result<ClockTrust> clock_trust() override { return journal_.clock_trust(); }
    Result<void> keep_clock_trust(const ClockTrust& trust) override { return journal_.keep_clock_trust(trust); }
    Result<void> backup(const std::filesystem::path& file) override { return journal_.backup(file); }
    Result<void> check(std::stop_token stop) override { return journal_.check(stop); }

protected:
    Journal& journal_;
};

}  // namespace sluice::journal::testing
