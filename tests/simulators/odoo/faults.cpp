#include "tests/simulators/odoo/faults.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace sluice::sim {

namespace {

constexpr std::array kNames = std::to_array<std::pair<FaultKind, std::string_view>>({
    {FaultKind::refuse, "refuse"},
    {FaultKind::hang, "hang"},
    {FaultKind::hang_after_apply, "hang_after_apply"},
    {FaultKind::die_before_apply, "die_before_apply"},
    {FaultKind::die_after_apply, "die_after_apply"},
    {FaultKind::expire, "expire"},
    {FaultKind::revoke_key, "revoke_key"},
    {FaultKind::html_page, "html_page"},
    {FaultKind::conflict, "conflict"},
    {FaultKind::slow, "slow"},
    {FaultKind::pg_down, "pg_down"},
    {FaultKind::truncate, "truncate"},
    {FaultKind::user_error, "user_error"},
    {FaultKind::lost_commit, "lost_commit"},
    {FaultKind::commit_late, "commit_late"},
});

bool hits(const Fault& fault, const FaultSubject& subject) {
    if (fault.kind == FaultKind::refuse) return false;
    if (fault.path.empty() ? subject.method.empty() : fault.path != subject.path) return false;
    if (!fault.model.empty() && fault.model != subject.model) return false;
    return fault.method.empty() || fault.method == subject.method;
}

void pause(std::unique_lock<std::mutex>& lock) {
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    lock.lock();
}

}  // namespace

std::optional<FaultKind> fault_kind(std::string_view name) {
    for (const auto& [kind, text] : kNames) {
        if (text == name) return kind;
    }
    return std::nullopt;
}

std::string_view fault_name(FaultKind kind) {
    for (const auto& [known, text] : kNames) {
        if (known == kind) return text;
    }
    return "?";
}

std::int64_t Faults::inject(Fault fault) {
    const std::lock_guard lock(mutex_);
    armed_.push_back({next_id_, std::move(fault)});
    return next_id_++;
}

void Faults::clear() {
    const std::lock_guard lock(mutex_);
    armed_.clear();
    ++generation_;
}

std::optional<Fault> Faults::spend(std::size_t at) {
    Fault& fault = armed_[at].fault;
    if (fault.skip > 0) {
        --fault.skip;
        return std::nullopt;
    }
    ++fired_;
    Fault hit = fault;
    if (fault.count > 0 && --fault.count == 0) armed_.erase(armed_.begin() + static_cast<std::ptrdiff_t>(at));
    return hit;
}

std::optional<Fault> Faults::take(const FaultSubject& subject) {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < armed_.size(); ++i) {
        if (!hits(armed_[i].fault, subject)) continue;
        if (auto hit = spend(i)) return hit;
    }
    return std::nullopt;
}

bool Faults::refuse() {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < armed_.size(); ++i) {
        if (armed_[i].fault.kind == FaultKind::refuse && spend(i)) return true;
    }
    return false;
}

std::int64_t Faults::fired() const {
    const std::lock_guard lock(mutex_);
    return fired_;
}

std::int64_t Faults::release() {
    std::unique_lock lock(mutex_);
    const auto released = held_;
    running_ += std::exchange(held_, 0);
    ++releases_;
    while (running_ > 0) pause(lock);
    return released;
}

bool Faults::wait_for_release(const std::atomic<bool>& stopped) {
    std::unique_lock lock(mutex_);
    const auto release = releases_;
    const auto generation = generation_;
    ++held_;
    while (releases_ == release && generation_ == generation && !stopped) pause(lock);
    if (releases_ != release) return true;
    --held_;
    return false;
}

void Faults::released_call_ended() {
    const std::lock_guard lock(mutex_);
    --running_;
}

std::int64_t Faults::held() const {
    const std::lock_guard lock(mutex_);
    return held_;
}

std::int64_t Faults::generation() const {
    const std::lock_guard lock(mutex_);
    return generation_;
}

json::array Faults::describe() const {
    const std::lock_guard lock(mutex_);
    json::array out;
    for (const auto& [id, fault] : armed_) {
        out.push_back(json::object{{"id", id},
                                   {"kind", fault_name(fault.kind)},
                                   {"model", fault.model},
                                   {"method", fault.method},
                                   {"path", fault.path},
                                   {"skip", fault.skip},
                                   {"count", fault.count}});
    }
    return out;
}

Fault parse_fault(const json::object& spec) {
    Fault fault;
    const auto number = [](const json::value& value) {
        if (!value.is_int64()) throw std::invalid_argument("a number was expected");
        return value.get_int64();
    };
    bool named = false;
    const auto read = [&](const json::object& part, const auto& self) -> void {
        for (const auto& [key, value] : part) {
            const std::string_view name = key;
            if (name == "match") {
                if (!value.is_object()) throw std::invalid_argument("match must be an object");
                self(value.get_object(), self);
            } else if (name == "kind") {
                const auto kind = fault_kind(as_text(value));
                if (!kind) throw std::invalid_argument("unknown fault kind " + py_repr(value));
                fault.kind = *kind;
                named = true;
            } else if (name == "model") {
                fault.model = as_text(value);
            } else if (name == "method") {
                fault.method = as_text(value);
            } else if (name == "path") {
                fault.path = as_text(value);
            } else if (name == "nth") {
                fault.skip = number(value) - 1;
            } else if (name == "skip") {
                fault.skip = number(value);
            } else if (name == "count") {
                fault.count = number(value);
            } else if (name == "delay") {
                if (as_text(value) != "until released") throw std::invalid_argument("delay must be \"until released\"");
            } else if (name == "delay_ms") {
                fault.delay_ms = number(value);
            } else if (name == "status") {
                fault.status = static_cast<int>(number(value));
            } else if (name == "body") {
                fault.body = as_text(value);
            } else if (name == "message") {
                fault.message = as_text(value);
            } else {
                throw std::invalid_argument("unknown key " + std::string(name));
            }
        }
    };
    read(spec, read);
    if (!named) throw std::invalid_argument("a fault needs a kind");
    return fault;
}

}  // namespace sluice::sim
