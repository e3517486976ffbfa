#include "core/http/listen.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <cstring>

namespace sluice::http {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;

namespace {

asio::ip::tcp::endpoint as_tcp(const Protocol::endpoint& from) {
    asio::ip::tcp::endpoint to;
    to.resize(from.size());
    std::memcpy(to.data(), from.data(), from.size());
    return to;
}

std::unexpected<Error> refuse(std::string_view where, std::string_view why) {
    return fail(Failure::invalid, fmt::format("cannot listen on {}: {}", where, why));
}

Result<Listener> open_tcp(asio::io_context& context, const ListenTcp& where) {
    error_code error;
    const auto address = asio::ip::make_address(where.address, error);
    const std::string name = fmt::format("{}:{}", where.address, where.port);
    if (error) return refuse(name, "the address must be an IP address such as 127.0.0.1 or ::");
    const asio::ip::tcp::endpoint endpoint(address, where.port);
    Listener listener{.acceptor = Acceptor(context)};
    listener.acceptor.open(endpoint.protocol(), error);
    if (!error) listener.acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) listener.acceptor.bind(endpoint, error);
    if (!error) listener.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) return refuse(name, error.message());
    listener.port = as_tcp(listener.acceptor.local_endpoint(error)).port();
    return listener;
}

/// Removes a socket file nobody listens on. Two servers started in the same instant are not told apart here; the
/// journal's lock does.
Result<void> clear_stale(asio::io_context& context, const std::filesystem::path& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    if (!S_ISSOCK(status.st_mode))
        return refuse(path.native(), "a file that is no socket stands there; remove it or choose another path");
    asio::local::stream_protocol::socket probe(context);
    error_code error;
    probe.open(asio::local::stream_protocol(), error);
    // Not blocking: a live server whose backlog is full must not stop us here.
    if (!error) probe.non_blocking(true, error);
    if (!error) probe.connect(asio::local::stream_protocol::endpoint(path.native()), error);
    if (error != asio::error::connection_refused) return refuse(path.native(), "another program listens there");
    if (::unlink(path.c_str()) != 0) return refuse(path.native(), "a stale socket file cannot be removed");
    return {};
}

Result<Listener> open_unix(asio::io_context& context, const ListenUnix& where) {
    constexpr std::size_t longest = sizeof(sockaddr_un::sun_path) - 1;
    const std::string& path = where.path.native();
    if (path.empty()) return refuse("a Unix socket", "the path is empty");
    if (path.size() > longest) {
        return refuse(path, fmt::format("a socket's path has at most {} bytes, this one {}", longest, path.size()));
    }
    if (const auto cleared = clear_stale(context, where.path); !cleared) return std::unexpected(cleared.error());
    Listener listener{.acceptor = Acceptor(context)};
    error_code error;
    listener.acceptor.open(asio::local::stream_protocol(), error);
    // Linux takes the socket file's mode from the socket, so the file never exists with another one; umask is the whole
    // process's.
    if (!error && ::fchmod(listener.acceptor.native_handle(), S_IRUSR | S_IWUSR) != 0) {
        error = error_code(errno, boost::system::system_category());
    }
    if (!error) listener.acceptor.bind(asio::local::stream_protocol::endpoint(path), error);
    if (error) return refuse(path, error.message());
    struct stat status {};
    if (::lstat(path.c_str(), &status) == 0) {
        listener.path = where.path;
        listener.device = status.st_dev;
        listener.inode = status.st_ino;
    }
    listener.acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        close_listener(listener);
        return refuse(path, error.message());
    }
    return listener;
}

}  // namespace

Result<Listener> open_listener(asio::io_context& context, const std::variant<ListenTcp, ListenUnix>& where) {
    if (const auto* tcp = std::get_if<ListenTcp>(&where)) return open_tcp(context, *tcp);
    return open_unix(context, std::get<ListenUnix>(where));
}

void close_listener(Listener& listener) {
    error_code ignored;
    listener.acceptor.close(ignored);
    if (listener.path.empty()) return;
    struct stat status {};
    const bool ours = ::lstat(listener.path.c_str(), &status) == 0 && status.st_dev == listener.device &&
                      status.st_ino == listener.inode;
    if (ours) ::unlink(listener.path.c_str());
    listener.path.clear();
}

std::string peer_name(const Protocol::endpoint& peer) {
    const int family = peer.protocol().family();
    if (family != AF_INET && family != AF_INET6) return "unix";
    const auto endpoint = as_tcp(peer);
    const std::string address = endpoint.address().to_string();
    if (family == AF_INET6) return fmt::format("[{}]:{}", address, endpoint.port());
    return fmt::format("{}:{}", address, endpoint.port());
}

std::optional<::uid_t> peer_uid(int descriptor) {
    ::ucred credentials{};
    ::socklen_t size = sizeof(credentials);
    if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return std::nullopt;
    // The kernel's word for nobody: a TCP socket.
    return credentials.uid == static_cast<::uid_t>(-1) ? std::nullopt : std::optional(credentials.uid);
}

}  // namespace sluice::http
