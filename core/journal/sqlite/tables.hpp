#pragma once
// The tables of a journal, and how those of older schemas become them.

#include <cstdint>
#include <string>

namespace sluice::journal::sqlite {

/// `PRAGMA application_id`: "Slce".
constexpr std::int64_t application_id = 0x536c6365;
/// `PRAGMA user_version`.
constexpr std::int64_t schema_version = 4;

/// Makes everything in an empty file, in one transaction.
std::string script_of_a_new_journal();
/// Brings a file of an older schema to this one, in one transaction; "" where that schema was never released.
std::string script_from_schema(std::int64_t version);

}  // namespace sluice::journal::sqlite
