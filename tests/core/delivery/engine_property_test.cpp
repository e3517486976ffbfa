// Random verdicts over random keys, under virtual time, with crashes: nothing is lost, doubled or out of order.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/delivery/engine_script.hpp"
#include "tests/core/delivery/model_journal.hpp"

namespace sluice::delivery::testing {
namespace {

constexpr int limit = 4;
const std::vector<std::string> connectors = {"a", "b", "c"};

/// One run: the world around the engine, driven by one seed.
class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) { start_host(); }

    void append_some() {
        const auto number = random_.up_to(3);
        for (std::int64_t i = 0; i < number && appended_ < 150; ++i) {
            const auto& connector = connectors[static_cast<std::size_t>(random_.up_to(2))];
            const auto key = random_.up_to(9);
            journal_.append(++appended_, connector, key == 0 ? "" : std::to_string(key), now_ms_);
            engine_->on_appended(connector);
        }
    }

    void turn() {
        if (random_.up_to(400) == 0) crash();
        if (random_.up_to(60) == 0)
            for (const auto& name : connectors) engine_->resume(name);
        for (auto& action : engine_->step(now_ms_)) under_way_.push_back(std::move(action));
        ASSERT_LE(engine_->buffered(), connectors.size() * Engine::window);
        if (!under_way_.empty() && random_.up_to(3) != 0) {
            // Any of what is under way ends next: loads, claims and ends overtake each other.
            const auto index =
                static_cast<std::size_t>(random_.up_to(static_cast<std::int64_t>(under_way_.size()) - 1));
            auto action = std::move(under_way_[index]);
            under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(index));
            std::visit([this](auto& one) { carry_out(one); }, action);
        } else if (!running_.empty() && random_.up_to(2) != 0) {
            end_one_delivery();
        } else {
            now_ms_ += random_.up_to(200);
        }
    }

    bool settled() const {
        return appended_ >= 150 && std::ranges::all_of(journal_.events(), [&](const auto& entry) {
                   const auto& event = entry.second;
                   return event.state == journal::EventState::done || event.state == journal::EventState::dead ||
                          journal_.is_held(event);
               });
    }

    void check_end() const {
        for (const auto& [seq, event] : journal_.events()) {
            const bool rejected = rejected_.contains(seq);
            const auto counted = counted_.contains(seq) ? counted_.at(seq) : 0;
            EXPECT_EQ(event.state == journal::EventState::dead, rejected || counted >= limit)
                << "event " << seq << ", " << counted << " counted failures";
            EXPECT_EQ(event.state == journal::EventState::done, done_.contains(seq));
        }
    }

