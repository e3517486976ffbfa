#include "core/reconcile/counted.hpp"

#include <algorithm>

namespace sluice::reconcile {

mapping::MappedRecord counted(const mapping::MappedRecord& record, const std::vector<std::string>& fields) {
    auto out = record;
    out.protection.reset();
    out.transitions.clear();
    if (fields.empty()) return out;
    const auto counts = [&fields](const std::string& name) { return std::ranges::find(fields, name) != fields.end(); };
    std::erase_if(out.fields, [&](const mapping::Field& field) { return !counts(field.name); });
    std::erase_if(out.lines, [&](mapping::MappedLines& lines) {
        if (counts(lines.field)) return false;
        const auto prefix = lines.field + ".";
        if (std::ranges::none_of(fields, [&](const auto& name) { return name.starts_with(prefix); })) return true;
        for (auto& line : lines.lines)
            std::erase_if(line.fields, [&](const mapping::Field& field) { return !counts(prefix + field.name); });
        return false;
    });
    return out;
}

}  // namespace sluice::reconcile
