#pragma once
// Contents encrypted at rest.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/credentials/secret.hpp"

namespace sluice::journal::sqlite {

/// Seals with the first key and opens with any of them, so that a key is replaced by putting a new one before it.
/// Immutable; any thread.
class Sealer {
public:
    /// None: contents are written as they are. Each key has crypto::aes_256_key_size bytes.
    explicit Sealer(std::vector<Secret> keys = {});

    /// Of the key that seals; 0 where nothing is sealed.
    std::int64_t key_id() const { return sealing_; }
    /// `seq` and `part` are bound to it: contents of one event cannot be passed off as another's.
    std::string seal(std::int64_t seq, std::string_view part, std::string_view bytes) const;
    /// What was sealed under this key id (0: as it is). Failure::auth where that key is not there, Failure::rejected
    /// where the bytes are not what was sealed.
    Result<std::string> open(std::int64_t key_id, std::int64_t seq, std::string_view part, std::string bytes) const;

private:
    std::map<std::int64_t, Secret> keys_;
    std::int64_t sealing_ = 0;
};

}  // namespace sluice::journal::sqlite
