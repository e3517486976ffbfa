#pragma once
// What changed between two versions of a contract, and whether the newer one's number says so: `sluice contract diff`.

#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract_text.hpp"

namespace sluice::review {

/// What a change means to those who rely on the contract. Breaking: a document, a configuration, a sender or a person's
/// habit that was right before may not be now. Compatible: more is accepted or done, nothing that was right is wrong.
/// Internal: when and how often, in what words.
enum class Impact { internal, compatible, breaking };

/// "internal", "compatible", "breaking"
std::string_view to_string(Impact impact);

struct Change {
    Impact impact = Impact::breaking;
    std::string path;  ///< "flow.order.webhook.topics"
    std::string what;  ///< "\"orders/edited\" added", "8 becomes 10"
    toml::Place old_place, new_place;
};

/// Every difference in meaning, the most serious first, else in the order of the text. A key that is written out with
/// its default value is none; nor is the order of tables and fields.
std::vector<Change> changes(const contract::ContractText& old_text, const contract::ContractText& new_text);

/// Whether a version number says what changed. By the policy of the old contract ([compatibility]), on which people
/// relied: from 1.0.0 on a breaking change raises the first number and a compatible one the second; before it a
/// breaking change raises the second, or, with before_1 = "any", any.
struct Honesty {
    bool honest = true;
    Impact worst = Impact::internal;  ///< of the changes, where there are some
    std::string expected;             ///< the lowest honest version: "2.0.0"; the old one where nothing changed
};
Honesty judge_version(const contract::Contract& old_contract, const contract::Contract& new_contract,
                      const std::vector<Change>& changes);

}  // namespace sluice::review
