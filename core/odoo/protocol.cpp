#include "core/odoo/protocol.hpp"

namespace sluice::odoo {

namespace {

constexpr int first_version_with_json2 = 19;

}  // namespace

ProtocolName choose_protocol(ProtocolName configured, int server_major) {
    if (configured != ProtocolName::automatic || server_major == 0) return configured;
    return server_major >= first_version_with_json2 ? ProtocolName::json2 : ProtocolName::jsonrpc;
}

std::string_view name_of(ProtocolName protocol) {
    switch (protocol) {
        case ProtocolName::automatic:
            return "auto";
        case ProtocolName::jsonrpc:
            return "jsonrpc";
        case ProtocolName::json2:
            return "json2";
        case ProtocolName::web_session:
            return "web_session";
    }
    return "";
}

wire::Decoded Protocol::decode(const http::Response& response, std::int64_t id, const wire::Call*) const {
    return wire::decode_answer(response, id);
}

Error refused_login(const Account& account) {
    const bool web = account.protocol == ProtocolName::web_session;
    return {.failure = Failure::auth,
            .message = "Odoo refused the login of `" + account.login + "` to database `" + account.database +
                       "`: check the login and its " + (web ? "password (an API key is none)" : "API key")};
}

}  // namespace sluice::odoo
