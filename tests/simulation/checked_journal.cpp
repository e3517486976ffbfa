#include "tests/simulation/checked_journal.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace sluice::simulation {

namespace {

constexpr const char* file_name = "journal.db";
constexpr int most_operations_of_a_call = 24;

}  // namespace

const Disk::Image& formatted_image() {
    static const Disk::Image image = [] {
        Disk disk;
        const DiskVfs vfs(disk, 0);
        const SimulatedClock clock;
        if (auto made = journal::open_sqlite_journal(file_name, clock, {.simulated_disk = vfs.name()}); !made) {
            throw Violation("a journal cannot be made: " + made.error().message);
        }
        return disk.image();
    }();
    return image;
}

CheckedJournal::CheckedJournal(const Environment& environment, std::uint64_t seed)
    : environment_(environment),
      disk_(environment.scenario.formatted ? formatted_image() : Disk::Image{}),
      vfs_(disk_, seed) {}

CheckedJournal::~CheckedJournal() {
    // Not in order: the run is over, and what it leaves behind is of no use.
    disk_.crash(Disk::Loss::process, environment_.dice);
    journal_.reset();
}

void CheckedJournal::expect(bool holds, const std::string& what) const {
    ++environment_.statistics.checks;
    if (!holds) throw Violation(what);
}

// ---- troubles

void CheckedJournal::arm_disk(int deaths_per_mille) {
    const auto operations = environment_.dice.count(0, most_operations_of_a_call);
    if (environment_.trouble(deaths_per_mille)) {
        disk_.arm(Disk::Trouble::death, operations);
    } else if (environment_.trouble(environment_.scenario.troubles.disk)) {
        const bool full = environment_.dice.chance(400);
        disk_.arm(full ? Disk::Trouble::full : Disk::Trouble::io_error, operations);
        armed_full_ = full;
    }
}

bool CheckedJournal::had_trouble() {
    const bool struck = disk_.disarm();
    if (struck) {
        environment_.hit(armed_full_ ? Fault::disk_full : Fault::io_error);
        environment_.trace.note(environment_.clock.steady_ms(), armed_full_ ? "disk full" : "disk error");
    }
    return struck || disk_.is_limited();
}

void CheckedJournal::before_call(const char* what, bool writes) {
    if (journal_ == nullptr) throw Violation(fmt::format("{} without an open journal", what));
    ++environment_.statistics.journal_calls;
    environment_.trace.note(environment_.clock.steady_ms(), "call", what);
    if (writes && environment_.trouble(environment_.scenario.troubles.crash)) die(Fault::crash_before_call);
    arm_disk(writes ? 3 * environment_.scenario.troubles.crash : 0);
}

void CheckedJournal::after_call(bool writes) {
    if (!writes || !environment_.trouble(environment_.scenario.troubles.crash)) return;
    die(Fault::crash_after_call);
}

void CheckedJournal::keep_possible(const Change& change) {
    if (possible_.empty()) possible_.push_back(ledger_);
    const auto failed = std::exchange(failed_, nullptr);
    for (const Change* one : std::initializer_list<const Change*>{&failed, &change}) {
        if (!*one) continue;
        auto also = ledger_;
        (*one)(also);
        possible_.push_back(std::move(also));
    }
}

/// The journal may have been recovered by a start that did not come to its end.
void CheckedJournal::keep_possible_recovery() {
    keep_possible(nullptr);
    const auto known = possible_.size();
    for (std::size_t i = 0; i < known; ++i) {
        if (!possible_[i].is_changed_by_recovery(now_ms())) continue;
        possible_.push_back(possible_[i]);
        possible_.back().recover(now_ms());
    }
}

void CheckedJournal::die_in_call(const Change& change) {
    keep_possible(change);
    const bool power = environment_.dice.chance(600);
    die(power ? Fault::power_loss_in_call : Fault::crash_in_call,
        {.how = power ? Death::How::power : Death::How::process, .of_the_journal = true});
}

void CheckedJournal::die(Fault fault, Death death) const {
    environment_.hit(fault);
    environment_.trace.note(environment_.clock.steady_ms(), "dies:", name_of(fault));
    throw death;
}

void CheckedJournal::must_be_excused(const char* what, const Error& error, bool excused) const {
    expect(excused, fmt::format("{} failed though the disk did not: {}", what, error.message));
    expect(error.failure == Failure::retry,
           fmt::format("{} failed for good ({}): {}", what, to_string(error.failure), error.message));
}

