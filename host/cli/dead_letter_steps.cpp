#include "host/cli/dead_letter_steps.hpp"

#include <fmt/format.h>

#include <ostream>

#include "host/cli/admin_client.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

std::string filter_of(const Selection& selection) {
    std::string filter;
    for (const auto& [name, value] : {std::pair("connector", selection.connector),
                                      {"flow", selection.flow},
                                      {"fingerprint", selection.fingerprint}}) {
        if (!value.empty()) filter += fmt::format("&{}={}", name, percent_encode(value));
    }
    return filter;
}

// What the host itself says of a delivery that it ended without the plugin, or kept from writing.
constexpr std::string_view stale_outcome = "stale: ", shadow_outcome = "shadow: ";

std::string dead_letters(std::int64_t number) {
    return number == 1 ? "1 dead letter" : fmt::format("{} dead letters", number);
}

}  // namespace

std::optional<std::int64_t> DeadLetterSteps::count(Selection& selection) {
    const auto answer = ask_("GET", fmt::format("/v0/dead-letters/groups?limit={}{}", step, filter_of(selection)), "");
    if (!answer) return {};
    std::int64_t all = 0;
    const auto groups = answer->root().find("groups");
    for (std::size_t i = 0; groups && i < groups->size(); ++i) all += number_of(groups->at(i), "count");
    if (selection.fingerprint.empty() || all == 0) return all;
    if (groups->size() > 1) {
        errors_ << fmt::format("{} is the cause of {} groups; add one of:\n", selection.fingerprint, groups->size());
        for (std::size_t i = 0; i < groups->size(); ++i) {
            const auto group = groups->at(i);
            errors_ << fmt::format("  --connector {} --flow {}  ({})\n", text_of(group, "connector"),
                                   text_of(group, "flow"), dead_letters(number_of(group, "count")));
        }
        return {};
    }
    selection.connector = text_of(groups->at(0), "connector");
    selection.flow = text_of(groups->at(0), "flow");
    return all;
}

/// The number of the oldest that can be delivered; 0 where there is none.
std::optional<std::int64_t> DeadLetterSteps::oldest(const Selection& selection) {
    for (std::int64_t after = 0;;) {
        const auto answer =
            ask_("GET", fmt::format("/v0/dead-letters?limit={}&after={}{}", step, after, filter_of(selection)), "");
        if (!answer) return {};
        const auto events = answer->root().find("events");
        for (std::size_t i = 0; events && i < events->size(); ++i) {
            // One that was never attempted was journalled as a dead letter: it has no order of its own.
            if (number_of(events->at(i), "attempts") > 0) return number_of(events->at(i), "seq");
        }
        after = number_of(answer->root(), "next");
        if (after == 0) return 0;
    }
}

