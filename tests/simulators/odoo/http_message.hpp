#pragma once
// A request and a reply between the HTTP server and what stands behind it; no Beast in here.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::sim {

struct HttpRequest {
    std::string method;
    std::string path;
    std::map<std::string, std::string> query;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    std::string_view header(const std::string& lower_name) const {
        const auto found = headers.find(lower_name);
        return found == headers.end() ? std::string_view() : std::string_view(found->second);
    }
};

struct HttpReply {
    // What becomes of the connection instead of a whole answer.
    enum class Ending { answer, close, half_body, hang };

    int status = 200;
    std::string content_type = "application/json; charset=utf-8";
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::string body = {};
    Ending ending = Ending::answer;
    std::int64_t hang_generation = 0;
};

}  // namespace sluice::sim
