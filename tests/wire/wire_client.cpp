#include "tests/wire/wire_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace sluice::wire {

namespace asio = boost::asio;

Answer http_call(std::uint16_t port, const std::string& method, const std::string& path,
                 const std::map<std::string, std::string>& headers, const std::string& body) {
    Answer answer;
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    boost::system::error_code error;
    socket.connect({asio::ip::address_v4::loopback(), port}, error);
    if (error) return answer;
    std::string text = method + " " + path + " HTTP/1.1\r\n";
    for (const auto& [name, value] : headers) text += name + ": " + value + "\r\n";
    if (!headers.contains("Host")) text += "Host: 127.0.0.1\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    asio::write(socket, asio::buffer(text), error);
    if (error) return answer;
    std::string received;
    asio::read(socket, asio::dynamic_buffer(received), error);  // the server closes after each answer
    const auto end = received.find("\r\n\r\n");
    if (end == std::string::npos || !received.starts_with("HTTP/1.1 ")) return answer;
    answer.status = std::stoi(received.substr(9, 3));
    answer.body = received.substr(end + 4);
    for (std::size_t at = received.find("\r\n"); at < end;) {
        const auto next = received.find("\r\n", at + 2);
        const std::string line = received.substr(at + 2, next - at - 2);
        if (line.starts_with("Content-Type: ")) answer.content_type = line.substr(14);
        if (line.starts_with("Set-Cookie: session_id=")) answer.set_cookie = line.substr(12, line.find(';') - 12);
        at = next;
    }
    return answer;
}

}  // namespace sluice::wire
