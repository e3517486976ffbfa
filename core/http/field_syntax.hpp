#pragma once
// What may stand in an HTTP message's head (RFC 9110, section 5), so that no value can end a line and forge another.

#include <string_view>

namespace sluice::http {

/// A method or a header's name.
bool is_token(std::string_view text);
/// A header's value: no control character but tab.
bool is_field_value(std::string_view text);
/// Origin form: starts with '/', visible ASCII only.
bool is_request_target(std::string_view text);
/// Host, Content-Length, Connection, Transfer-Encoding: what says where a message ends and whose it is.
bool is_framing_header(std::string_view name);

}  // namespace sluice::http
