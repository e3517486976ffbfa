#pragma once
// What changed between two contracts, as text and as JSON.

#include <string>
#include <vector>

#include "core/review/changes.hpp"

namespace sluice::host {

std::string render_changes(const contract::ContractText& old_text, const contract::ContractText& new_text,
                           const std::vector<review::Change>& changes, const review::Honesty& honesty);
/// {"old", "new", "honest", "expected", "changes": [{"impact", "path", "what", "old", "new"}]}
std::string changes_to_json(const contract::ContractText& old_text, const contract::ContractText& new_text,
                            const std::vector<review::Change>& changes, const review::Honesty& honesty);

}  // namespace sluice::host
