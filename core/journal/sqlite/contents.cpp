#include "core/journal/sqlite/contents.hpp"

#include <fmt/core.h>

#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

constexpr std::string_view payload_part = "payload", headers_part = "headers", edit_part = "edit";

struct Unreadable {
    std::int64_t number = 0;
    std::string first;
    void add(const Result<std::string>& opened) {
        if (!opened && number++ == 0) first = opened.error().message;
    }
};

}  // namespace

bool is_sealed_shut(const Error& error) {
    return error.failure == Failure::auth || error.failure == Failure::rejected;
}

Result<void> keep_contents(Database& database, const Sealer& sealer, Seq seq, std::string_view payload,
                           std::string_view headers) {
    const Sealed kept_payload(sealer, Place::of_event(seq, payload_part), payload);
    const Sealed kept_headers(sealer, Place::of_event(seq, headers_part), headers);
    return database.run("INSERT INTO contents (seq, sealed, payload, headers) VALUES (?1, ?2, ?3, ?4)", seq,
                        kept_payload.key_id, Blob{kept_payload.bytes}, Blob{kept_headers.bytes});
}

Result<std::optional<Contents>> read_contents(Database& database, const Sealer& sealer, Seq seq) {
    auto rows = database.query("SELECT sealed, payload, headers FROM contents WHERE seq = ?1", seq);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return std::nullopt;
    auto payload = sealer.open(rows->integer(0), Place::of_event(seq, payload_part), rows->bytes(1));
    if (!payload) return std::unexpected(payload.error());
    auto headers = sealer.open(rows->integer(0), Place::of_event(seq, headers_part), rows->bytes(2));
    if (!headers) return std::unexpected(headers.error());
    return Contents{.payload = std::move(*payload), .headers = std::move(*headers)};
}

Result<Contents> read_delivered(Database& database, const Sealer& sealer, Seq seq) {
    Contents contents;
    bool edited = false;
    {
        auto rows =
            database.query("SELECT sealed, payload FROM edits WHERE seq = ?1 ORDER BY number DESC LIMIT 1", seq);
        if (!rows) return std::unexpected(rows.error());
        const auto row = rows->next();
        if (!row) return std::unexpected(row.error());
        edited = *row;
        if (edited) {
            auto payload = sealer.open(rows->integer(0), Place::of_event(seq, edit_part), rows->bytes(1));
            if (!payload) return std::unexpected(payload.error());
            contents.payload = std::move(*payload);
        }
    }
    auto rows = database.query("SELECT sealed, headers, payload FROM contents WHERE seq = ?1", seq);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return contents;
    auto headers = sealer.open(rows->integer(0), Place::of_event(seq, headers_part), rows->bytes(1));
    if (!headers) return std::unexpected(headers.error());
    contents.headers = std::move(*headers);
    if (edited) return contents;
    auto payload = sealer.open(rows->integer(0), Place::of_event(seq, payload_part), rows->bytes(2));
    if (!payload) return std::unexpected(payload.error());
    contents.payload = std::move(*payload);
    return contents;
}

Result<void> keep_edit(Database& database, const Sealer& sealer, Seq seq, const Edit& edit) {
    const auto last = database.number("SELECT max(number) FROM edits WHERE seq = ?1", seq);
    if (!last) return std::unexpected(last.error());
    const Sealed kept(sealer, Place::of_event(seq, edit_part), edit.payload);
    return database.run(
        "INSERT INTO edits (seq, number, at_ms, who, reason, sealed, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)", seq,
        *last + 1, edit.at_ms, edit.who, edit.reason, kept.key_id, Blob{kept.bytes});
}

Result<std::vector<Edit>> read_edits(Database& database, const Sealer& sealer, Seq seq) {
    std::vector<Edit> edits;
    auto rows =
        database.query("SELECT at_ms, who, reason, sealed, payload FROM edits WHERE seq = ?1 ORDER BY number", seq);
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->next();
        if (!row) return std::unexpected(row.error());
        if (!*row) return edits;
        auto payload = sealer.open(rows->integer(3), Place::of_event(seq, edit_part), rows->bytes(4));
        if (!payload) return std::unexpected(payload.error());
        edits.push_back({.at_ms = rows->integer(0),
                         .who = rows->bytes(1),
                         .reason = rows->bytes(2),
                         .payload = std::move(*payload)});
    }
}

Result<void> check_sealed(Database& database, const Sealer& sealer) {
    Unreadable unreadable;
    auto read = each_row(
        database.query("SELECT seq, sealed, payload, headers FROM contents WHERE sealed <> 0"), [&](const Query& row) {
            unreadable.add(
                sealer.open(row.integer(1), Place::of_event(Seq{row.integer(0)}, payload_part), row.bytes(2)));
            unreadable.add(
                sealer.open(row.integer(1), Place::of_event(Seq{row.integer(0)}, headers_part), row.bytes(3)));
        });
    if (!read) return read;
    read = each_row(database.query("SELECT seq, sealed, payload FROM edits WHERE sealed <> 0"), [&](const Query& row) {
        unreadable.add(sealer.open(row.integer(1), Place::of_event(Seq{row.integer(0)}, edit_part), row.bytes(2)));
    });
    if (!read) return read;
    read = each_row(
        database.query("SELECT connector, name, sealed, value FROM state WHERE sealed <> 0"), [&](const Query& row) {
            unreadable.add(sealer.open(row.integer(2), Place::of_state(row.bytes(0), row.bytes(1)), row.bytes(3)));
        });
    if (!read || unreadable.number == 0) return read;
    return fail(Failure::invalid, fmt::format("journal {}: {} of what is encrypted cannot be read; the first: {}",
                                              database.file().string(), unreadable.number, unreadable.first));
}

}  // namespace sluice::journal::sqlite
