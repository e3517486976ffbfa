#pragma once
// Contents encrypted at rest.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/credentials/secret.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

/// Where bytes are kept. The texts it is made of outlive it.
class Place {
public:
    /// `part` of an event's contents: "payload".
    static Place of_event(Seq seq, std::string_view part) { return {seq, part, {}}; }
    static Place of_state(std::string_view connector, std::string_view name) { return {Seq{0}, name, connector}; }

    /// No other place has it.
    std::string context() const;
    /// For messages: "the contents of event 12".
    std::string words() const;

private:
    Place(Seq seq, std::string_view name, std::string_view connector) : seq_(seq), name_(name), connector_(connector) {}
    Seq seq_;
    std::string_view name_, connector_;
};

/// Seals with the first key and opens with any of them, so that a key is replaced by putting a new one before it.
/// Immutable; any thread.
class Sealer {
public:
    /// None: contents are written as they are. Each key has crypto::aes_256_key_size bytes.
    explicit Sealer(std::vector<Secret> keys = {});

    /// Of the key that seals; 0 where nothing is sealed.
    std::int64_t key_id() const { return sealing_; }
    /// The place is bound to it: what is kept in one cannot be passed off as another's.
    std::string seal(const Place& place, std::string_view bytes) const;
    /// What was sealed under this key id (0: as it is). Failure::auth where that key is not there, Failure::rejected
    /// where the bytes are not what was sealed.
    Result<std::string> open(std::int64_t key_id, const Place& place, std::string bytes) const;

private:
    std::map<std::int64_t, Secret> keys_;
    std::int64_t sealing_ = 0;
};

/// Bytes as they are kept, with the id of the key that seals them. They and the sealer outlive it.
struct Sealed {
    Sealed(const Sealer& sealer, const Place& place, std::string_view plain);
    Sealed(const Sealed&) = delete;

    std::int64_t key_id = 0;
    std::string_view bytes;

private:
    std::string sealed_;
};

}  // namespace sluice::journal::sqlite
