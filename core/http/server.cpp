#include "core/http/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <thread>
#include <unordered_map>

#include "core/http/listen.hpp"
#include "core/http/server_connection.hpp"

namespace sluice::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// How long accepting rests where the machine has no descriptor or memory for one more connection.
constexpr std::chrono::milliseconds accept_pause{100};
/// Connections beyond the limit that are being told so at one time; beyond this they are closed without a word.
constexpr std::size_t max_refusing = 128;

}  // namespace

struct Server::Impl {
    Impl(std::variant<ListenTcp, ListenUnix> address, ServerLimits limits, RequestHandler handler)
        : where(std::move(address)), grace(context), pause(context) {
        shared.limits = limits;
        shared.handler = std::move(handler);
        shared.mailbox =
            std::make_shared<Mailbox>([this](Mailbox::Task task) { asio::post(context, std::move(task)); });
    }

    asio::awaitable<void> accept_all();
    asio::awaitable<void> run_connection(ServerConnection* connection, bool is_refused);
    void begin_stop(std::int64_t grace_ms);

    const std::variant<ListenTcp, ListenUnix> where;
    asio::io_context context{1};
    std::optional<Listener> listener;
    std::uint16_t port = 0;
    ServerShared shared;
    std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections;
    std::size_t serving = 0;
    asio::steady_timer grace;
    asio::steady_timer pause;
    std::thread thread;
};

asio::awaitable<void> Server::Impl::accept_all() {
    while (!shared.stopping) {
        ServerSocket socket(context);
        error_code error;
        co_await listener->acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, error));
        if (shared.stopping) break;
        if (error == asio::error::connection_aborted) continue;
        if (error) {
            pause.expires_after(accept_pause);
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
            continue;
        }
        const bool is_refused = serving >= static_cast<std::size_t>(shared.limits.max_connections);
        if (is_refused && connections.size() - serving >= max_refusing) continue;
        const auto connection = std::make_shared<ServerConnection>(std::move(socket), shared);
        connections.emplace(connection.get(), connection);
        if (!is_refused) ++serving;
        asio::co_spawn(context, run_connection(connection.get(), is_refused), asio::detached);
    }
}

asio::awaitable<void> Server::Impl::run_connection(ServerConnection* connection, bool is_refused) {
    try {
        if (is_refused) {
            co_await connection->refuse();
        } else {
            co_await connection->serve();
        }
    } catch (const std::exception&) {
        // Out of memory: this connection ends, the others go on.
    }
    connection->close();
    connections.erase(connection);
    if (!is_refused) --serving;
    if (shared.stopping && connections.empty()) grace.cancel();
}

void Server::Impl::begin_stop(std::int64_t grace_ms) {
    shared.stopping = true;
    close_listener(*listener);
    pause.cancel();
    for (const auto& [address, connection] : connections) {
        if (!connection->is_busy()) connection->close();
    }
    if (connections.empty()) return;
    grace.expires_after(std::chrono::milliseconds(grace_ms));
    grace.async_wait([this](const error_code& error) {
        if (error) return;
        for (const auto& [address, connection] : connections) connection->abort();
    });
}

Server::Server(std::variant<ListenTcp, ListenUnix> listen, ServerLimits limits, RequestHandler handler)
    : impl_(std::make_unique<Impl>(std::move(listen), limits, std::move(handler))) {}

Server::~Server() {
    stop(0);
    impl_->shared.mailbox->close();
}

Result<void> Server::start() {
    if (impl_->listener) return fail(Failure::invalid, "this server was started before; make another one");
    auto listener = open_listener(impl_->context, impl_->where);
    if (!listener) return std::unexpected(listener.error());
    impl_->listener.emplace(std::move(*listener));
    impl_->port = impl_->listener->port;
    asio::co_spawn(impl_->context, impl_->accept_all(), asio::detached);
    impl_->thread = std::thread([impl = impl_.get()] { impl->context.run(); });
    return {};
}

std::uint16_t Server::port() const {
    return impl_->port;
}

void Server::stop(std::int64_t grace_ms) {
    if (!impl_->thread.joinable()) return;
    // Once nothing is accepted and the last connection is gone, the context has no work left and the thread ends.
    asio::post(impl_->context, [impl = impl_.get(), grace_ms] { impl->begin_stop(grace_ms); });
    impl_->thread.join();
    impl_->shared.mailbox->close();
}

Response json_response(int status, std::string body) {
    return Response{.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

}  // namespace sluice::http
