#pragma once
// The events that a clock or a person starts a flow with.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/journal/types.hpp"
#include "host/admin/admin_hooks.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// Topics of what a person starts.
inline constexpr std::string_view demand_topic = "demand";

/// A poll or a sweep (capture_run.hpp) that is due at `due_ms`: the moment is part of its id, so that a repeat is
/// known.
journal::NewEvent poll_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms);
journal::NewEvent sweep_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms);
/// What a flow's schedule starts: the document is {"due": "2026-01-31T06:00:00.000Z"}.
journal::NewEvent schedule_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms);

/// What the timetable of a flow's reconciliation starts.
journal::NewEvent scheduled_reconcile_event(const Connector& connector, const contract::Flow& flow,
                                            std::int64_t due_ms);

/// What `sluice reconcile start` starts.
Result<journal::NewEvent> demand_reconcile_event(const Connector& connector, const std::string& flow,
                                                 const ReconcileWish& wish, std::string_view id, std::int64_t now_ms);
/// What `sluice trigger` starts: `data` is a JSON document of the flow; "" is one without content, and for a flow that
/// watches Odoo it is a poll. `id` makes the event's. Failure::invalid says why the flow cannot be started with it.
Result<journal::NewEvent> demand_event(const Connector& connector, const std::string& flow, std::string data,
                                       std::string_view id, std::int64_t now_ms);
/// What `sluice trigger --sweep` starts: a sweep of a flow that watches Odoo.
Result<journal::NewEvent> demand_sweep_event(const Connector& connector, const std::string& flow, std::string_view id,
                                             std::int64_t now_ms);

}  // namespace sluice::host
