#include "host/cli/crash_ledger.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>

#include "core/base/crypto.hpp"
#include "core/base/random.hpp"

namespace sluice::host {
namespace {

using journal::EventState;

constexpr std::string_view emitted_suffix = "+emitted";
constexpr std::string_view finisher_message = "by ";
/// Payload bytes: of most events, and of one in eight.
constexpr std::int64_t small_payload = 2'000, large_payload = 40'000;

std::optional<std::int64_t> number(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// The words of a line.
std::vector<std::string_view> words(std::string_view line) {
    std::vector<std::string_view> found;
    while (!line.empty()) {
        const auto end = std::min(line.find(' '), line.size());
        if (end > 0) found.push_back(line.substr(0, end));
        line.remove_prefix(std::min(end + 1, line.size()));
    }
    return found;
}

/// Which append an event came with, and how many it had.
struct Batch {
    std::string_view name;
    std::int64_t size = 0;
};
std::optional<Batch> batch_of(std::string_view event_id) {
    const auto dot = event_id.rfind('.'), slash = event_id.rfind('/');
    if (dot == std::string_view::npos || slash == std::string_view::npos || slash < dot) return std::nullopt;
    const auto size = number(event_id.substr(slash + 1));
    if (!size) return std::nullopt;
    return Batch{.name = event_id.substr(0, dot), .size = *size};
}

/// The event whose end emitted this one; "" where it was appended.
std::string_view source_of(std::string_view event_id) {
    if (!is_emitted_event_id(event_id)) return {};
    return event_id.substr(0, event_id.size() - emitted_suffix.size());
}

/// What is wrong with the events by themselves, whoever was told of them.
class Wholeness {
public:
    explicit Wholeness(const Remains& remains, std::vector<std::string>& wrong) : remains_(remains), wrong_(wrong) {
        for (const auto& event : remains.events) by_id_.emplace(event.event_id, &event);
    }

    void check() {
        std::map<std::string_view, std::int64_t> batches;  // events found of each
        std::map<std::string_view, std::int64_t> sizes;
        for (const auto& [id, event] : by_id_) {
            if (by_id_.count(id) > 1) add("doubled: event {} is there {} times", id, by_id_.count(id));
            if (event->payload != crash_payload(id)) add("damaged: event {} has other bytes than were appended", id);
            const bool done = event->state == EventState::done;
            if (event->times_done != (done ? 1 : 0)) {
                add("{}: event {} is {}, and {} of its attempts ended as done", done ? "doubled" : "half there", id,
                    to_string(event->state), event->times_done);
            }
            if (is_emitted_event_id(id)) {
                check_emitted(id);
                continue;
            }
            if (done && !by_id_.contains(emitted_event_id(id))) {
                add("half there: event {} is done, and what it emitted is not there", id);
            }
            if (const auto batch = batch_of(id)) {
                ++batches[batch->name];
                sizes[batch->name] = batch->size;
            } else {
                add("damaged: event {} was never appended", id);
            }
        }
        for (const auto& [name, found] : batches) {
            if (found < sizes[name]) add("half there: of the {} events of append {} {} are", sizes[name], name, found);
        }
        check_states();
    }

private:
    template <class... Values>
    void add(fmt::format_string<Values...> text, Values&&... values) {
        wrong_.push_back(fmt::format(text, std::forward<Values>(values)...));
    }

    void check_emitted(std::string_view id) {
        const auto source = by_id_.find(source_of(id));
        if (source == by_id_.end() || source->second->state != EventState::done) {
            add("half there: {} was emitted by an event that is not done", id);
        }
    }

    /// Each finisher counts in its state what it finished, in the transaction that finishes.
    void check_states() {
        std::map<std::string, std::set<std::string>> messages;
        std::int64_t done = 0;
        for (const auto& event : remains_.events) {
            if (event.state != EventState::done) continue;
            ++done;
            const auto end = event.outcome.rfind(' ');
            if (!messages[event.outcome.substr(0, std::min(end, event.outcome.size()))].insert(event.outcome).second) {
                add("doubled: two events are done `{}`", event.outcome);
            }
        }
        std::int64_t counted = 0;
        for (const auto& [finisher, version] : remains_.finisher_versions) {
            counted += version;
            const auto& found = messages[std::string(finisher_message) + finisher];
            for (std::int64_t i = 1; i <= version; ++i) {
                if (!found.contains(finish_message(finisher, i))) {
                    add("half there: the state of {} has version {}, and no event was done as its {}.", finisher,
                        version, i);
                }
            }
        }
        if (counted != done) add("half there: {} events are done, and the states count {}", done, counted);
    }

    const Remains& remains_;
    std::vector<std::string>& wrong_;
    std::multimap<std::string, const FoundEvent*, std::less<>> by_id_;
};

}  // namespace

std::string crash_event_id(int crash, int worker, int batch, int index, int size) {
    return fmt::format("c{}.w{}.b{}.{}/{}", crash, worker, batch, index, size);
}

std::string emitted_event_id(std::string_view event_id) {
    return std::string(event_id) + std::string(emitted_suffix);
}

bool is_emitted_event_id(std::string_view event_id) {
    return event_id.ends_with(emitted_suffix);
}

std::string crash_payload(std::string_view event_id) {
    const auto digest = crypto::sha256(event_id);
    std::uint64_t seed = 0;
    std::memcpy(&seed, digest.data(), sizeof seed);
    Random random(seed);
    const auto size = random.up_to(random.up_to(7) == 0 ? large_payload : small_payload);
    std::string payload = std::string(event_id) + '\n';
    for (std::int64_t i = 0; i < size; i += 7) {
        const auto value = random.up_to(std::numeric_limits<std::int64_t>::max());
        payload.append(reinterpret_cast<const char*>(&value), 7);
    }
    return payload;
}

std::string finish_message(std::string_view finisher, std::int64_t number) {
    return fmt::format("{}{} {}", finisher_message, finisher, number);
}

std::string unproved_recovery(int crashes, std::int64_t recovered) {
    if (recovered > 0 || crashes < crashes_that_cut_claims) return "";
    return fmt::format("nothing was recovered after {} crashes of deliveries under way: each cuts some off", crashes);
}

bool CrashLedger::take(std::string_view line) {
    const auto parts = words(line);
    if (parts.size() < 2) return false;
    if (parts[0] == "appended") {
        for (std::size_t i = 1; i < parts.size(); ++i) appended_.emplace(parts[i]);
        return true;
    }
    if (parts[0] == "claimed" && parts.size() == 3) {
        const auto attempt = number(parts[2]);
        if (!attempt) return false;
        claimed_.insert_or_assign(std::string(parts[1]), static_cast<int>(*attempt));
        return true;
    }
    if (parts[0] == "finished" && parts.size() == 2) {
        finished_.emplace(parts[1]);
        claimed_.erase(std::string(parts[1]));
        return true;
    }
    return false;
}

Findings CrashLedger::check(const Remains& remains) {
    Findings findings;
    Wholeness(remains, findings.wrong).check();
    std::map<std::string_view, const FoundEvent*> found;
    for (const auto& event : remains.events) {
        found.emplace(event.event_id, &event);
        const auto source = source_of(event.event_id);
        if (source.empty() ? !appended_.contains(event.event_id) : !finished_.contains(source))
            ++findings.unacknowledged;
        // Also one whose report was cut off: nobody is left who could end it.
        if (event.state == EventState::claimed)
            findings.wrong.push_back(fmt::format("stuck: event {} is still claimed after the start", event.event_id));
    }
    for (const auto& id : appended_) {
        if (found.contains(id)) continue;
        findings.wrong.push_back(fmt::format("lost: event {} was acknowledged and is not there", id));
    }
    for (const auto& id : finished_) {
        const auto event = found.find(id);
        if (event == found.end()) {
            findings.wrong.push_back(fmt::format("lost: event {} was acknowledged as done and is not there", id));
        } else if (event->second->state != EventState::done) {
            findings.wrong.push_back(fmt::format("lost: the end of event {} was acknowledged, and it is {}", id,
                                                 to_string(event->second->state)));
        }
    }
    for (const auto& [id, attempt] : claimed_) {
        const auto event = found.find(id);
        if (event == found.end() || event->second->attempts < attempt) {
            findings.wrong.push_back(fmt::format("lost: attempt {} of event {} was acknowledged", attempt, id));
            continue;
        }
        const auto state = event->second->state;
        if (state == EventState::done || state == EventState::claimed) continue;  // its end was cut off; told above
        if (state != EventState::ready) {
            findings.wrong.push_back(fmt::format("stuck: a crash cut attempt {} of event {} off, and it is {}", attempt,
                                                 id, to_string(state)));
        } else if (event->second->attempt_unknown) {
            ++findings.recovered;
        } else {
            findings.wrong.push_back(
                fmt::format("lost: event {} does not say that its attempt {} had no end", id, attempt));
        }
    }
    claimed_.clear();
    return findings;
}

}  // namespace sluice::host
