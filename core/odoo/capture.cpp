#include "core/odoo/capture.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <set>

#include "core/base/crypto.hpp"
#include "core/base/timestamp.hpp"
#include "core/odoo/existing.hpp"
#include "core/odoo/external_id.hpp"

namespace sluice::odoo {
namespace {

constexpr std::string_view beginning = "1970-01-01 00:00:00";
constexpr std::size_t hash_length = 32;

std::string earlier(const std::string& moment, std::int64_t by_ms) {
    const auto unix_ms = parse_rfc3339(moment + "Z");
    return unix_ms ? format_odoo_datetime(*unix_ms - by_ms) : std::string(beginning);
}

/// The watch's domain with more terms before it: Odoo joins top-level terms by "and".
std::string domain_with(const Watch& watch, std::string_view from, std::int64_t after_id) {
    json::Writer out;
    out.begin_array();
    if (!from.empty()) out.begin_array().string("write_date").string(">=").string(from).end_array();
    if (after_id > 0) out.begin_array().string("id").string(">").integer(after_id).end_array();
    const auto own = json::Document::parse(watch.domain);
    for (std::size_t i = 0; own && i < own->root().size(); ++i) out.raw(own->root().at(i).raw());
    return out.end_array().take();
}

Result<json::Document> search_read(Caller& odoo, const Watch& watch, const std::string& domain,
                                   const std::vector<std::string>& fields, std::string_view order, std::int64_t limit) {
    json::Writer kwargs;
    kwargs.begin_object().key("fields").begin_array();
    for (const auto& field : fields) kwargs.string(field);
    kwargs.end_array().key("order").string(order).key("limit").integer(limit);
    kwargs.key("load").boolean(false);  // a many2one as its bare id
    kwargs.key("context").begin_object().key("active_test").boolean(false).end_object().end_object();
    return odoo.call(watch.model, "search_read", "[" + domain + "]", kwargs.text());
}

/// The fields to read: those that must be there, and of the others those that are.
Result<std::vector<std::string>> fields_of(Caller& odoo, const Watch& watch) {
    auto fields = watch.fields;
    for (const auto& [field, model] : watch.links) fields.push_back(field);
    if (!watch.optional_fields.empty()) {
        json::Writer args;
        args.begin_array().begin_array();
        for (const auto& field : watch.optional_fields) args.string(field);
        args.end_array().end_array();
        const auto known = odoo.call(watch.model, "fields_get", args.text(), R"({"attributes":["type"]})");
        if (!known) return std::unexpected(known.error());
        for (const auto& field : watch.optional_fields) {
            if (known->root().find(field)) fields.push_back(field);
        }
    }
    std::ranges::sort(fields);
    fields.erase(std::ranges::unique(fields).begin(), fields.end());
    return fields;
}

/// One page read, with the external ids its links have.
struct Reading {
    std::vector<std::string> fields;
    json::Document rows;
    std::map<std::string, std::map<std::int64_t, std::string>> link_names;  ///< field -> id -> our external id
};

std::int64_t id_of(const json::Value& row) {
    const auto id = row.find("id");
    return id ? id->as_int64().value_or(0) : 0;
}

std::string text_of(const json::Value& row, std::string_view field) {
    const auto value = row.find(field);
    return value && value->kind() == json::Kind::string ? std::string(value->text()) : std::string();
}

Result<void> read_links(Caller& odoo, const Watch& watch, Reading& reading) {
    const auto rows = reading.rows.root();
    for (const auto& [field, model] : watch.links) {
        std::set<std::int64_t> ids;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto value = rows.at(i).find(field);
            if (const auto id = value ? value->as_int64() : std::nullopt) ids.insert(*id);
        }
        const auto names = external_ids_of(odoo, model, {ids.begin(), ids.end()});
        if (!names) return std::unexpected(names.error());
        for (const auto& [id, name] : *names) {
            if (auto own = own_external_id(watch.connector, name)) reading.link_names[field][id] = std::move(*own);
        }
    }
    return {};
}

Result<Reading> read_page(Caller& odoo, const Watch& watch, const std::string& domain) {
    auto fields = fields_of(odoo, watch);
    if (!fields) return std::unexpected(fields.error());
    auto asked = *fields;
    asked.push_back("write_date");
    auto rows = search_read(odoo, watch, domain, asked, "id", capture_page_size);
    if (!rows) return std::unexpected(rows.error());
    if (rows->root().kind() != json::Kind::array)
        return fail(Failure::retry, watch.model + ".search_read answered no list");
    Reading reading{.fields = std::move(*fields), .rows = std::move(*rows), .link_names = {}};
    if (const auto linked = read_links(odoo, watch, reading); !linked) return std::unexpected(linked.error());
    return reading;
}

struct Read {
    std::string document;
    bool linked = true;  ///< every link is ours
};

Read document_of(const Watch& watch, const Reading& reading, const json::Value& row) {
    Read out;
    json::Writer writer;
    writer.begin_object().key("id").integer(id_of(row)).key("model").string(watch.model);
    for (const auto& field : reading.fields) {
        const auto value = row.find(field);
        writer.key(field);
        if (value)
            writer.raw(value->raw());
        else
            writer.null();
    }
    if (!watch.links.empty()) {
        writer.key("external_ids").begin_object();
        for (const auto& [field, model] : watch.links) {
            const auto value = row.find(field);
            const auto id = value ? value->as_int64() : std::nullopt;
            const auto names = reading.link_names.find(field);
            const bool ours = id && names != reading.link_names.end() && names->second.contains(*id);
            writer.key(field);
            if (ours)
                writer.string(names->second.at(*id));
            else
                writer.null();
            out.linked &= ours;
        }
        writer.end_object();
    }
    out.document = writer.end_object().take();
    return out;
}

/// Whether a record that was never seen is news, as against one that was there before we began.
bool is_news(const Watch& watch, const CaptureCursor& cursor, const std::string& write_date) {
    if (cursor.first_round) return write_date > cursor.start;
    return write_date >= earlier(cursor.start, watch.overlap_ms);
}

Result<void> compare(const Watch& watch, const Reading& reading, const json::Value& row, const CaptureCursor& cursor,
                     CaptureMemory& memory, std::vector<Change>& changes) {
    const auto id = id_of(row);
    const auto read = document_of(watch, reading, row);
    const auto hash = crypto::hex(crypto::sha256(read.document)).substr(0, hash_length);
    const auto known = memory.recall(id);
    if (!known) return std::unexpected(known.error());
    if (*known && (*known)->hash == hash) return {};
    Seen seen{.changes = *known ? (*known)->changes : 0, .hash = hash};
    const bool passed_over = watch.only_linked && !read.linked;
    if (!passed_over && (*known || is_news(watch, cursor, text_of(row, "write_date"))))
        changes.push_back({.id = id, .number = ++seen.changes, .gone = false, .document = read.document});
    memory.remember(id, seen, read.document);
    return {};
}

/// The newest `write_date` there is; "" where there is no record.
Result<std::string> newest_of(Caller& odoo, const Watch& watch, std::string_view from) {
    const auto newest =
        search_read(odoo, watch, domain_with(watch, from, 0), {"write_date"}, "write_date desc, id desc", 1);
    if (!newest) return std::unexpected(newest.error());
    return newest->root().size() > 0 ? text_of(newest->root().at(0), "write_date") : std::string();
}

/// Sets the cursor where a watch that begins now begins.
Result<void> begin(Caller& odoo, const Watch& watch, CaptureCursor& cursor) {
    cursor.start = std::string(beginning);
    if (!watch.from_the_beginning) {
        const auto newest = newest_of(odoo, watch, "");
        if (!newest) return std::unexpected(newest.error());
        if (!newest->empty()) cursor.start = *newest;
        cursor.first_round = true;
    }
    cursor.bound = cursor.start;
    return {};
}

void end_round(const Watch& watch, CaptureCursor& cursor, std::int64_t now_ms) {
    if (cursor.newest > cursor.bound) {
        cursor.bound = cursor.newest;
        cursor.bound_seen_ms = now_ms;
        cursor.settled = false;
    } else if (cursor.started_ms >= cursor.bound_seen_ms + watch.overlap_ms) {
        cursor.settled = true;
    }
    cursor.from.clear();
    cursor.first_round = false;
}

/// Which of the remembered records in a swept range of ids were not read.
Result<void> find_gone(const Watch& watch, const json::Value& rows, std::int64_t after, std::int64_t up_to,
                       CaptureMemory& memory, std::vector<Change>& changes) {
    const auto known = memory.known(after, up_to);
    if (!known) return std::unexpected(known.error());
    std::set<std::int64_t> there;
    for (std::size_t i = 0; i < rows.size(); ++i) there.insert(id_of(rows.at(i)));
    for (const auto id : *known) {
        if (there.contains(id)) continue;
        const auto seen = memory.recall(id);
        if (!seen) return std::unexpected(seen.error());
        if (!*seen || (*seen)->hash.empty()) continue;
        Seen now{.changes = (*seen)->changes, .hash = ""};
        // What was never told of needs no farewell.
        if (now.changes > 0) {
            json::Writer document;
            document.begin_object().key("id").integer(id).key("model").string(watch.model).key("gone").boolean(true);
            changes.push_back(
                {.id = id, .number = ++now.changes, .gone = true, .document = document.end_object().take()});
        }
        memory.remember(id, now, "");
    }
    return {};
}

}  // namespace

