#include "tests/simulators/odoo/sessions.hpp"

#include <random>

namespace sluice::sim::sessions {

namespace {

constexpr std::string_view kSessions = "simulator.session";
constexpr std::int64_t kLifetime_s = 604800;

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::string random_text(std::string_view alphabet, std::size_t length) {
    std::random_device device;
    std::string text;
    while (text.size() < length) text += alphabet[device() % alphabet.size()];
    return text;
}

std::string cookie(std::string_view header) {
    for (const auto& part : split(header, ';')) {
        const auto pair = strip(part);
        if (pair.starts_with("session_id=")) return pair.substr(11);
    }
    return {};
}

}  // namespace

std::optional<Session> find(Database& database, std::string_view cookie_header) {
    const auto id = cookie(cookie_header);
    if (id.empty()) return std::nullopt;
    const auto rows = database.store.where(kSessions, "sid", json::value(id));
    if (rows.empty()) return std::nullopt;
    const auto& row = *database.store.find(kSessions, rows.front());
    return Session{id, row.at("uid").as_int64(), as_text(row.at("csrf"))};
}

Session open(Database& database, std::int64_t uid) {
    const Session session{database.version >= 18 ? random_text(kBase64Url, 84) : random_text(kHex, 40), uid,
                          random_text(kHex, 40)};
    database.store.put(kSessions, database.store.next(kSessions),
                       {{"sid", session.id}, {"uid", session.uid}, {"csrf", session.csrf_token}});
    return session;
}

void close(Database& database, std::string_view id) {
    for (const auto row : database.store.where(kSessions, "sid", json::value(id))) database.store.erase(kSessions, row);
}

void forget_all(Database& database) {
    Ids ids;
    for (const auto& [id, row] : database.store.rows(kSessions)) ids.push_back(id);
    for (const auto id : ids) database.store.erase(kSessions, id);
}

void forget_of(Database& database, std::int64_t uid) {
    for (const auto row : database.store.where(kSessions, "uid", json::value(uid)))
        database.store.erase(kSessions, row);
}

std::string set_cookie(const Database& database, const Session& session) {
    return "session_id=" + session.id + "; Expires=" + http_date(database.clock() + kLifetime_s * 1'000'000) +
           "; Max-Age=" + std::to_string(kLifetime_s) + "; HttpOnly; Path=/";
}

}  // namespace sluice::sim::sessions
