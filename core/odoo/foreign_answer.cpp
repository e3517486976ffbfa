#include <date/date.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

#include "core/base/text.hpp"
#include "core/odoo/errors.hpp"

namespace sluice::odoo {
namespace {

/// A proxy that asks for longer is answered with this (one day).
constexpr std::int64_t max_retry_after_ms = 24LL * 60 * 60 * 1'000;

std::optional<date::sys_seconds> parse_http_date(std::string_view text) {
    std::istringstream in{std::string(text)};
    date::sys_seconds moment;
    in >> date::parse("%a, %d %b %Y %T GMT", moment);
    if (in.fail()) return std::nullopt;
    return moment;
}

/// Retry-After as seconds or as a date; a date is measured against the answer's own Date, so that no clock is needed
/// here. -1 where there is no advice.
std::int64_t retry_after_ms(const http::Headers& headers) {
    const auto text = trim(http::find_header(headers, "Retry-After"));
    if (text.empty()) return -1;
    std::int64_t seconds = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (problem == std::errc::result_out_of_range) return max_retry_after_ms;
    if (problem != std::errc() || end != text.data() + text.size()) {
        const auto until = parse_http_date(text);
        const auto now = parse_http_date(trim(http::find_header(headers, "Date")));
        if (!until || !now) return -1;
        seconds = (*until - *now).count();
    }
    return std::clamp(seconds, std::int64_t{0}, max_retry_after_ms / 1'000) * 1'000;
}

bool is_html(const http::Response& response) {
    return to_lower_ascii(http::find_header(response.headers, "Content-Type")).starts_with("text/html");
}

/// For the operator: a page's bytes say little and may say too much, so only its kind and size.
std::string describe(const http::Response& response) {
    const auto type = http::find_header(response.headers, "Content-Type");
    return "HTTP " + std::to_string(response.status) + " with " + std::to_string(response.body.size()) + " bytes of " +
           (type.empty() ? std::string("no content type") : "`" + std::string(type) + "`") +
           " instead of an answer of Odoo";
}

Error make(Failure failure, std::string message, bool disconnected, std::int64_t wait_ms = -1) {
    return Error{
        .failure = failure, .message = std::move(message), .retry_after_ms = wait_ms, .disconnected = disconnected};
}

/// Odoo's own short texts for a body it could not read.
bool is_bad_request_of_odoo(const http::Response& response) {
    return response.body.starts_with("Invalid JSON");
}

}  // namespace

Error classify_foreign_answer(const http::Response& response) {
    const auto what = describe(response);
    const auto wait_ms = retry_after_ms(response.headers);
    switch (response.status) {
        case 429:
            return make(Failure::rate_limited, what, false, wait_ms);
        case 503:
            return make(Failure::retry, what, true, wait_ms);
        case 408:
        case 425:
            return make(Failure::retry, what, false, wait_ms);
        case 404:
            // 19 says this of a database it cannot reach as of one it does not know: counted, with a probe to tell.
            return make(Failure::retry, what + ": is this the address of Odoo, and does it know the database?", true);
        case 401:
        case 407:
            return make(Failure::auth, what + ": a proxy before Odoo refuses us", false);
        case 403:
            // A firewall that dislikes this one body, or one that dislikes us: the probe tells, and nobody is paused.
            return make(Failure::retry, what + ": a proxy before Odoo refuses this request", true);
        case 413:
            return make(Failure::rejected, what + ": a proxy before Odoo refuses requests of this size", false);
        default:
            break;
    }
    if (response.status >= 500) return make(Failure::unknown, what + ": the call may have been applied", true);
    if (response.status >= 400) {
        if (is_bad_request_of_odoo(response)) {
            return make(Failure::rejected, "Odoo could not read the request: " + response.body.substr(0, 100), false);
        }
        return make(Failure::rejected, what, false);
    }
    if (response.status >= 300) {
        return make(Failure::retry, what + ": is the URL right (http or https, host, path)?", true);
    }
    if (is_html(response)) return make(Failure::retry, what, false);
    // A JSON answer that is cut off, empty or somebody else's: the call reached Odoo, and what came of it is not known.
    return make(Failure::unknown, what + ": the call may have been applied", false);
}

}  // namespace sluice::odoo