std::string CaptureCursor::to_text() const {
    json::Writer out;
    out.begin_object().key("bound").string(bound).key("bound_seen_ms").integer(bound_seen_ms);
    out.key("settled").boolean(settled).key("start").string(start).key("first_round").boolean(first_round);
    out.key("from").string(from).key("started_ms").integer(started_ms).key("newest").string(newest);
    out.key("after_id").integer(after_id);
    return out.key("sweep_after_id").integer(sweep_after_id).end_object().take();
}

std::optional<CaptureCursor> CaptureCursor::parse(std::string_view text) {
    const auto document = json::Document::parse(text);
    if (!document || document->root().kind() != json::Kind::object) return std::nullopt;
    const auto root = document->root();
    const auto number = [&](std::string_view name) {
        const auto value = root.find(name);
        return value ? value->as_int64().value_or(0) : 0;
    };
    const auto flag = [&](std::string_view name) {
        const auto value = root.find(name);
        return value && value->is_true();
    };
    return CaptureCursor{.bound = text_of(root, "bound"),
                         .bound_seen_ms = number("bound_seen_ms"),
                         .settled = flag("settled"),
                         .start = text_of(root, "start"),
                         .first_round = flag("first_round"),
                         .from = text_of(root, "from"),
                         .started_ms = number("started_ms"),
                         .newest = text_of(root, "newest"),
                         .after_id = number("after_id"),
                         .sweep_after_id = number("sweep_after_id")};
}

