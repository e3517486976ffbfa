#pragma once
// One HTTP request over a socket, one answer; nothing of core/.

#include <cstdint>
#include <map>
#include <string>

namespace sluice::wire {

struct Answer {
    int status = 0;  // 0: the connection ended without an answer
    std::string content_type;
    std::string set_cookie;  // "session_id=..." or ""
    std::string body;
};

Answer http_call(std::uint16_t port, const std::string& method, const std::string& path,
                 const std::map<std::string, std::string>& headers, const std::string& body);

}  // namespace sluice::wire
