#pragma once
// What a text must look like to be read as one of the kinds of value a contract names.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

/// The words of `as`, in the order of As.
const std::vector<std::string>& as_names();

/// A decimal integer of 64 bits: "-12".
std::optional<std::int64_t> to_integer(std::string_view text);
/// Trimmed and lower-cased (ASCII); nothing unless it has exactly one "@" with something on both sides, and no white
/// space inside.
std::optional<std::string> to_email(std::string_view text);
/// "true" or "false".
std::optional<bool> to_boolean(std::string_view text);

/// "2024-02-29", a day there was.
bool is_date(std::string_view text);

/// Why a text cannot be read as `as` ("`12,5` is no decimal number (like 12.50)"); nothing where it can. Shows at most
/// 80 bytes of it.
std::optional<std::string> why_not(As as, std::string_view text);

}  // namespace sluice::contract
