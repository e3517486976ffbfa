#include "core/journal/sqlite/sealer.hpp"

#include <fmt/core.h>

#include "core/base/crypto.hpp"

namespace sluice::journal::sqlite {

namespace {

/// Tells keys apart and says nothing about them. Never 0.
std::int64_t id_of(const Secret& key) {
    const auto digest = crypto::sha256(std::string("sluice journal key ").append(key.reveal()));
    std::int64_t id = 1;
    for (std::size_t i = 0; i < 4; ++i) id = id * 256 + static_cast<unsigned char>(digest[i]);
    return id;
}

}  // namespace

std::string Place::context() const {
    if (seq_ != Seq{0}) return fmt::format("{}/{}", to_int(seq_), name_);
    return fmt::format("state/{}/{}/{}", connector_.size(), connector_, name_);
}

std::string Place::words() const {
    if (seq_ != Seq{0}) return fmt::format("the contents of event {}", to_int(seq_));
    return fmt::format("the contents of state {} of {}", name_, connector_);
}

Sealer::Sealer(std::vector<Secret> keys) {
    for (auto& key : keys) {
        const auto id = id_of(key);
        if (sealing_ == 0) sealing_ = id;
        keys_.emplace(id, std::move(key));
    }
}

Sealed::Sealed(const Sealer& sealer, const Place& place, std::string_view plain)
    : key_id(sealer.key_id()), bytes(plain) {
    if (key_id == 0) return;
    sealed_ = sealer.seal(place, plain);
    bytes = sealed_;
}

std::string Sealer::seal(const Place& place, std::string_view bytes) const {
    return crypto::seal(keys_.at(sealing_).reveal(), place.context(), bytes);
}

Result<std::string> Sealer::open(std::int64_t key_id, const Place& place, std::string bytes) const {
    if (key_id == 0) return bytes;
    const auto key = keys_.find(key_id);
    if (key == keys_.end()) {
        return fail(Failure::auth, fmt::format("{} are encrypted with a key (id {:x}) that is not given; add it to "
                                               "`journal_key`",
                                               place.words(), key_id));
    }
    auto plain = crypto::open_sealed(key->second.reveal(), place.context(), bytes);
    if (!plain) return fail(Failure::rejected, fmt::format("{} were changed since they were encrypted", place.words()));
    return std::move(*plain);
}

}  // namespace sluice::journal::sqlite