Result<CapturedPage> poll(Caller& odoo, const Watch& watch, CaptureCursor& cursor, CaptureMemory& memory,
                          std::int64_t now_ms) {
    if (cursor.bound.empty()) {
        if (const auto begun = begin(odoo, watch, cursor); !begun) return std::unexpected(begun.error());
        cursor.bound_seen_ms = now_ms;
    }
    if (cursor.from.empty()) {
        cursor.from = cursor.settled ? cursor.bound : earlier(cursor.bound, watch.overlap_ms);
        cursor.started_ms = now_ms;
        cursor.newest.clear();
        cursor.after_id = 0;
    }
    const bool first_page = cursor.after_id == 0;
    const auto reading = read_page(odoo, watch, domain_with(watch, cursor.from, cursor.after_id));
    if (!reading) return std::unexpected(reading.error());
    const auto rows = reading->rows.root();

    CapturedPage page;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto row = rows.at(i);
        if (const auto done = compare(watch, *reading, row, cursor, memory, page.changes); !done)
            return std::unexpected(done.error());
        cursor.after_id = std::max(cursor.after_id, id_of(row));
        if (first_page) cursor.newest = std::max(cursor.newest, text_of(row, "write_date"));
    }
    page.more = rows.size() >= static_cast<std::size_t>(capture_page_size);
    if (page.more && first_page) {
        // Asked before the later pages are read: what changes behind them is newer, or within the overlap.
        auto newest = newest_of(odoo, watch, cursor.from);
        if (!newest) return std::unexpected(newest.error());
        cursor.newest = std::move(*newest);
    }
    if (!page.more) end_round(watch, cursor, now_ms);
    return page;
}

Result<CapturedPage> sweep(Caller& odoo, const Watch& watch, CaptureCursor& cursor, CaptureMemory& memory) {
    CapturedPage page;
    if (cursor.bound.empty() || cursor.first_round) return page;
    const auto reading = read_page(odoo, watch, domain_with(watch, "", cursor.sweep_after_id));
    if (!reading) return std::unexpected(reading.error());
    const auto rows = reading->rows.root();
    page.more = rows.size() >= static_cast<std::size_t>(capture_page_size);
    auto last = cursor.sweep_after_id;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (const auto done = compare(watch, *reading, rows.at(i), cursor, memory, page.changes); !done)
            return std::unexpected(done.error());
        last = std::max(last, id_of(rows.at(i)));
    }
    const auto up_to = page.more ? last : std::numeric_limits<std::int64_t>::max();
    if (const auto gone = find_gone(watch, rows, cursor.sweep_after_id, up_to, memory, page.changes); !gone)
        return std::unexpected(gone.error());
    cursor.sweep_after_id = page.more ? last : 0;
    return page;
}

}  // namespace sluice::odoo
