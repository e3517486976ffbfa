#include "host/plugins/http_answer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <map>

#include "core/base/text.hpp"
#include "core/http/field_syntax.hpp"
#include "core/json/json.hpp"
#include "host/plugins/limits.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t max_retry_after_ms = 24LL * 60 * 60 * 1'000;

std::optional<int> digits(std::string_view text) {
    int value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

/// "Sun, 06 Nov 1994 08:49:37 GMT" (IMF-fixdate, the one form a sender may use) as Unix time in milliseconds.
std::optional<std::int64_t> parse_http_date(std::string_view text) {
    static constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    if (text.size() != 29 || text.substr(3, 2) != ", " || text[7] != ' ' || text[11] != ' ' || text[16] != ' ' ||
        text[19] != ':' || text[22] != ':' || text.substr(25) != " GMT")
        return std::nullopt;
    const auto month = std::find(months.begin(), months.end(), text.substr(8, 3));
    const auto day = digits(text.substr(5, 2)), year = digits(text.substr(12, 4)), hour = digits(text.substr(17, 2)),
               minute = digits(text.substr(20, 2)), second = digits(text.substr(23, 2));
    if (month == months.end() || !day || !year || !hour || !minute || !second) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return ((days * 24LL + *hour) * 60 + *minute) * 60'000 + *second * 1'000LL;
}

}  // namespace

Result<Destination> parse_url(std::string_view url) {
    static constexpr std::string_view right =
        "; right would be an absolute URL like \"https://api.example.com/v1/parcels\"";
    if (url.size() > max_url_bytes)
        return fail(Failure::rejected, "http: the URL is longer than " + std::to_string(max_url_bytes) + " bytes");
    const auto scheme_end = url.find("://");
    if (scheme_end == std::string_view::npos)
        return fail(Failure::rejected, "http: the URL is not absolute" + std::string(right));
    if (url.find('#') != std::string_view::npos)
        return fail(Failure::rejected, "http: the URL has a fragment" + std::string(right));
    const auto path = std::min(url.find_first_of("/?", scheme_end + 3), url.size());
    Destination destination;
    auto endpoint = http::Endpoint::parse(url.substr(0, path));
    if (!endpoint) return fail(Failure::rejected, "http: " + endpoint.error().message);
    destination.endpoint = *std::move(endpoint);
    destination.target = std::string(url.substr(path));
    if (!destination.target.starts_with('/')) destination.target.insert(0, "/");
    if (!http::is_request_target(destination.target))
        return fail(Failure::rejected, "http: the URL has characters that must be percent-encoded");
    const std::string& host = destination.endpoint.host;
    destination.loopback = to_lower_ascii(host) == "localhost" || host == "::1" || host.starts_with("127.");
    destination.shown = std::string(url.substr(0, std::min(url.find('?'), url.size())));
    return destination;
}

Result<http::Headers> parse_headers(std::string_view text) {
    http::Headers headers;
    if (text.empty()) return headers;
    const auto document = json::Document::parse(text);
    if (!document) return fail(Failure::rejected, "http: the headers are no JSON: " + document.error().message);
    const auto root = document->root();
    if (root.kind() != json::Kind::object)
        return fail(Failure::rejected,
                    "http: the headers must be a JSON object of texts, like {\"Accept\":\"application/json\"}");
    for (std::size_t index = 0; index < root.size(); ++index) {
        const std::string name(root.key(index));
        const auto value = root.at(index);
        if (!http::is_token(name))
            return fail(Failure::rejected, "http: a header's name has characters that may not be in it");
        if (http::is_framing_header(name))
            return fail(Failure::rejected, "http: the header " + name + " is the host's own; leave it out");
        if (value.kind() != json::Kind::string)
            return fail(Failure::rejected, "http: the header " + name + " must be a text");
        if (!http::is_field_value(value.text()))
            return fail(Failure::rejected, "http: the header " + name + " holds a control character");
        headers.emplace_back(name, std::string(value.text()));
    }
    return headers;
}

std::string headers_to_json(const http::Headers& headers) {
    std::map<std::string, std::string> joined;
    for (const auto& [name, value] : headers) {
        auto [place, first] = joined.try_emplace(to_lower_ascii(name), value);
        if (!first) place->second += ", " + value;
    }
    json::Writer writer;
    writer.begin_object();
    for (const auto& [name, value] : joined) writer.key(name).string(value);
    writer.end_object();
    return writer.take();
}

std::int64_t parse_retry_after(std::string_view value, std::int64_t now_ms) {
    value = trim(value);
    // Some vendors write "2.0": a second begun is a second to wait.
    const auto point = std::min(value.find('.'), value.size());
    const auto fraction = value.substr(point);
    const bool is_number = fraction.empty() || digits(fraction.substr(1));
    if (const auto seconds = digits(value.substr(0, point)); seconds && is_number) {
        const std::int64_t begun = fraction.find_first_not_of(".0") == std::string_view::npos ? 0 : 1;
        return std::min((*seconds + begun) * std::int64_t{1'000}, max_retry_after_ms);
    }
    if (const auto date = parse_http_date(value))
        return std::clamp<std::int64_t>(*date - now_ms, 0, max_retry_after_ms);
    return -1;
}

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "PUT" || method == "DELETE";
}

bool says_that_nobody_is_there(int status) {
    return status == 502 || status == 503 || status == 504;
}

std::optional<Error> classify_status(std::string_view method, std::string_view call, const http::Response& response,
                                     std::int64_t now_ms) {
    const int status = response.status;
    if ((status >= 200 && status < 300) || status == 304) return std::nullopt;
    Error error{.message = std::string(call) + " answered " + std::to_string(status),
                .retry_after_ms = parse_retry_after(http::find_header(response.headers, "Retry-After"), now_ms)};
    if (status == 401 || status == 403)
        error.failure = Failure::auth;
    else if (status == 429)
        error.failure = Failure::rate_limited;
    else if (status == 408 || status == 425)
        error.failure = Failure::retry;
    else if (status >= 500)
        error.failure = is_idempotent(method) ? Failure::retry : Failure::unknown;
    else
        error.failure = Failure::rejected;
    error.disconnected = says_that_nobody_is_there(status);
    if (status >= 300 && status < 400) error.message += ": redirects are not followed";
    return error;
}

}  // namespace sluice::host
