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

int DeadLetterSteps::watch(std::int64_t seq, std::int64_t timeout_ms) {
    for (std::int64_t waited_ms = 0;; waited_ms += poll_ms) {
        // A list, since it leaves the payload out.
        const auto answer = ask_("GET", fmt::format("/v0/events?after={}&limit=1", seq - 1), "");
        if (!answer) return exit_failed;
        const auto events = answer->root().find("events");
        if (!events || events->size() == 0 || number_of(events->at(0), "seq") != seq) {
            errors_ << fmt::format("event {} is gone; the others are left as they are\n", seq);
            return exit_failed;
        }
        const auto event = events->at(0);
        const auto state = text_of(event, "state"), outcome = text_of(event, "outcome");
        if (state == "done") {
            out_ << fmt::format("event {} is done: {}\n", seq, outcome);
            return exit_done;
        }
        if (state == "dead") {
            errors_ << fmt::format("event {} failed again: {}; the others are left as they are\n", seq, outcome);
            return exit_failed;
        }
        if (state != "ready" && state != "waiting" && state != "claimed") {
            errors_ << fmt::format(
                "event {} is {} ({}), which says nothing about its cause; the others are left as "
                "they are\n",
                seq, state, outcome);
            return exit_failed;
        }
        if (waited_ms >= timeout_ms) {
            errors_ << fmt::format(
                "event {} is {} after {} s{}; the others are left as they are. Is its connector "
                "paused (sluice status)?\n",
                seq, state, timeout_ms / 1'000, outcome.empty() ? "" : fmt::format(", its last attempt: {}", outcome));
            return exit_failed;
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
        const auto seq = oldest(selection);
        if (!seq) return exit_failed;
        if (*seq == 0) {
            errors_ << fmt::format("none of the {} can be delivered; discard them\n", dead_letters(*all));
            return exit_failed;
        }
        if (!ask_("POST", fmt::format("/v0/dead-letters/{}/replay", *seq), "")) return exit_failed;
        canary_ = *seq;
        out_ << fmt::format("event {} is replayed as a canary for {}\n", *seq, dead_letters(*all)) << std::flush;
        if (const int watched = watch(*seq, timeout_ms); watched != exit_done) return watched;
        if (canary == Canary::only) return exit_done;
    }
    return change_all("replay", "replayed", selection, "");
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
