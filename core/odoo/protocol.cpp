#include "core/odoo/protocol.hpp"

namespace sluice::odoo {

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