private:
    void start_host() {
        std::vector<ConnectorPlan> plans;
        for (const auto& name : connectors) {
            const RetryPolicy policy{.base_ms = 50, .cap_ms = 400, .limit = limit, .holds_key = name == "a"};
            plans.push_back(plan(name, name == "c" ? 1 : 3, name == "c" ? "second" : "main", policy));
            plans.back().external = name == "a" ? "shop" : "warehouse";
        }
        engine_ = std::make_unique<Engine>(std::move(plans), static_cast<std::uint64_t>(random_.up_to(1 << 30)));
    }

    void crash() {
        for (const auto& [seq, event] : journal_.events()) {
            if (event.state != journal::EventState::claimed) continue;
            ++counted_[seq];
            in_doubt_.insert(seq);
        }
        journal_.crash(now_ms_);
        under_way_.clear();
        running_.clear();
        start_host();
    }

    void carry_out(Load& load) {
        engine_->on_loaded(load.connector, load.flow, journal_.ready(load.connector, now_ms_, load.limit),
                           journal_.next_available(load.connector, now_ms_));
    }
    void carry_out(ClaimEvents& action) {
        for (const auto seq : action.seqs) claim(action.connector, static_cast<int>(journal::to_int(seq)));
    }
    void claim(const std::string& connector, int seq) {
        const auto claimed = journal_.claim(seq);
        if (!claimed) {
            engine_->on_unclaimed(connector, journal::Seq{seq});
            return;
        }
        EXPECT_LT(claimed->counted_failures, limit) << "delivered beyond the limit";
        EXPECT_EQ(claimed->attempt_unknown, in_doubt_.contains(seq)) << "event " << seq;
        running_.push_back(*claimed);
    }
    void carry_out(FinishEvent& action) {
        const int seq = static_cast<int>(journal::to_int(action.seq));
        journal_.finish(seq, action.finish);
        const auto failure = failures_.at(seq);
        if (failure.counts) ++counted_[seq];
        if (failure.rejected) rejected_.insert(seq);
        if (action.finish.kind == journal::Finish::Kind::done) {
            EXPECT_TRUE(done_.insert(seq).second) << "done twice";
        }
        engine_->on_finished(action.connector, action.seq);
    }
    void carry_out(DeadLetterEvent& action) {
        const int seq = static_cast<int>(journal::to_int(action.seq));
        if (!journal_.claim(seq)) {
            engine_->on_unclaimed(action.connector, action.seq);
            return;
        }
        journal_.finish(seq, action.finish);
        engine_->on_finished(action.connector, action.seq);
    }
    void carry_out(Probe& action) { engine_->on_probe(action.odoo, random_.up_to(1) == 0, now_ms_); }
    void carry_out(Paused&) {}
    void carry_out(OutageChanged&) {}

    void end_one_delivery() {
        const auto index = static_cast<std::size_t>(random_.up_to(static_cast<std::int64_t>(running_.size()) - 1));
        const auto event = running_[index];
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
        engine_->on_verdict(event.connector, event, some_verdict(event), now_ms_);
    }

    Verdict some_verdict(const journal::EventSummary& event) {
        auto& failure = failures_[static_cast<int>(journal::to_int(event.seq))];
        failure = {};
        switch (random_.up_to(19)) {
            case 0:
                failure.rejected = true;
                return failed(Failure::rejected);
            case 1:
                return failed(Failure::auth);
            case 2:
                return failed(Failure::rate_limited, "429", random_.up_to(300));
            case 3:
            case 4:
                failure.counts = true;
                in_doubt_.insert(static_cast<int>(journal::to_int(event.seq)));
                return failed(Failure::unknown);
            case 5:
                return outage(Failure::retry);
            case 6:
                // What an Odoo died over counts.
                failure.counts = true;
                in_doubt_.insert(static_cast<int>(journal::to_int(event.seq)));
                return outage(Failure::unknown);
            case 7:
                return failed(Failure::cancelled);
            case 8:
            case 9:
            case 10:
                failure.counts = true;
                return failed(Failure::retry);
            case 11:
                return external_outage();
            case 12:
            case 13:
                return external_answered();
            default:
                return {};
        }
    }

    /// What a verdict should mean, said here a second time.
    struct Expected {
        bool counts = false, rejected = false;
    };

    Random random_;
    std::int64_t now_ms_ = 1'000'000;
    int appended_ = 0;
    ModelJournal journal_;
    std::unique_ptr<Engine> engine_;
    std::vector<Action> under_way_;
    std::vector<journal::EventSummary> running_;
    std::map<int, Expected> failures_;  ///< of the last verdict
    std::map<int, int> counted_;        ///< what should count, kept apart from the journal
    std::set<int> rejected_, done_, in_doubt_;
};

TEST(EngineProperties, NothingIsLostDoubledOrOutOfOrder) {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(fmt::format("seed {}", seed));
        World world(seed);
        int turns = 0;
        while (!world.settled() && turns < 200'000 && !::testing::Test::HasFailure()) {
            if (turns++ % 5 == 0) world.append_some();
            world.turn();
        }
        ASSERT_LT(turns, 200'000) << "the engine stands still though events are ready";
        world.check_end();
        ASSERT_FALSE(::testing::Test::HasFailure());
    }
}

TEST(EngineProperties, MemoryIsAWindowOverAHundredThousandEvents) {
    constexpr int events = 100'000;
    ModelJournal journal;
    for (int seq = 1; seq <= events; ++seq) journal.append(seq, "shop", std::to_string(seq % 30'000), 0);
    Engine engine({plan("shop", 8)}, 1);
    std::size_t most = 0;
    int done = 0, loads = 0;
    for (bool busy = true; busy;) {
        const auto actions = engine.step(1'000);
        busy = !actions.empty();
        for (const auto& action : actions) {
            if (const auto* load = std::get_if<Load>(&action)) {
                ++loads;
                engine.on_loaded("shop", "order", journal.ready("shop", 1'000, load->limit), std::nullopt);
            } else if (const auto* claim = std::get_if<ClaimEvents>(&action)) {
                for (const auto seq : claim->seqs)
                    engine.on_verdict("shop", *journal.claim(static_cast<int>(journal::to_int(seq))), {}, 1'000);
            } else if (const auto* end = std::get_if<FinishEvent>(&action)) {
                journal.finish(static_cast<int>(journal::to_int(end->seq)), end->finish);
                engine.on_finished("shop", end->seq);
                ++done;
            }
        }
        most = std::max(most, engine.buffered());
    }
    EXPECT_EQ(done, events);
    EXPECT_LE(most, static_cast<std::size_t>(Engine::window));
    EXPECT_LT(loads, events / 100) << "a load serves a whole window";
}

}  // namespace
}  // namespace sluice::delivery::testing
