#pragma once
// A thin owner of one SQLite connection and its prepared statements. Knows SQL's mechanics, not the journal's tables.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace sluice::journal::sqlite {

/// Bytes bound and stored as they are. The bytes must outlive the Query they are bound to.
struct Blob {
    std::string_view bytes;
};

/// A prepared statement in use: bound, stepped, and given back (reset) when this goes. Lives no longer than its
/// Database.
class Query {
public:
    Query(Query&& other) noexcept;
    Query& operator=(Query&&) = delete;
    ~Query();

    /// Steps to the next row; false at the end.
    Result<bool> next();
    std::int64_t integer(int column) const;
    /// A TEXT or BLOB column, every byte of it.
    std::string bytes(int column) const;

private:
    friend class Database;
    Query(class Database& database, sqlite3_stmt* statement) : database_(&database), statement_(statement) {}

    template <class T>
    void bind(int index, const T& value) {
        if constexpr (std::is_same_v<T, Blob>) {
            bind_blob(index, value.bytes);
        } else if constexpr (std::is_integral_v<T> || std::is_enum_v<T>) {
            bind_integer(index, static_cast<std::int64_t>(value));
        } else {
            bind_text(index, std::string_view(value));
        }
    }
    void bind_integer(int index, std::int64_t value);
    void bind_text(int index, std::string_view value);
    void bind_blob(int index, std::string_view value);

    Database* database_;
    sqlite3_stmt* statement_;
    bool bound_ = true;
};

/// One connection. One thread at a time (SQLite's own mutex is off).
class Database {
public:
    /// Milliseconds to wait for a lock that another program (a backup, a shell) holds for a moment.
    static constexpr int busy_timeout_ms = 5'000;

    /// Opens an existing file for reading and writing.
    /// `vfs`: a registered sqlite3_vfs that makes the file where there is none; null: the system's.
    static Result<Database> open(const std::filesystem::path& file, const char* vfs = nullptr);
    Database(Database&&) noexcept;
    Database& operator=(Database&&) = delete;
    ~Database();

    /// Runs statements that answer nothing.
    Result<void> execute(const std::string& script);

    /// A statement with its parameters ?1, ?2, ... bound in order; prepared once per text.
    template <class... Values>
    Result<Query> query(std::string_view sql, const Values&... values) {
        auto query = prepare(sql);
        if (!query) return query;
        int index = 0;
        (query->bind(++index, values), ...);
        return query;
    }
    /// The same, run to its end.
    template <class... Values>
    Result<void> run(std::string_view sql, const Values&... values) {
        auto prepared = query(sql, values...);
        if (!prepared) return std::unexpected(prepared.error());
        for (;;) {
            const auto row = prepared->next();
            if (!row) return std::unexpected(row.error());
            if (!*row) return {};
        }
    }
    /// The first column of the first row; 0 where there is no row.
    template <class... Values>
    Result<std::int64_t> number(std::string_view sql, const Values&... values) {
        auto prepared = query(sql, values...);
        if (!prepared) return std::unexpected(prepared.error());
        const auto row = prepared->next();
        if (!row) return std::unexpected(row.error());
        return *row ? prepared->integer(0) : 0;
    }

    /// Ends a statement soon after `stop` is requested (Failure::cancelled). Outlives the statements run under it.
    void stop_on(const std::stop_token& stop);
    /// False also where an error made SQLite roll the transaction back by itself.
    bool in_transaction() const;
    /// True where the last failure was a lack of space (the disk's or the configured limit's).
    bool out_of_space() const;
    /// The last failure in words that name the file.
    Error last_error() const;
    const std::filesystem::path& file() const { return file_; }
    /// The texts of all statements prepared so far.
    std::vector<std::string> prepared() const;

private:
    Database(sqlite3* handle, std::filesystem::path file) : handle_(handle), file_(std::move(file)) {}
    Result<Query> prepare(std::string_view sql);

    sqlite3* handle_;
    std::filesystem::path file_;
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, sqlite3_stmt*, Hash, std::equal_to<>> statements_;
};

}  // namespace sluice::journal::sqlite
