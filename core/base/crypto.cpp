#include "core/base/crypto.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace sluice::crypto {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

constexpr std::size_t sha256_size = 32;
constexpr std::size_t gcm_nonce_size = 12, gcm_tag_size = 16;

struct FreeCipher {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeCipher>;

}  // namespace

std::string sha256(std::string_view data) {
    std::string digest(sha256_size, '\0');
    // Fails only where OpenSSL has no SHA-256 or no memory: nothing can go on then.
    // Fetched once: EVP_sha256() is looked up anew by every call, which takes longer than a short text's digest.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    if (algorithm == nullptr ||
        EVP_Digest(data.data(), data.size(), bytes_of(digest), nullptr, algorithm, nullptr) != 1) {
        throw std::runtime_error("OpenSSL cannot compute SHA-256");
    }
    return digest;
}

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += digits[value >> 4U];
        text += digits[value & 15U];
    }
    return text;
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
    std::string code(sha256_size, '\0');
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(data), data.size(), bytes_of(code),
             &size) == nullptr) {
        throw std::runtime_error("OpenSSL cannot compute HMAC-SHA256");
    }
    return code;
}

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.empty()) return std::string();
    std::size_t padding = 0;
    while (padding < 2 && text[text.size() - 1 - padding] == '=') ++padding;
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(bytes_of(bytes), bytes_of(text), static_cast<int>(text.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    // EVP_DecodeBlock skips white space at the ends and takes "=" in odd places; the one exact text is the one we would
    // write.
    if (base64(bytes) != text) return std::nullopt;
    return bytes;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

std::string seal(std::string_view key, std::string_view context, std::string_view plain) {
    std::string sealed(gcm_nonce_size + plain.size() + gcm_tag_size, '\0');
    unsigned char* const nonce = bytes_of(sealed);
    unsigned char* const text = nonce + gcm_nonce_size;
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool done =
        key.size() == aes_256_key_size && cipher && RAND_bytes(nonce, gcm_nonce_size) == 1 &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), nonce) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) == 1 &&
        EVP_EncryptUpdate(cipher.get(), text, &size, bytes_of(plain), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), text + size, &size) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, gcm_tag_size, text + plain.size()) == 1;
    if (!done) throw std::runtime_error("OpenSSL cannot encrypt with AES-256-GCM");
    return sealed;
}

std::optional<std::string> open_sealed(std::string_view key, std::string_view context, std::string_view sealed) {
    if (key.size() != aes_256_key_size || sealed.size() < gcm_nonce_size + gcm_tag_size) return std::nullopt;
    std::string plain(sealed.size() - gcm_nonce_size - gcm_tag_size, '\0');
    const auto* const nonce = bytes_of(sealed);
    std::string tag(sealed.substr(sealed.size() - gcm_tag_size));
    const Cipher cipher(EVP_CIPHER_CTX_new());
    int size = 0;
    const bool done =
        cipher && EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), nonce) == 1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes_of(context), static_cast<int>(context.size())) == 1 &&
        EVP_DecryptUpdate(cipher.get(), bytes_of(plain), &size, nonce + gcm_nonce_size,
                          static_cast<int>(plain.size())) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, gcm_tag_size, bytes_of(tag)) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), bytes_of(plain) + size, &size) == 1;
    if (!done) return std::nullopt;
    return plain;
}

}  // namespace sluice::crypto
