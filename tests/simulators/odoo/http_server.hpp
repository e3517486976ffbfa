#pragma once
// HTTP/1.1 as Odoo's threaded server speaks it (FACTS section 2): one thread a connection, `Connection: close` after
// each answer unless keep_alive (as behind a proxy). Lifecycle: construct (binds and listens), destroy (closes all).

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "tests/simulators/odoo/clock.hpp"
#include "tests/simulators/odoo/http_message.hpp"

namespace sluice::sim {

class HttpServer {
public:
    struct Hooks {
        std::function<HttpReply(const HttpRequest&)> handle;  // any thread, several at once
        std::function<bool()> refuse;                         // reset this connection?
        std::function<bool(std::int64_t)> keep_hanging;       // for Ending::hang
        std::function<bool()> no_sniff;
        Clock clock;
    };

    HttpServer(std::uint16_t port, bool keep_alive, Hooks hooks);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::uint16_t port() const { return port_; }
    // Closes or opens the listening socket (a client then sees ECONNREFUSED); returns when it is done.
    void set_listening(bool open);

private:
    struct Connection;

    int open_listener(std::uint16_t port) const;
    void accept_loop();
    void serve(Connection& connection);
    bool send(Connection& connection, const HttpReply& reply, bool keep_alive, bool head);
    void hang(const Connection& connection, std::int64_t generation);
    void reap(bool all);

    const bool keep_alive_;
    const Hooks hooks_;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::mutex mutex_;
    std::condition_variable listening_changed_;
    bool want_open_ = true;
    bool is_open_ = true;
    int listener_ = -1;  // the accept thread's alone once it runs
    std::list<std::unique_ptr<Connection>> connections_;
    std::thread accept_thread_;
};

}  // namespace sluice::sim
