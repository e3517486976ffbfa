#pragma once
// Where a server listens: TCP ports and Unix socket files behind one kind of acceptor.

#include <sys/types.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>

#include "core/base/result.hpp"
#include "core/http/server.hpp"

namespace sluice::http {

using Acceptor =
    boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol, boost::asio::io_context::executor_type>;

/// A listening acceptor and what it made.
struct Listener {
    Acceptor acceptor;
    std::uint16_t port = 0;      ///< TCP only
    std::filesystem::path path;  ///< Unix only
    ::dev_t device = 0;          ///< with `inode`: which file at `path` is ours
    ::ino_t inode = 0;
};

/// Binds and listens. Failure::invalid names the address or path and the cause.
Result<Listener> open_listener(boost::asio::io_context& context, const std::variant<ListenTcp, ListenUnix>& where);

/// Closes, and removes the socket file where it is still the one this listener made.
void close_listener(Listener& listener);

/// "127.0.0.1:4711", "[::1]:4711" or "unix".
std::string peer_name(const boost::asio::generic::stream_protocol::endpoint& peer);
/// Who is at the other end of a Unix socket; nothing where it is none.
std::optional<::uid_t> peer_uid(int descriptor);

}  // namespace sluice::http
