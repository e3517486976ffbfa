#pragma once
// A connector's durable state as one delivery sees it.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/odoo/record_writer.hpp"

namespace sluice::host {

/// Reads through to the journal once per name, keeps the delivery's own puts, and hands them over for the commit. One
/// delivery, one thread. It is also RecordWriter's memory: the id of an external id is the state "id/<external id>".
class DeliveryState final : public odoo::IdMemory {
public:
    /// Names that begin so are the host's own.
    static constexpr std::string_view id_prefix = "id/";
    static constexpr std::string_view capture_prefix = "capture/";      ///< capture_run.hpp
    static constexpr std::string_view schedule_prefix = "schedule/";    ///< when a flow's schedule ran last
    static constexpr std::string_view reconcile_prefix = "reconcile/";  ///< reconcile_state.hpp

    DeliveryState(journal::ConnectorMemory& journal, std::string connector);

    /// "" where it was never put.
    Result<std::string> get(const std::string& name);
    /// Failure::rejected beyond the limits or for a name of the host's own.
    Result<void> put(const std::string& name, std::string value);

    std::optional<std::int64_t> recall(const std::string& external_id) override;
    void remember(const std::string& external_id, std::int64_t id) override;

    /// What changed. Ids are hints that several lanes learn at once, so they replace whatever is there.
    std::vector<journal::StatePut> puts();

private:
    struct Entry {
        std::string value;
        std::int64_t version = 0;
        bool changed = false;
    };
    Result<Entry*> entry(const std::string& name);

    journal::ConnectorMemory& journal_;
    std::string connector_;
    std::map<std::string, Entry> entries_;
    std::size_t plugin_puts_ = 0;
};

}  // namespace sluice::host
