#include "core/toml/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace sluice::toml {

std::string Problem::to_string() const {
    return line > 0 ? fmt::format("{}:{}:{}: {}", file, line, column, message) : fmt::format("{}: {}", file, message);
}

void Problems::add(Place place, std::string message) {
    problems_.push_back({file_, place.line, place.column, std::move(message)});
}

std::vector<Problem> Problems::take() {
    std::ranges::stable_sort(problems_, [](const Problem& left, const Problem& right) {
        return std::tie(left.line, left.column) < std::tie(right.line, right.column);
    });
    return std::move(problems_);
}

}  // namespace sluice::toml