// ---- the process

bool CheckedJournal::open() {
    arm_disk(10 * environment_.scenario.troubles.crash);
    auto opened = journal::open_sqlite_journal(file_name, environment_.clock, {.simulated_disk = vfs_.name()});
    const auto now = now_ms();
    if (disk_.is_dead()) {
        environment_.hit(Fault::crash_in_recovery);
        keep_possible_recovery();
        opened = fail(Failure::retry, "");  // its connections go
        crash(environment_.dice.chance(600) ? Death::How::power : Death::How::process);
        return false;
    }
    const bool excused = had_trouble();
    if (!opened) {
        environment_.trace.note(environment_.clock.steady_ms(), "open failed:", opened.error().message);
        environment_.hit(Fault::failed_open);
        must_be_excused("opening the journal", opened.error(), excused);
        keep_possible_recovery();
        return false;
    }
    journal_ = std::move(*opened);
    if (possible_.empty()) possible_.push_back(ledger_);
    found_an_open_call_ = possible_.size() > 1;
    for (auto& ledger : possible_) ledger.recover(now);
    pick_outcome();
    return true;
}

void CheckedJournal::close() {
    if (journal_ == nullptr) return;
    arm_disk(10 * environment_.scenario.troubles.crash);
    journal_.reset();
    keep_possible(nullptr);
    if (disk_.is_dead()) {
        environment_.hit(Fault::crash_in_call);
        disk_.crash(Disk::Loss::process, environment_.dice);
    } else {
        had_trouble();
    }
}

void CheckedJournal::crash(Death::How how) {
    const bool power = how == Death::How::power;
    keep_possible(nullptr);
    const auto lost_before = disk_.lost_sectors();
    disk_.crash(power ? Disk::Loss::power : Disk::Loss::process, environment_.dice);
    if (disk_.lost_sectors() > lost_before) environment_.hit(Fault::sectors_lost);
    journal_.reset();
}

/// The list does not show these.
bool CheckedJournal::has_same_contents(const Ledger& ledger, std::string& difference) {
    for (const auto& [seq, entry] : ledger.entries()) {
        const bool disputed = std::ranges::any_of(possible_, [&](const auto& possible) {
            const auto* other = possible.find(seq);
            return other != nullptr &&
                   (other->contents_erased != entry.contents_erased || other->payload != entry.payload);
        });
        if (!disputed) continue;
        const auto detail = show(journal::Seq{seq});
        if (detail.contents_erased == entry.contents_erased &&
            (entry.contents_erased || detail.delivered_payload() == entry.payload)) {
            continue;
        }
        difference = fmt::format("event {} has other contents", seq);
        return false;
    }
    return true;
}

bool CheckedJournal::is_as(const Ledger& ledger, const std::vector<journal::EventSummary>& listed,
                           std::string& difference) {
    if (const auto found = ledger.difference(listed)) {
        difference = *found;
        return false;
    }
    for (const auto& [name, state] : ledger.states()) {
        const auto read = journal_->get_state(name.first, name.second);
        if (read && read->value == state.value && read->version == state.version) continue;
        difference = fmt::format("state {} of {} is not {}", name.second, name.first, state.value);
        return false;
    }
    const auto pauses = journal_->pauses();
    if (!pauses) throw Violation("the pauses cannot be read: " + pauses.error().message);
    std::string is, should;
    for (const auto& pause : *pauses) is += pause.connector + " " + pause.flow + "; ";
    for (const auto& [name, reason] : ledger.pauses()) should += name.first + " " + name.second + "; ";
    if (is != should) {
        difference = fmt::format("paused is {}, not {}", is, should);
        return false;
    }
    return has_same_contents(ledger, difference);
}

void CheckedJournal::pick_outcome() {
    const auto listed = journal_->list({.limit = journal::max_listed_events});
    if (!listed) throw Violation("the list cannot be read: " + listed.error().message);
    std::string why, first;
    for (auto& ledger : possible_) {
        ++environment_.statistics.checks;
        if (is_as(ledger, *listed, why)) {
            ledger_ = std::move(ledger);
            possible_.clear();
            failed_ = nullptr;
            check_keys(*listed);
            return;
        }
        if (first.empty()) first = why;
    }
    throw Violation(
        fmt::format("after a start the journal is as none of {} possible outcomes; the first differs: {}; "
                    "the last: {}",
                    possible_.size(), first, why));
}

}  // namespace sluice::simulation
