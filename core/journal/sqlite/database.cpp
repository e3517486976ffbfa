#include "core/journal/sqlite/database.hpp"

#include <fmt/core.h>
#include <sqlite3.h>

#include <cassert>
#include <cstring>

namespace sluice::journal::sqlite {

Query::Query(Query&& other) noexcept
    : database_(other.database_), statement_(std::exchange(other.statement_, nullptr)), bound_(other.bound_) {}

Query::~Query() {
    if (statement_ == nullptr) return;
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
}

Result<bool> Query::next() {
    if (!bound_) return std::unexpected(database_->last_error());
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return std::unexpected(database_->last_error());
}

std::int64_t Query::integer(int column) const {
    return sqlite3_column_int64(statement_, column);
}

std::string Query::bytes(int column) const {
    // The blob first, then its size: the order SQLite documents as safe.
    const void* data = sqlite3_column_blob(statement_, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

void Query::bind_integer(int index, std::int64_t value) {
    bound_ = sqlite3_bind_int64(statement_, index, value) == SQLITE_OK && bound_;
}

void Query::bind_text(int index, std::string_view value) {
    // A null pointer would bind NULL, so that an empty view needs some address. -1 is SQLITE_TRANSIENT without its old
    // cast.
    const char* data = value.data() == nullptr ? "" : value.data();
    bound_ = sqlite3_bind_text64(statement_, index, data, value.size(), reinterpret_cast<sqlite3_destructor_type>(-1),
                                 SQLITE_UTF8) == SQLITE_OK &&
             bound_;
}

void Query::bind_blob(int index, std::string_view value) {
    const char* data = value.data() == nullptr ? "" : value.data();
    bound_ = sqlite3_bind_blob64(statement_, index, data, value.size(), nullptr) == SQLITE_OK && bound_;
}

namespace {

/// Nobody asks SQLite how much memory it uses, and counting it takes a lock at each allocation. Before the first use.
void turn_off_memory_statistics() {
    static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)done;
}

}  // namespace

Result<Database> Database::open(const std::filesystem::path& file, const char* vfs) {
    turn_off_memory_statistics();
    sqlite3* handle = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    const int code = sqlite3_open_v2(file.c_str(), &handle, vfs == nullptr ? flags : flags | SQLITE_OPEN_CREATE, vfs);
    if (handle == nullptr) return fail(Failure::retry, fmt::format("journal {}: out of memory", file.string()));
    Database database(handle, file);
    if (code != SQLITE_OK) return std::unexpected(database.last_error());
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, busy_timeout_ms);
    return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      file_(std::move(other.file_)),
      statements_(std::move(other.statements_)) {}

Database::~Database() {
    for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
    if (handle_ != nullptr) sqlite3_close(handle_);
}

Result<void> Database::execute(const std::string& script) {
    if (sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
    return std::unexpected(last_error());
}

Result<Query> Database::prepare(std::string_view sql) {
    if (const auto known = statements_.find(sql); known != statements_.end()) {
        assert(sqlite3_stmt_busy(known->second) == 0);
        return Query(*this, known->second);
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement,
                           nullptr) != SQLITE_OK) {
        return std::unexpected(last_error());
    }
    statements_.emplace(sql, statement);
    return Query(*this, statement);
}

std::vector<std::string> Database::prepared() const {
    std::vector<std::string> texts;
    for (const auto& [sql, statement] : statements_) texts.push_back(sql);
    return texts;
}

void Database::stop_on(const std::stop_token& stop) {
    constexpr int instructions_between_looks = 10'000;
    sqlite3_progress_handler(
        handle_, instructions_between_looks,
        [](void* token) { return static_cast<const std::stop_token*>(token)->stop_requested() ? 1 : 0; },
        const_cast<std::stop_token*>(&stop));  // NOLINT(cppcoreguidelines-pro-type-const-cast): SQLite takes void*
}

bool Database::in_transaction() const {
    return sqlite3_get_autocommit(handle_) == 0;
}

bool Database::out_of_space() const {
    return (sqlite3_errcode(handle_) & 0xff) == SQLITE_FULL;
}

Error Database::last_error() const {
    const int extended = sqlite3_extended_errcode(handle_);
    const std::string file = file_.string();
    switch (extended & 0xff) {
        case SQLITE_FULL:
            return {Failure::retry,
                    fmt::format("journal {}: no space left (the disk is full or the journal's size limit is reached); "
                                "nothing was written",
                                file)};
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {Failure::retry,
                    fmt::format("journal {}: another program holds a lock on the file; nothing was written", file)};
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_NOMEM: {
            const int system = sqlite3_system_errno(handle_);
            return {Failure::retry, fmt::format("journal {}: {} (code {}{}{})", file, sqlite3_errmsg(handle_), extended,
                                                system == 0 ? "" : ", ", system == 0 ? "" : std::strerror(system))};
        }
        case SQLITE_INTERRUPT:
            return {Failure::cancelled, fmt::format("journal {}: stopped", file)};
        case SQLITE_CORRUPT:
            return {Failure::invalid, fmt::format("journal {}: the file is damaged ({}); restore it from a backup, or "
                                                  "salvage it with `sqlite3 FILE .recover`",
                                                  file, sqlite3_errmsg(handle_))};
        case SQLITE_NOTADB:
            return {Failure::invalid, fmt::format("journal {}: this is no journal (not a SQLite file); name another "
                                                  "file, or move this one away",
                                                  file)};
        default:
            return {Failure::invalid, fmt::format("journal {}: {} (code {})", file, sqlite3_errmsg(handle_), extended)};
    }
}

}  // namespace sluice::journal::sqlite
