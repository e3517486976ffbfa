#pragma once
// A script of inputs for the engine and the actions it answers, one line each.

#include <fmt/core.h>
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "core/delivery/engine.hpp"

namespace sluice::delivery::testing {

inline journal::EventSummary event(int seq, std::string connector = "shop", std::int64_t available_at_ms = 0) {
    journal::EventSummary event;
    event.seq = journal::Seq{seq};
    event.connector = std::move(connector);
    event.flow = event.order = "order";
    event.ordering_key = std::to_string(seq);
    event.available_at_ms = available_at_ms;
    event.attempts = 1;
    return event;
}

inline Verdict failed(Failure failure, std::string message = "no", std::int64_t retry_after_ms = -1) {
    Verdict verdict;
    verdict.error = Error{.failure = failure, .message = std::move(message), .retry_after_ms = retry_after_ms};
    return verdict;
}

inline Verdict outage(Failure failure) {
    auto verdict = failed(failure);
    verdict.outage = true;
    return verdict;
}

inline Verdict external_outage(Failure failure = Failure::retry) {
    auto verdict = failed(failure);
    verdict.external_outage = true;
    return verdict;
}

inline Verdict external_answered(Verdict verdict = {}) {
    verdict.external_answered = true;
    return verdict;
}

inline ConnectorPlan plan(std::string name, int lanes = 2, std::string odoo = "main", RetryPolicy policy = {}) {
    return {.name = std::move(name),
            .lanes = lanes,
            .odoo = std::move(odoo),
            .flows = {{"order", {.retry = policy, .order = "order"}}}};
}

inline std::string to_line(const Action& action) {
    struct Visitor {
        std::string operator()(const Load& load) const {
            return fmt::format("load {}{} {}", load.connector, load.flow == "order" ? "" : "/" + load.flow, load.limit);
        }
        std::string operator()(const ClaimEvents& claim) const {
            auto line = fmt::format("claim {}", claim.connector);
            for (const auto seq : claim.seqs) line += fmt::format(" {}", journal::to_int(seq));
            return line;
        }
        std::string operator()(const FinishEvent& end) const {
            static constexpr const char* kinds[] = {"done", "again", "dead"};
            return fmt::format("finish {} {} {} {}", end.connector, journal::to_int(end.seq),
                               kinds[static_cast<int>(end.finish.kind)], end.finish.verdict);
        }
        std::string operator()(const DeadLetterEvent& end) const {
            return fmt::format("bury {} {} {}", end.connector, journal::to_int(end.seq), end.finish.verdict);
        }
        std::string operator()(const Probe& probe) const { return fmt::format("probe {}", probe.odoo); }
        std::string operator()(const OutageChanged& outage) const {
            return fmt::format("outage {}{} {}", outage.odoo, outage.external, outage.begun ? "begins" : "ends");
        }
        std::string operator()(const Paused& paused) const {
            return fmt::format("paused {}: {}", paused.connector, paused.reason);
        }
    };
    return std::visit(Visitor{}, action);
}

/// The engine with a clock of its own; step() answers the actions as lines.
struct Script {
    explicit Script(std::vector<ConnectorPlan> plans, Admission* admission = nullptr)
        : engine(std::move(plans), 1, admission) {}

    std::vector<std::string> step() {
        last = engine.step(now_ms);
        std::vector<std::string> lines;
        for (const auto& action : last) lines.push_back(to_line(action));
        return lines;
    }
    /// Answers the Load of a flow with these events.
    void load(const std::string& connector, std::vector<int> seqs, std::optional<std::int64_t> next = std::nullopt,
              const std::string& flow = "order") {
        std::vector<journal::EventSummary> events;
        for (const int seq : seqs) {
            events.push_back(event(seq, connector));
            events.back().flow = flow;
        }
        engine.on_loaded(connector, flow, std::move(events), next);
    }
    /// The verdict on an event, and what the engine makes of it.
    journal::Finish end(const journal::EventSummary& of, Verdict verdict) {
        engine.on_verdict(of.connector, of, std::move(verdict), now_ms);
        const auto actions = engine.step(now_ms);
        for (const auto& action : actions) {
            if (const auto* finish = std::get_if<FinishEvent>(&action)) {
                engine.on_finished(of.connector, of.seq);
                return finish->finish;
            }
        }
        ADD_FAILURE() << "no end was decided";
        return {};
    }

    Engine engine;
    std::int64_t now_ms = 1'000'000;
    std::vector<Action> last;
};

}  // namespace sluice::delivery::testing
