#include "core/contract/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace sluice::contract {

std::string Problem::to_string() const {
    return fmt::format("{}:{}:{}: {}", file, line, column, message);
}

void Problems::add(int line, int column, std::string message) {
    problems_.push_back({file_, line, column, std::move(message)});
}

std::vector<Problem> Problems::take() {
    std::ranges::stable_sort(problems_, [](const Problem& left, const Problem& right) {
        return std::tie(left.line, left.column) < std::tie(right.line, right.column);
    });
    return std::move(problems_);
}

std::string list_names(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
        text += "`" + names[i] + "`";
    }
    return text;
}

}  // namespace sluice::contract
