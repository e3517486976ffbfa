#pragma once
// What a plugin may ask of one delivery. Beyond a limit it gets REJECTED and a message that names it.

#include <cstddef>
#include <cstdint>

namespace sluice::host {

inline constexpr std::size_t max_document_bytes = 64 * 1024 * 1024;  ///< a document, a request body, an emitted payload
inline constexpr std::size_t max_held_reply_bytes = 256 * 1024 * 1024;  ///< replies not released yet, together
inline constexpr std::size_t max_documents = 1'000;                     ///< of one write_record()
inline constexpr std::size_t max_url_bytes = 8 * 1024;
inline constexpr std::size_t max_name_bytes = 256;          ///< model, method, flow, credential, state, step
inline constexpr std::size_t max_emit_name_bytes = 128;     ///< becomes part of an event id
inline constexpr std::size_t max_emitted_events = 256;      ///< of one delivery
inline constexpr std::size_t max_chained_id_bytes = 1'024;  ///< an event id that emitted ones begin with; else its hash
inline constexpr std::size_t max_state_bytes = 1024 * 1024;  ///< one value
inline constexpr std::size_t max_state_puts = 256;           ///< names put by one delivery
inline constexpr std::size_t max_message_bytes = 4 * 1024;   ///< explain(), log(): cut, not refused
inline constexpr std::size_t min_effect_key_length = 16;     ///< 64 bits: fewer would collide

inline constexpr std::size_t max_cursor_bytes = 64 * 1024;  ///< list_page(): where the next page begins

/// Of one run of a reconciliation: findings kept (the rest is counted), records of Odoo one page looks at, and pages of
/// other people's records one delivery passes over.
inline constexpr std::int64_t max_findings_kept = 10'000;
inline constexpr int reconcile_odoo_page = 100;
inline constexpr int reconcile_odoo_pages = 20;
/// What came so shortly before a run's start is not in its period: its event may be under way.
inline constexpr std::int64_t reconcile_settle_ms = 300'000;
/// A run that has not moved for so long does not keep a scheduled one from starting.
inline constexpr std::int64_t reconcile_stalled_ms = 3'600'000;

/// Pages of changes one delivery reads (core/odoo/capture.hpp says how many records a page has).
inline constexpr int capture_pages = 5;
/// Remembered records one read of the journal answers; all of them are read, so many at a time.
inline constexpr int capture_states_page = 1'000;

/// A delivery may take as long as this many Odoo calls at their full time-out.
inline constexpr std::int64_t deadline_odoo_calls = 5;
inline constexpr std::int64_t default_http_timeout_ms = 30'000;
/// The probe after a lost connection must not take as long as a call: the question is whether anybody is there.
inline constexpr std::int64_t probe_connect_ms = 5'000;
inline constexpr std::int64_t probe_total_ms = 15'000;
/// Endpoints one lane keeps a connection to; the least recently used goes first.
inline constexpr std::size_t max_http_endpoints = 8;

}  // namespace sluice::host
