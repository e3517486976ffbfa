#include "core/odoo/protocol.hpp"

namespace sluice::odoo {

std::unique_ptr<Protocol> make_protocol(const Account& account) {
    switch (account.protocol) {
        case ProtocolName::web_session:
            return make_web_session(account);
        case ProtocolName::jsonrpc:
            break;
    }
    return make_jsonrpc(account);
}

Error refused_login(const Account& account) {
    const bool web = account.protocol == ProtocolName::web_session;
    return {.failure = Failure::auth,
            .message = "Odoo refused the login of `" + account.login + "` to database `" + account.database +
                       "`: check the login and its " + (web ? "password (an API key is none)" : "API key")};
}

}  // namespace sluice::odoo
