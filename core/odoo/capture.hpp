#pragma once
// Reading changes of one model by polling, so that none is missed and none is told twice.
//
// `write_date` is the moment a transaction began, visible only at its commit, and whole seconds on the wire;
// comparisons differ by version (shared/odoo/FACTS 5). So: `>=` alone, an overlap at least as long as transactions
// last, what was told remembered by the content read, and a sweep over everything for what outlived the overlap and for
// deletions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/odoo/client.hpp"

namespace sluice::odoo {

/// What of a model is watched.
struct Watch {
    std::string model;
    std::string domain = "[]";  ///< a JSON array, Odoo's own notation; archived records count too
    std::vector<std::string> fields;
    std::vector<std::string> optional_fields;  ///< read where this database has them, else left out
    /// Many2one fields whose record may be one of ours, each with its model.
    std::vector<std::pair<std::string, std::string>> links;
    bool only_linked = false;  ///< records of which a link is not ours are passed over
    std::string connector;     ///< whose external ids are "ours"
    std::int64_t overlap_ms = 180'000;
    bool from_the_beginning = false;  ///< tell what is there already, not only what changes from now on
};

/// What is known of one record.
struct Seen {
    std::int64_t changes = 0;  ///< told so far: the next one's number is one more
    std::string hash;          ///< of the document read last; "" where the record is gone
};

/// The records seen so far; durable with the cursor, or not at all. One thread.
class CaptureMemory {
public:
    virtual ~CaptureMemory() = default;
    virtual Result<std::optional<Seen>> recall(std::int64_t id) = 0;
    /// `document` is "" where the record is gone.
    virtual void remember(std::int64_t id, const Seen& seen, std::string_view document) = 0;
    /// The ids of records that are not gone, greater than `after` and at most `up_to`, ascending.
    virtual Result<std::vector<std::int64_t>> known(std::int64_t after, std::int64_t up_to) = 0;
};

struct Change {
    std::int64_t id = 0;
    std::int64_t number = 0;  ///< of the record's changes, from 1: with the id it is the change's identity
    bool gone = false;        ///< deleted, or out of the domain
    /// {"id", "model", the fields as Odoo answers them (a many2one is its id), "external_ids": {link: id or null}};
    /// of a gone one only id, model and "gone": true.
    std::string document;
};

/// Where the reading stands. Kept as a text by whoever keeps the memory.
struct CaptureCursor {
    std::string bound;  ///< the newest `write_date` of a round that ended, Odoo's notation. "": nothing was read yet
    std::int64_t bound_seen_ms = 0;  ///< our clock when it moved last
    /// A round with the overlap was begun an overlap after that: nothing older is still to come.
    bool settled = false;
    std::string start;         ///< the bound of the first look
    bool first_round = false;  ///< what is there is remembered, not told
    // of the round under way
    std::string from;  ///< "": none is
    std::int64_t started_ms = 0;
    std::string newest;
    std::int64_t after_id = 0;
    std::int64_t sweep_after_id = 0;

    std::string to_text() const;
    /// Nothing where the text is none that to_text() wrote.
    static std::optional<CaptureCursor> parse(std::string_view text);
};

struct CapturedPage {
    std::vector<Change> changes;
    bool more = false;  ///< the round goes on: call again with the same cursor
};

/// Records of one page.
inline constexpr std::int64_t capture_page_size = 200;

/// Reads the next page of what changed and moves `cursor`. Errors are Caller's; cursor and memory are as good as
/// untouched then (give both up).
Result<CapturedPage> poll(Caller& odoo, const Watch& watch, CaptureCursor& cursor, CaptureMemory& memory,
                          std::int64_t now_ms);
/// Reads the next page of everything: what a poll missed, and which records are gone. Nothing before the first poll.
Result<CapturedPage> sweep(Caller& odoo, const Watch& watch, CaptureCursor& cursor, CaptureMemory& memory);

}  // namespace sluice::odoo
