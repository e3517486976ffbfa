#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sluice::delivery::testing {

/// The most of these moments that lie in one window of a length, both of its ends included.
inline std::int64_t most_within(std::vector<std::int64_t> moments, std::int64_t length_ms) {
    std::ranges::sort(moments);
    std::size_t most = 0;
    for (std::size_t last = 0, first = 0; last < moments.size(); ++last) {
        while (moments[last] - moments[first] > length_ms) ++first;
        most = std::max(most, last - first + 1);
    }
    return static_cast<std::int64_t>(most);
}

}  // namespace sluice::delivery::testing
