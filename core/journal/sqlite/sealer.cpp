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

std::string context_of(std::int64_t seq, std::string_view part) {
    return fmt::format("{}/{}", seq, part);
}

}  // namespace

Sealer::Sealer(std::vector<Secret> keys) {
    for (auto& key : keys) {
        const auto id = id_of(key);
        if (sealing_ == 0) sealing_ = id;
        keys_.emplace(id, std::move(key));
    }
}

std::string Sealer::seal(std::int64_t seq, std::string_view part, std::string_view bytes) const {
    return crypto::seal(keys_.at(sealing_).reveal(), context_of(seq, part), bytes);
}

Result<std::string> Sealer::open(std::int64_t key_id, std::int64_t seq, std::string_view part,
                                 std::string bytes) const {
    if (key_id == 0) return bytes;
    const auto key = keys_.find(key_id);
    if (key == keys_.end()) {
        return fail(Failure::auth, fmt::format("the contents of event {} are encrypted with a key (id {:x}) that is "
                                               "not given; add it to `journal_key`",
                                               seq, key_id));
    }
    auto plain = crypto::open_sealed(key->second.reveal(), context_of(seq, part), bytes);
    if (!plain) {
        return fail(Failure::rejected,
                    fmt::format("the contents of event {} were changed since they were encrypted", seq));
    }
    return std::move(*plain);
}

}  // namespace sluice::journal::sqlite
