#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

namespace {
thread_local std::optional<Micros> begun_at;
}  // namespace

BegunAt::BegunAt(Micros instant) {
    begun_at = instant;
}
BegunAt::~BegunAt() {
    begun_at.reset();
}
std::optional<Micros> BegunAt::instant() {
    return begun_at;
}

bool Env::context_flag(std::string_view key) const {
    const auto* value = context(key);
    return value != nullptr && truthy(*value);
}

Env Env::sudo() const {
    Env other = *this;
    other.su_ = true;
    return other;
}

Env Env::with_user(std::int64_t uid) const {
    Env other = *this;
    other.uid_ = uid;
    other.su_ = false;
    return other;
}

Env Env::with_context(std::string_view key, json::value value) const {
    Env other = *this;
    other.context_[key] = std::move(value);
    return other;
}

Env Env::with_context(json::object context) const {
    Env other = *this;
    other.context_ = std::move(context);
    return other;
}

}  // namespace sluice::sim
