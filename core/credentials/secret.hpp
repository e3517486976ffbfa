#pragma once
// Secrets are values that do not print, and come from files or the environment, never from the configuration itself.

#include <string>
#include <string_view>
#include <utility>

#include "core/base/result.hpp"

namespace sluice {

/// A secret text. It has no stream operator and no formatter; its memory is cleansed when it goes (OPENSSL_cleanse).
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string value) : value_(std::move(value)) {}
    Secret(const Secret&) = default;
    Secret(Secret&&) noexcept = default;
    Secret& operator=(const Secret&) = default;
    Secret& operator=(Secret&&) noexcept = default;
    ~Secret();

    /// The text itself, for the one place that sends or compares it.
    std::string_view reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    std::string value_;
};

/// Where a secret is kept: `{ env = "NAME" }` or `{ file = "PATH" }`.
struct SecretSource {
    enum class Kind { environment, file } kind = Kind::environment;
    std::string name;  ///< the variable's name or the file's path
    bool operator==(const SecretSource&) const = default;
};

/// Reads a secret: a variable's value, or a file's content without one trailing line break. Failure::invalid, naming
/// the variable or file (never the content), where it is absent, empty, unreadable, or a file that others may read
/// (mode & 0077).
Result<Secret> read_secret(const SecretSource& source);

}  // namespace sluice
