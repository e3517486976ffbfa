#include "core/base/pattern.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

namespace sluice {

Result<Pattern> Pattern::compile(std::string_view text) {
    if (text.empty() || text.size() > max_bytes)
        return fail(Failure::invalid, fmt::format("a pattern has 1 to {} bytes; found {}", max_bytes, text.size()));
    re2::RE2::Options options;
    options.set_log_errors(false);
    auto compiled = std::make_shared<const re2::RE2>(re2::StringPiece(text.data(), text.size()), options);
    if (!compiled->ok())
        return fail(Failure::invalid,
                    fmt::format("`{}` is no regular expression (RE2's syntax): {}", text, compiled->error()));
    return Pattern(std::move(compiled));
}

const std::string& Pattern::text() const {
    return compiled_->pattern();
}

bool Pattern::matches(std::string_view whole) const {
    return re2::RE2::FullMatch(re2::StringPiece(whole.data(), whole.size()), *compiled_);
}

}  // namespace sluice
