#pragma once
// HTTP headers as plain values; no socket behind them.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, without regard to case; "" where absent.
std::string_view find_header(const Headers& headers, std::string_view name);

}  // namespace sluice::http
