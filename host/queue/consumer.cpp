#include "host/queue/consumer.hpp"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "host/queue/message.hpp"

namespace sluice::host {
namespace {

/// Of the ack wait, how much passes between two signs that a batch is still being worked on.
constexpr std::int64_t signs_per_ack_wait = 3;

constexpr std::int64_t ns_per_ms = 1'000'000;

/// Whether an operator would call both the same trouble.
bool same_trouble(const Error& one, const Error& other) {
    return one.failure == other.failure && one.disconnected == other.disconnected;
}

}  // namespace

QueueConsumer::QueueConsumer(std::shared_ptr<const Connector> connector, const contract::Flow& flow, QueueNames names,
                             std::unique_ptr<QueueSource> source, std::shared_ptr<QueueTally> tally,
                             journal::Intake& journal, const Clock& clock, const telemetry::Logger& log, Hooks hooks,
                             std::uint64_t seed)
    : connector_(std::move(connector)),
      flow_(flow),
      names_(std::move(names)),
      source_(std::move(source)),
      tally_(std::move(tally)),
      journal_(journal),
      clock_(clock),
      log_(log),
      hooks_(std::move(hooks)),
      random_(seed),
      status_{.flow = flow.name, .stream = names_.stream, .consumer = names_.consumer, .since_ms = clock.now_ms()} {}

void QueueConsumer::run() {
    while (pause(step())) {
    }
    keep_place(0);
    source_->close();
}

std::int64_t QueueConsumer::step() {
    if (!open_) return open();
    if (const auto now_ms = clock_.steady_ms(); now_ms < held_until_ms_) {
        set_waiting("redelivery");
        return held_until_ms_ - now_ms;
    }
    const auto room = hooks_.room(connector_->name);
    if (room <= 0) {
        set_waiting("backlog");
        return backlog_pause_ms;
    }
    set_waiting("");
    const auto began_ms = clock_.steady_ms();
    auto batch = source_->fetch(static_cast<int>(std::min<std::int64_t>(room, max_batch)), fetch_wait_ms);
    if (!batch) return lost(batch.error());
    fetched();
    if (batch->empty()) keep_place(keep_place_ms);
    // A broker that has nothing and says so at once must not be asked without end.
    if (batch->empty()) return clock_.steady_ms() - began_ms < fetch_wait_ms / 2 ? empty_pause_ms : 0;
    return take(std::move(*batch));
}

std::int64_t QueueConsumer::open() {
    if (!loaded_ && hooks_.places != nullptr) {
        const auto kept = hooks_.places->load(connector_->name, flow_.name, names_);
        if (!kept) return lost(kept.error());
        place_ = kept_ = *kept;
    }
    loaded_ = true;
    // No later than now: by a broker's clock that was ahead the next messages would be left out.
    const auto opened = source_->open(
        {.sequence = place_.sequence, .stored_at_ns = std::min(place_.stored_at_ns, clock_.now_ms() * ns_per_ms)});
    if (!opened) return lost(opened.error());
    note_a_new_begin(*opened);
    open_ = true;
    ack_wait_ms_ = opened->ack_wait_ms;
    // What was handed out and is neither acknowledged nor in the journal by this object is on its way to nobody: to a
    // process that died, or into a connection that broke. It comes again after the ack wait, and before what is new,
    // but only then: to fetch now would be to overtake it.
    const bool unseen = opened->unacknowledged > 0 && opened->last_delivered > last_committed_;
    held_until_ms_ = unseen ? clock_.steady_ms() + ack_wait_ms_ + redelivery_margin_ms : 0;
    set_connected(true, "");
    if (unseen)
        log_.info("messages that were handed out before and never acknowledged are waited for, to keep the order",
                  subject(),
                  {{"stream", names_.stream},
                   {"messages", std::to_string(opened->unacknowledged)},
                   {"wait_ms", std::to_string(ack_wait_ms_ + redelivery_margin_ms)}});
    return 0;
}

void QueueConsumer::note_a_new_begin(const QueueSource::Opened& opened) {
    if (!opened.made && opened.last_delivered >= place_.sequence) return;
    if (place_.sequence > 0)
        log_.warning(opened.made
                         ? "the consumer was gone and is made again; it begins before the newest message that is "
                           "journalled, and what the journal knows is dropped"
                         : "the consumer stands before what is journalled (a broker that was restored, or another "
                           "stream of this name): what it tells again is dropped only where the journal knows it",
                     subject(),
                     {{"stream", names_.stream},
                      {"consumer", names_.consumer},
                      {"journalled", std::to_string(place_.sequence)},
                      {"handed_out", std::to_string(opened.last_delivered)}});
    // Their numbers say nothing about this one's.
    last_committed_ = 0;
    place_.sequence = 0;
}

void QueueConsumer::keep_place(std::int64_t for_ms) {
    const auto now_ms = clock_.steady_ms();
    if (hooks_.places == nullptr || !loaded_ || place_ == kept_ || place_.sequence == 0) return;
    if (now_ms - kept_at_ms_ < for_ms) return;
    kept_at_ms_ = now_ms;
    const auto kept = hooks_.places->save(connector_->name, flow_.name, names_, place_);
    if (kept) kept_ = place_;
    if (!kept && !place_told_)
        log_.warning("how far the stream is journalled cannot be kept: were its consumer lost, it would be told again",
                     subject(), {{"stream", names_.stream}, {"error", kept.error().message}});
    place_told_ = !kept;
}

/// The broker does what it should: only now a failure is over, since one that lets itself be opened may still refuse to
/// send.
void QueueConsumer::fetched() {
    failures_ = 0;
    if (!told_) return;
    log_.info("the queue is read again", subject(), {{"stream", names_.stream}, {"consumer", names_.consumer}});
    told_.reset();
}

std::int64_t QueueConsumer::lost(const Error& error) {
    open_ = false;
    source_->close();
    set_connected(false, error.message);
    if (!told_ || !same_trouble(*told_, error)) {
        log_.error("the queue cannot be read; it is tried again until it can", subject(),
                   {{"stream", names_.stream}, {"class", to_string(error.failure)}, {"error", error.message}});
        told_ = error;
    }
    return backoff_ms(failures_++);
}

std::int64_t QueueConsumer::take(std::vector<QueueMessage> batch) {
    auto highest = last_committed_;
    auto place = place_;
    std::vector<journal::NewEvent> events;
    events.reserve(batch.size());
    for (auto& message : batch) {
        highest = std::max(highest, message.sequence);
        if (message.sequence > place.sequence)
            place = {.sequence = message.sequence, .stored_at_ns = message.stored_at_ns};
        events.push_back(read_message(*connector_, flow_, std::move(message)));
    }
    std::vector<journal::Appended> appended;
    if (!append_until_taken(events, appended)) {
        source_->hand_back();
        return 0;
    }
    last_committed_ = highest;
    place_ = place;
    keep_place(keep_place_ms);
    count(events, appended);
    // Where the broker does not hear of it the batch comes again, and is dropped by its event_ids.
    const auto told = source_->acknowledge();
    return told ? 0 : lost(told.error());
}

bool QueueConsumer::append_until_taken(const std::vector<journal::NewEvent>& events,
                                       std::vector<journal::Appended>& appended) {
    bool refused = false;
    for (int failures = 0;; ++failures) {
        auto result = append(events);  // a copy: it is needed again where the journal refuses
        if (result) {
            if (refused) {
                set_waiting("");
                log_.info("the journal takes messages again", subject(), {{"stream", names_.stream}});
            }
            appended = std::move(*result);
            return true;
        }
        if (!refused) {
            log_.error("the journal refuses messages; they are kept and tried again until it takes them", subject(),
                       {{"stream", names_.stream},
                        {"messages", std::to_string(events.size())},
                        {"class", to_string(result.error().failure)},
                        {"error", result.error().message}});
        }
        refused = true;
        set_waiting("journal", result.error().message);
        for (auto left_ms = backoff_ms(failures); left_ms > 0;) {
            const auto slice_ms = std::clamp<std::int64_t>(ack_wait_ms_ / signs_per_ack_wait, 1, left_ms);
            if (!pause(slice_ms)) return false;
            source_->still_working();
            left_ms -= slice_ms;
        }
    }
}

QueueConsumer::Appended QueueConsumer::append(std::vector<journal::NewEvent> events) {
    auto promise = std::make_shared<std::promise<Appended>>();
    auto answer = promise->get_future();
    journal_.append_async(std::move(events), [promise](Appended result) { promise->set_value(std::move(result)); });
    const auto sign_ms = std::chrono::milliseconds(std::max<std::int64_t>(ack_wait_ms_ / signs_per_ack_wait, 1));
    while (answer.wait_for(sign_ms) != std::future_status::ready) source_->still_working();
    return answer.get();
}

void QueueConsumer::count(const std::vector<journal::NewEvent>& events,
                          const std::vector<journal::Appended>& appended) {
    std::int64_t deliverable = 0;
    for (std::size_t i = 0; i < events.size() && i < appended.size(); ++i) {
        if (appended[i].duplicate) {
            ++tally_->duplicates;
        } else if (events[i].dead_letter_reason.empty()) {
            ++deliverable;
        } else {
            ++tally_->unreadable;
            const auto seq = std::to_string(journal::to_int(appended[i].seq));
            log_.warning("message became a dead letter",
                         {.connector = connector_->name, .flow = flow_.name, .event = seq},
                         {{"detail", events[i].dead_letter_reason}});
        }
    }
    tally_->received += static_cast<std::int64_t>(events.size());
    if (deliverable > 0) hooks_.appended(connector_->name, deliverable);
}

std::int64_t QueueConsumer::backoff_ms(int failures) {
    constexpr int most_doublings = 16;
    const auto whole = std::min(backoff_base_ms << std::min(failures, most_doublings), backoff_cap_ms);
    return whole / 2 + random_.up_to(whole / 2);
}

/// False where stop() was called.
bool QueueConsumer::pause(std::int64_t ms) {
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, std::chrono::milliseconds(ms), [this] { return stopping_; });
    return !stopping_;
}

void QueueConsumer::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
}

void QueueConsumer::set_connected(bool connected, std::string problem) {
    const std::lock_guard lock(mutex_);
    if (connected != status_.connected) status_.since_ms = clock_.now_ms();
    status_.connected = connected;
    status_.problem = std::move(problem);
    status_.waits_for.clear();
}

void QueueConsumer::set_waiting(std::string_view what, std::string_view problem) {
    const std::lock_guard lock(mutex_);
    status_.waits_for = what;
    status_.problem = problem;
}

QueueStatus QueueConsumer::status() const {
    const std::lock_guard lock(mutex_);
    auto status = status_;
    status.received = tally_->received;
    status.duplicates = tally_->duplicates;
    status.unreadable = tally_->unreadable;
    return status;
}

}  // namespace sluice::host