std::optional<DeadLetterSteps::CanaryEnd> DeadLetterSteps::watch(std::int64_t seq, std::int64_t timeout_ms) {
    for (std::int64_t waited_ms = 0;; waited_ms += poll_ms) {
        // A list, since it leaves the payload out.
        const auto answer = ask_("GET", fmt::format("/v0/events?after={}&limit=1", seq - 1), "");
        if (!answer) return {};
        const auto events = answer->root().find("events");
        if (!events || events->size() == 0 || number_of(events->at(0), "seq") != seq) {
            errors_ << fmt::format("event {} is gone; the others are left as they are\n", seq);
            return {};
        }
        const auto event = events->at(0);
        const auto state = text_of(event, "state"), outcome = text_of(event, "outcome");
        if (state == "done" && outcome.starts_with(shadow_outcome)) {
            errors_ << fmt::format(
                "event {} is done in shadow mode: nothing was written, and nothing is known of its cause; the others "
                "are left as they are\n",
                seq);
            return {};
        }
        if (state == "done") {
            out_ << fmt::format("event {} is done: {}\n", seq, outcome);
            return outcome.starts_with(stale_outcome) ? CanaryEnd::untried : CanaryEnd::done;
        }
        if (state == "dead") {
            errors_ << fmt::format("event {} failed again: {}; the others are left as they are\n", seq, outcome);
            return {};
        }
        if (state != "ready" && state != "waiting" && state != "claimed") {
            errors_ << fmt::format(
                "event {} is {} ({}), which says nothing about its cause; the others are left as "
                "they are\n",
                seq, state, outcome);
            return {};
        }
        if (waited_ms >= timeout_ms) {
            errors_ << fmt::format(
                "event {} is {} after {} s{}; the others are left as they are. Is its connector "
                "paused (sluice status)?\n",
                seq, state, timeout_ms / 1'000, outcome.empty() ? "" : fmt::format(", its last attempt: {}", outcome));
            return {};
        }
        wait_(poll_ms);
    }
}

int DeadLetterSteps::replay(Selection selection, Canary canary, std::int64_t timeout_ms) {
    const auto all = count(selection);
    if (!all) return exit_failed;
    if (*all == 0) {
        out_ << "there are no such dead letters\n";
        return exit_done;
    }
    if (canary != Canary::none) {
        if (const int tried = try_canaries(selection, *all, timeout_ms); tried != exit_done) return tried;
        if (canary == Canary::only) return exit_done;
    }
    return change_all("replay", "replayed", selection, "");
}

int DeadLetterSteps::try_canaries(const Selection& selection, std::int64_t number, std::int64_t timeout_ms) {
    for (int tried = 0; tried < max_canaries; ++tried) {
        const auto seq = oldest(selection);
        if (!seq) return exit_failed;
        if (*seq == 0 && tried > 0) {
            out_ << "no other is left that can be delivered\n";
            return exit_done;
        }
        if (*seq == 0) {
            errors_ << fmt::format("none of the {} can be delivered; discard them\n", dead_letters(number));
            return exit_failed;
        }
        if (!ask_("POST", fmt::format("/v0/dead-letters/{}/replay", *seq), "")) return exit_failed;
        canary_ = *seq;
        out_ << fmt::format("event {} is replayed as a canary for {}\n", *seq, dead_letters(number - tried))
             << std::flush;
        const auto end = watch(*seq, timeout_ms);
        if (!end) return exit_failed;
        if (*end == CanaryEnd::done) return exit_done;
        out_ << "that says nothing about its cause: the next oldest is taken\n" << std::flush;
    }
    errors_ << fmt::format("{} canaries were not tried, since newer data is applied; the others are left as they are\n",
                           max_canaries);
    return exit_failed;
}

int DeadLetterSteps::discard(Selection selection, const std::string& reason) {
    const bool one_line = !selection.connector.empty() && !selection.flow.empty();
    if (!selection.fingerprint.empty() && !one_line && !count(selection)) return exit_failed;
    return change_all("discard", "discarded", selection, reason);
}

std::optional<json::Document> DeadLetterSteps::ask_step(std::string_view what, const Selection& selection,
                                                        std::int64_t after, const std::string& reason) {
    json::Writer body;
    body.begin_object();
    for (const auto& [name, value] : {std::pair("connector", selection.connector),
                                      {"flow", selection.flow},
                                      {"fingerprint", selection.fingerprint},
                                      {"reason", reason}}) {
        if (!value.empty()) body.key(name).string(value);
    }
    body.key("all").boolean(selection.all).key("after").integer(after).key("limit").integer(step).end_object();
    return ask_("POST", fmt::format("/v0/dead-letters/{}", what), body.take());
}

int DeadLetterSteps::change_all(std::string_view what, std::string_view word, const Selection& selection,
                                const std::string& reason) {
    for (std::int64_t after = 0;;) {
        const auto answer = ask_step(what, selection, after, reason);
        if (!answer) {
            errors_ << fmt::format("{} {} before that\n", dead_letters(changed_), word);
            return exit_failed;
        }
        const auto seqs = answer->root().find(word);
        changed_ += seqs ? static_cast<std::int64_t>(seqs->size()) : 0;
        passed_over_ += number_of(answer->root(), "passed_over");
        after = number_of(answer->root(), "next");
        if (after == 0) break;
        out_ << fmt::format("{} {} so far\n", dead_letters(changed_), word) << std::flush;
    }
    out_ << fmt::format("{} {}\n", dead_letters(changed_), word);
    if (passed_over_ > 0)
        out_ << fmt::format("{} passed over: they came unreadable and cannot be delivered\n", passed_over_);
    return exit_done;
}

std::string DeadLetterSteps::summary() const {
    json::Writer writer;
    writer.begin_object().key("changed").integer(changed_).key("passed_over").integer(passed_over_);
    return writer.key("canary").integer(canary_).end_object().take();
}

}  // namespace sluice::host
