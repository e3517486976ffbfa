#include "core/odoo/errors.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "core/base/text.hpp"

namespace sluice::odoo {
namespace {

/// Odoo's messages are sentences; what is longer quotes data.
constexpr std::size_t max_message_bytes = 2'000;

/// Cuts at a character's start.
std::string cut(std::string_view text) {
    text = trim(text);
    if (text.size() <= max_message_bytes) return std::string(text);
    auto end = max_message_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

struct Class {
    Failure failure;
    bool disconnected = false;
};

struct NamedClass {
    std::string_view name;
    Class what;
};

constexpr Class rejected{Failure::rejected};
constexpr Class transient{Failure::retry};
constexpr Class outage{Failure::retry, true};
/// The connection to PostgreSQL went during a transaction: it may have been committed.
constexpr Class broken_off{Failure::unknown, true};

/// By `data.name`. Names of neither table are tried again, counted: a bug ends as a dead letter, a hiccup does not.
constexpr std::array names = {
    NamedClass{"odoo.exceptions.AccessDenied", {Failure::auth}},
    NamedClass{"odoo.exceptions.AccessError", rejected},
    NamedClass{"odoo.exceptions.UserError", rejected},
    NamedClass{"odoo.exceptions.ValidationError", rejected},
    NamedClass{"odoo.exceptions.MissingError", rejected},
    NamedClass{"odoo.exceptions.RedirectWarning", rejected},
    NamedClass{"odoo.exceptions.LockError", transient},
    NamedClass{"odoo.http.SessionExpiredException", transient},
    NamedClass{"werkzeug.exceptions.NotFound", rejected},
    NamedClass{"werkzeug.exceptions.BadRequest", rejected},
    NamedClass{"werkzeug.exceptions.UnprocessableEntity", rejected},
    NamedClass{"builtins.ValueError", rejected},
    NamedClass{"builtins.KeyError", rejected},
    NamedClass{"builtins.TypeError", rejected},
    NamedClass{"builtins.AttributeError", rejected},
    NamedClass{"builtins.AssertionError", rejected},
    NamedClass{"builtins.IndexError", rejected},
    NamedClass{"builtins.NotImplementedError", rejected},
    NamedClass{"psycopg2.DataError", rejected},
    NamedClass{"psycopg2.IntegrityError", rejected},
    NamedClass{"psycopg2.ProgrammingError", rejected},
    NamedClass{"psycopg2.errors.InvalidTextRepresentation", rejected},
    NamedClass{"psycopg2.errors.InvalidDatetimeFormat", rejected},
    NamedClass{"psycopg2.errors.DatetimeFieldOverflow", rejected},
    NamedClass{"psycopg2.errors.NumericValueOutOfRange", rejected},
    NamedClass{"psycopg2.errors.StringDataRightTruncation", rejected},
    NamedClass{"psycopg2.errors.CharacterNotInRepertoire", rejected},
    NamedClass{"psycopg2.errors.UntranslatableCharacter", rejected},
    NamedClass{"psycopg2.errors.DivisionByZero", rejected},
    NamedClass{"psycopg2.errors.NotNullViolation", rejected},
    NamedClass{"psycopg2.errors.ForeignKeyViolation", rejected},
    NamedClass{"psycopg2.errors.UniqueViolation", rejected},
    NamedClass{"psycopg2.errors.CheckViolation", rejected},
    NamedClass{"psycopg2.errors.ExclusionViolation", rejected},
    NamedClass{"psycopg2.errors.UndefinedColumn", rejected},
    NamedClass{"psycopg2.errors.UndefinedFunction", rejected},
    NamedClass{"psycopg2.errors.SyntaxError", rejected},
    NamedClass{"psycopg2.errors.SerializationFailure", transient},
    NamedClass{"psycopg2.errors.DeadlockDetected", transient},
    NamedClass{"psycopg2.errors.LockNotAvailable", transient},
    NamedClass{"psycopg2.errors.QueryCanceled", transient},
    NamedClass{"psycopg2.errors.InFailedSqlTransaction", transient},
    NamedClass{"psycopg2.pool.PoolError", transient},
    NamedClass{"psycopg2.errors.TooManyConnections", outage},
    NamedClass{"psycopg2.errors.CannotConnectNow", outage},
    NamedClass{"psycopg2.errors.ReadOnlySqlTransaction", outage},
    NamedClass{"psycopg2.errors.DiskFull", outage},
    NamedClass{"psycopg2.errors.AdminShutdown", broken_off},
    NamedClass{"psycopg2.errors.CrashShutdown", broken_off},
    NamedClass{"psycopg2.InterfaceError", broken_off},
    NamedClass{"psycopg2.DatabaseError", broken_off},
};

/// What a message says that is over by itself. PostgreSQL does not translate these where `lc_messages` is C or English,
/// and Odoo passes them on untranslated.
constexpr std::array<std::string_view, 9> transient_texts = {
    "could not serialize access", "deadlock detected",
    "could not obtain lock",      "lock timeout",
    "statement timeout",          "current transaction is aborted",
    "connection pool is full",    "ir_model_data_module_name",
    "ir_model_data_name_uniq"};
constexpr std::array<std::string_view, 4> broken_off_texts = {"server closed the connection", "terminating connection",
                                                              "connection already closed",
                                                              "ssl connection has been closed"};

template <std::size_t N>
bool says(std::string_view lower_case_message, const std::array<std::string_view, N>& texts) {
    return std::ranges::any_of(texts, [&](std::string_view text) { return lower_case_message.contains(text); });
}

Error make(Class what, std::string message) {
    return Error{.failure = what.failure, .message = std::move(message), .disconnected = what.disconnected};
}

/// psycopg2.OperationalError is a missing database, an outage or a connection that broke: only its text tells.
Error classify_operational(std::string_view message) {
    const auto lower = to_lower_ascii(message);
    if (lower.contains("database \"") && lower.contains("does not exist")) {
        return make({Failure::auth}, cut(message) + ": check the name of the Odoo database in the configuration");
    }
    if (says(lower, broken_off_texts)) return make(broken_off, cut(message));
    if (says(lower, transient_texts)) return make(transient, cut(message));
    return make(outage, cut(message));
}

/// "(Record: res.users(7,), User: 7)": the account that calls is gone, as against a record it asked for.
bool is_missing_account(std::string_view message) {
    static constexpr std::string_view record = "res.users(", user = "User: ";
    const auto digits_after = [&](std::string_view what) {
        const auto at = message.find(what);
        if (at == std::string_view::npos) return std::string_view{};
        const auto rest = message.substr(at + what.size());
        const auto end = std::ranges::find_if_not(rest, [](unsigned char c) { return std::isdigit(c) != 0; });
        return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
    };
    const auto id = digits_after(record);
    return !id.empty() && id == digits_after(user);
}

std::string text_at(const json::Value& value, std::string_view pointer) {
    const auto found = value.at_pointer(pointer);
    return found && found->kind() == json::Kind::string ? std::string(found->text()) : std::string();
}

}  // namespace

Error classify_rpc_error(const json::Value& error) {
    auto message = text_at(error, "/data/message");
    if (message.empty()) message = text_at(error, "/message");
    return classify_error(text_at(error, "/data/name"), message);
}

Error classify_error(std::string_view name, std::string_view given_message) {
    const auto message = given_message.empty() ? std::string("no message") : std::string(given_message);
    if (name == "psycopg2.OperationalError") return classify_operational(message);
    const auto lower = to_lower_ascii(message);
    if (name == "odoo.exceptions.AccessDenied" || name == "werkzeug.exceptions.Unauthorized") {
        return make({Failure::auth}, "Odoo refused the account (" + cut(message) + "): check its API key or password");
    }
    if (name == "odoo.exceptions.MissingError" && is_missing_account(message)) {
        return make({Failure::auth}, "the Odoo account is gone: " + cut(message));
    }
    const auto* known = std::ranges::find(names, name, &NamedClass::name);
    if (known == names.end())
        return make(transient, (name.empty() ? "error without a name" : std::string(name)) + ": " + cut(message));
    // Two hosts creating one external id at once: the one that lost finds the record the next time.
    if (name.starts_with("psycopg2.") && known->what.failure == Failure::rejected && says(lower, transient_texts)) {
        return make(transient, cut(message));
    }
    if (known->name.starts_with("odoo.exceptions.")) return make(known->what, cut(message));
    return make(known->what, std::string(name) + ": " + cut(message));
}

Error classify_load_message(std::string_view message) {
    const auto lower = to_lower_ascii(message);
    if (says(lower, broken_off_texts)) return make(broken_off, cut(message));
    if (says(lower, transient_texts)) return make(transient, cut(message));
    return make(rejected, cut(message));
}

}  // namespace sluice::odoo
