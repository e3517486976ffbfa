#include "core/toml/problems.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace sluice::toml {

std::string Problem::to_string() const {
    return line > 0 ? fmt::format("{}:{}:{}: {}", file, line, column, message) : fmt::format("{}: {}", file, message);
}

void Problems::add(Place place, std::string message) {
    problems_.push_back({place, std::move(message)});
}

std::vector<Problem> Problems::take() {
    std::ranges::stable_sort(problems_, {}, [](const Found& found) {
        return std::tuple(found.place.file, found.place.line, found.place.column);
    });
    std::vector<Problem> taken;
    for (Found& found : problems_)
        taken.push_back({files_.at(static_cast<std::size_t>(found.place.file)), found.place.line, found.place.column,
                         std::move(found.message)});
    problems_.clear();
    return taken;
}

}  // namespace sluice::toml
