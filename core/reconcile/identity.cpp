#include "core/reconcile/identity.hpp"

namespace sluice::reconcile {

std::optional<std::string> value_in(const contract::Template& text, std::string_view external_id) {
    std::string before, behind;
    bool met = false;
    for (const auto& part : text.parts) {
        if (part.kind == contract::Template::Part::Kind::literal) {
            (met ? behind : before) += part.text;
        } else if (met) {
            return std::nullopt;  // the contract's parser lets none through
        } else {
            met = true;
        }
    }
    if (!met || external_id.size() <= before.size() + behind.size()) return std::nullopt;
    if (!external_id.starts_with(before) || !external_id.ends_with(behind)) return std::nullopt;
    return std::string(external_id.substr(before.size(), external_id.size() - before.size() - behind.size()));
}

}  // namespace sluice::reconcile
