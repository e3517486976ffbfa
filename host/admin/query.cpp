#include "host/admin/query.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <set>
#include <vector>

#include "core/base/text.hpp"

namespace sluice::host {
namespace {

constexpr int max_page = 1'000;

Result<void> apply(journal::EventFilter& filter, const std::string& name, const std::string& value) {
    if (name == "connector") {
        filter.connector = value;
    } else if (name == "flow") {
        filter.flow = value;
    } else if (name == "fingerprint") {
        filter.fingerprint = value;
    } else if (name == "state") {
        const auto state = parse_state(value);
        if (!state) return std::unexpected(state.error());
        filter.state = *state;
    } else if (name == "after") {
        const auto after = value == "0" ? 0 : parse_seq(value);
        if (!after) return fail(Failure::invalid, fmt::format("`after` is `{}`; give an event's number", value));
        filter.after_seq = *after;
    } else if (name == "limit") {
        const auto limit = parse_seq(value);
        if (!limit || *limit > max_page) {
            return fail(Failure::invalid, fmt::format("`limit` is `{}`; give a number from 1 to {}", value, max_page));
        }
        filter.limit = static_cast<int>(*limit);
    } else {
        const std::vector<std::string> known{"connector", "flow", "fingerprint", "state", "after", "limit"};
        return fail(Failure::invalid, fmt::format("unknown parameter `{}`; there are {}{}", name, list_names(known),
                                                  did_you_mean(name, known)));
    }
    return {};
}

}  // namespace

Result<journal::EventState> parse_state(std::string_view text) {
    using enum journal::EventState;
    std::string names;
    for (const auto state : {ready, waiting, claimed, done, dead, discarded, superseded}) {
        if (journal::to_string(state) == text) return state;
        names += fmt::format("{}{}", names.empty() ? "" : ", ", journal::to_string(state));
    }
    return fail(Failure::invalid, fmt::format("`state` is `{}`; choose one of {}", text, names));
}

std::optional<std::int64_t> parse_seq(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc{} || end != text.data() + text.size() || number < 1) return {};
    return number;
}

Result<Target> parse_target(std::string_view target) {
    const auto parsed = boost::urls::parse_origin_form({target.data(), target.size()});
    if (!parsed) return fail(Failure::invalid, "the request's target is no path");
    Target read{.path = parsed->path(), .filter = {}};
    std::set<std::string> seen;
    for (const auto& parameter : parsed->params()) {
        if (!seen.insert(std::string(parameter.key)).second) {
            return fail(Failure::invalid, fmt::format("`{}` is given twice; give it once", std::string(parameter.key)));
        }
        const auto applied = apply(read.filter, std::string(parameter.key), std::string(parameter.value));
        if (!applied) return std::unexpected(applied.error());
    }
    return read;
}

}  // namespace sluice::host
