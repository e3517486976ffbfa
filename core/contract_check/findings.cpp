#include "core/contract_check/findings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::contract_check {

std::string Finding::to_string() const {
    auto text = file;
    if (line > 0) text += fmt::format(":{}:{}", line, column);
    text += fmt::format(": {}: {}: {}", severity == Severity::error ? "error" : "warning", path, message);
    if (!right.empty()) text += "; " + right;
    return text;
}

std::size_t count(const std::vector<Finding>& findings, Severity severity) {
    return static_cast<std::size_t>(std::ranges::count(findings, severity, &Finding::severity));
}

}  // namespace sluice::contract_check
