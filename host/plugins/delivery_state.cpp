#include "host/plugins/delivery_state.hpp"

#include <charconv>

#include "host/plugins/limits.hpp"

namespace sluice::host {

DeliveryState::DeliveryState(journal::ConnectorMemory& journal, std::string connector)
    : journal_(journal), connector_(std::move(connector)) {}

Result<DeliveryState::Entry*> DeliveryState::entry(const std::string& name) {
    const auto known = entries_.find(name);
    if (known != entries_.end()) return &known->second;
    auto read = journal_.get_state(connector_, name);
    if (!read) return std::unexpected(read.error());
    return &entries_.emplace(name, Entry{.value = std::move(read->value), .version = read->version}).first->second;
}

Result<std::string> DeliveryState::get(const std::string& name) {
    auto found = entry(name);
    if (!found) return std::unexpected(found.error());
    return (*found)->value;
}

Result<void> DeliveryState::put(const std::string& name, std::string value) {
    if (name.empty() || name.size() > max_name_bytes)
        return fail(Failure::rejected,
                    "put_state: a state's name has 1 to " + std::to_string(max_name_bytes) + " bytes");
    for (const auto prefix : {id_prefix, capture_prefix, schedule_prefix, reconcile_prefix}) {
        if (name.starts_with(prefix))
            return fail(Failure::rejected, "put_state: names that begin with \"" + std::string(prefix) +
                                               "\" are the host's own; choose another than \"" + name + "\"");
    }
    if (value.size() > max_state_bytes)
        return fail(Failure::rejected, "put_state: the value of \"" + name + "\" has " + std::to_string(value.size()) +
                                           " bytes; at most " + std::to_string(max_state_bytes) + " are kept");
    auto found = entry(name);
    if (!found) return std::unexpected(found.error());
    Entry& slot = **found;
    if (!slot.changed && ++plugin_puts_ > max_state_puts)
        return fail(Failure::rejected,
                    "put_state: one delivery puts at most " + std::to_string(max_state_puts) + " states");
    slot.value = std::move(value);
    slot.changed = true;
    return {};
}

std::optional<std::int64_t> DeliveryState::recall(const std::string& external_id) {
    const auto found = entry(std::string(id_prefix) + external_id);
    if (!found) return std::nullopt;  // a hint that cannot be read is no hint
    const std::string& text = (*found)->value;
    std::int64_t id = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || id <= 0) return std::nullopt;
    return id;
}

void DeliveryState::remember(const std::string& external_id, std::int64_t id) {
    const auto found = entry(std::string(id_prefix) + external_id);
    if (!found) return;
    const std::string text = std::to_string(id);
    if ((*found)->value == text) return;
    (*found)->value = text;
    (*found)->changed = true;
}

std::vector<journal::StatePut> DeliveryState::puts() {
    std::vector<journal::StatePut> puts;
    for (const auto& [name, entry] : entries_) {
        if (!entry.changed) continue;
        const bool is_hint = name.starts_with(id_prefix);
        puts.push_back({.name = name,
                        .value = entry.value,
                        .expected_version = is_hint ? journal::StatePut::any_version : entry.version});
    }
    return puts;
}

}  // namespace sluice::host
