#include "core/base/headers.hpp"

#include <strings.h>

namespace sluice::http {

std::string_view find_header(const Headers& headers, std::string_view name) {
    for (const auto& [key, value] : headers) {
        if (key.size() == name.size() && ::strncasecmp(key.data(), name.data(), name.size()) == 0) return value;
    }
    return {};
}

}  // namespace sluice::http
