#pragma once
// The few primitives Sluice needs, all of OpenSSL's EVP. Any thread.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::crypto {

/// Raw 32 bytes.
std::string sha256(std::string_view data);
/// Lower-case hexadecimal of any bytes.
std::string hex(std::string_view bytes);
/// Raw 32 bytes of HMAC-SHA256.
std::string hmac_sha256(std::string_view key, std::string_view data);
/// Standard base64 with padding, no line breaks.
std::string base64(std::string_view bytes);
/// The bytes of a padded standard base64 text; nothing where it is not exactly that.
std::optional<std::string> from_base64(std::string_view text);
/// Equality whose time does not depend on where the first difference is (CRYPTO_memcmp). Different lengths are unequal
/// at once.
bool equal_in_constant_time(std::string_view left, std::string_view right);

inline constexpr std::size_t aes_256_key_size = 32;
/// AES-256-GCM under a fresh random nonce: nonce, ciphertext and tag in one. `context` is authenticated, not contained:
/// open() needs the same. At most 2^32 texts a key. `key` has 32 bytes.
std::string seal(std::string_view key, std::string_view context, std::string_view plain);
/// What was sealed; nothing where key, context or a byte differs.
std::optional<std::string> open_sealed(std::string_view key, std::string_view context, std::string_view sealed);

}  // namespace sluice::crypto
