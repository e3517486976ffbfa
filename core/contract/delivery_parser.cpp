#include "core/contract/delivery_parser.hpp"

#include <fmt/format.h>

#include "core/contract/duration_reader.hpp"

namespace sluice::contract {
namespace {

constexpr std::int64_t longest_wait_ms = 7LL * 24 * 60 * 60 * 1'000;
constexpr std::int64_t most_attempts = 1'000;

Retry read_retry(const toml::Node& node, const std::string& path, toml::Problems& problems) {
    Retry retry;
    toml::TableReader reader(node, path, problems);
    const auto base_ms = reader.integer("base_ms", 1, longest_wait_ms);
    const auto cap_ms = reader.integer("cap_ms", 1, longest_wait_ms);
    if (base_ms) retry.base_ms = *base_ms;
    if (cap_ms) retry.cap_ms = *cap_ms;
    retry.limit = static_cast<int>(reader.integer("limit", 1, most_attempts).value_or(retry.limit));
    const bool both_read = reader.has("base_ms") == base_ms.has_value() && reader.has("cap_ms") == cap_ms.has_value();
    if (both_read && retry.base_ms > retry.cap_ms)
        reader.problem(base_ms ? "base_ms" : "cap_ms",
                       fmt::format("`base_ms` ({}) must not be more than `cap_ms` ({})", retry.base_ms, retry.cap_ms));
    reader.finish();
    return retry;
}

Batch read_batch(const toml::Node& node, const std::string& path, toml::Problems& problems) {
    Batch batch;
    toml::TableReader reader(node, path, problems);
    reader.need("max", fmt::format("how many events at most, 2 to {}", Batch::most));
    batch.max = static_cast<int>(reader.integer("max", 2, Batch::most).value_or(batch.max));
    batch.wait_ms = read_duration(reader, "wait").value_or(batch.wait_ms);
    if (batch.wait_ms > longest_wait_ms) reader.problem("wait", "`wait` must be at most 7d");
    reader.finish();
    return batch;
}

/// "90d", "71h", "5400s".
std::string length(std::int64_t length_ms) {
    constexpr std::int64_t hour_ms = 3'600'000, day_ms = 24 * hour_ms;
    if (length_ms % day_ms == 0) return fmt::format("{}d", length_ms / day_ms);
    if (length_ms % hour_ms == 0) return fmt::format("{}h", length_ms / hour_ms);
    return fmt::format("{}s", length_ms / 1'000);
}

Retention read_retention(const toml::Node& node, const std::string& path, toml::Problems& problems) {
    Retention retention;
    toml::TableReader reader(node, path, problems);
    const auto payload_ms = read_duration(reader, "payload");
    const auto ids_ms = read_duration(reader, "ids");
    if (payload_ms) retention.payload_ms = *payload_ms;
    if (ids_ms) retention.ids_ms = *ids_ms;
    const bool both_read = reader.has("payload") == payload_ms.has_value() && reader.has("ids") == ids_ms.has_value();
    if (const auto wrong = retention_problem(retention); both_read && !wrong.empty())
        reader.problem(ids_ms ? "ids" : "payload", wrong);
    reader.finish();
    return retention;
}

}  // namespace

std::string retention_problem(const Retention& retention) {
    if (retention.ids_ms < Retention::shortest_ids_ms)
        return fmt::format(
            "`ids` ({}) must be at least {}: a sender may repeat an event that long, and without its id "
            "the repeat would be a new one",
            length(retention.ids_ms), length(Retention::shortest_ids_ms));
    if (retention.payload_ms > retention.ids_ms)
        return fmt::format("`payload` ({}) must not be kept longer than `ids` ({})", length(retention.payload_ms),
                           length(retention.ids_ms));
    return "";
}

void read_delivery(toml::TableReader& reader, Flow& flow, toml::Problems& problems) {
    if (const toml::Node* retry = reader.table("retry"))
        flow.retry = read_retry(*retry, reader.path() + ".retry", problems);
    if (const toml::Node* dead_letter = reader.table("dead_letter")) {
        toml::TableReader dead(*dead_letter, reader.path() + ".dead_letter", problems);
        flow.dead_letter_holds_key = dead.boolean("holds_key", true);
        dead.finish();
    }
    if (const auto priority = reader.one_of("priority", {"high", "normal", "low"}))
        flow.priority = static_cast<Priority>(*priority);
    flow.deadline_ms = read_duration(reader, "deadline").value_or(0);
    flow.coalesce_latest = reader.one_of("coalesce", {"latest"}).has_value();
    if (const toml::Node* batch = reader.table("batch"))
        flow.batch = read_batch(*batch, reader.path() + ".batch", problems);
    if (const toml::Node* retention = reader.table("retention"))
        flow.retention = read_retention(*retention, reader.path() + ".retention", problems);
}

}  // namespace sluice::contract
