#include "host/cli/admin_client.hpp"

#include <fmt/format.h>
#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <chrono>
#include <optional>

namespace sluice::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

/// Connect, write, read, as three callbacks on one stream with one deadline.
class Exchange {
public:
    Exchange(std::string_view method, const std::string& target, const std::string& body)
        : stream_(context_), request_(beast::http::string_to_verb({method.data(), method.size()}), target, 11, body) {
        request_.set(beast::http::field::host, "sluice");
        request_.set(beast::http::field::content_type, "application/json");
        request_.keep_alive(false);
        request_.prepare_payload();
        response_.body_limit(admin_max_response_bytes);
    }

    void run(const std::string& socket, std::int64_t timeout_ms) {
        stream_.expires_after(std::chrono::milliseconds(timeout_ms));
        stream_.async_connect(asio::local::stream_protocol::endpoint(socket), [this](error_code error) {
            if (fails(error)) return;
            connected_ = true;
            beast::http::async_write(stream_, request_, [this](error_code written, std::size_t) {
                if (fails(written)) return;
                beast::http::async_read(stream_, buffer_, response_,
                                        [this](error_code read, std::size_t) { fails(read); });
            });
        });
        context_.run();
    }

    bool connected() const { return connected_; }
    const std::optional<error_code>& error() const { return error_; }
    http::Response take() {
        auto message = response_.release();
        return {.status = static_cast<int>(message.result_int()), .headers = {}, .body = std::move(message.body())};
    }

private:
    bool fails(error_code error) {
        if (error) error_ = error;
        return error.failed();
    }

    asio::io_context context_;
    beast::basic_stream<asio::local::stream_protocol> stream_;
    beast::http::request<beast::http::string_body> request_;
    beast::http::response_parser<beast::http::string_body> response_;
    beast::flat_buffer buffer_;
    bool connected_ = false;
    std::optional<error_code> error_;
};

}  // namespace

Result<http::Response> ask_admin(const std::string& socket, std::string_view method, const std::string& target,
                                 const std::string& body, std::int64_t timeout_ms) {
    if (socket.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail(Failure::invalid, fmt::format("{} is too long for the path of a Unix socket", socket));
    }
    Exchange exchange(method, target, body);
    exchange.run(socket, timeout_ms);
    if (!exchange.error()) return exchange.take();
    if (!exchange.connected()) {
        return fail(Failure::retry, fmt::format("no host answers at {}: {}; is `sluice run` running with this "
                                                "configuration, and may this account use the socket?",
                                                socket, exchange.error()->message()));
    }
    return fail(Failure::unknown,
                fmt::format("the host at {} did not answer: {}", socket, exchange.error()->message()));
}

std::string percent_encode(std::string_view text) {
    return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace sluice::host
