// Signed webhooks accepted a second over HTTP at 32 connections, each answered after its commit, the generator
// included: once with delivery paused, once with every event delivered to a plugin that does nothing, beside a bare
// Beast server that answers the same requests at once and journals nothing.

#include <benchmark/benchmark.h>

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/http/server.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/ingress/ingress.hpp"
#include "tests/bench/bench_folder.hpp"
#include "tests/bench/noop_delivery.hpp"
#include "tests/bench/webhook_load.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr int connections = 32;
constexpr int requests = 100'000;

void report(benchmark::State& state, const LoadResult& result) {
    if (result.refused != 0) return state.SkipWithError("an answer was no 200");
    state.SetIterationTime(result.seconds);
    state.SetItemsProcessed(result.accepted);
    state.counters["p50_ms"] = result.p50_ms;
    state.counters["p99_ms"] = result.p99_ms;
}

void ingress(benchmark::State& state, bool delivering) {
    const WebhookLoad load(1, requests);
    const Folder folder;
    auto journal = journal::open_sqlite_journal(folder.path / "journal.db", system_clock());
    const telemetry::Logger log(system_clock(), telemetry::Level::error, telemetry::Format::key_value);
    const auto connector = std::make_shared<const host::Connector>(host::make_connector());
    std::optional<NoopDelivery> delivery;
    if (delivering) delivery.emplace(**journal, log);
    host::Ingress taking(**journal, system_clock(), log,
                         {.max_waiting = 1'000'000'000, .max_in_flight = 100'000, .notify = [&](const std::string&) {
                              if (delivery) delivery->notify();
                          }});
    taking.configure({connector}, {});
    http::Server server(http::ListenTcp{.address = "127.0.0.1", .port = 0}, http::ServerLimits{},
                        [&](http::ServerRequest request, http::Respond respond) {
                            taking.handle(std::move(request), std::move(respond));
                        });
    if (!server.start()) return state.SkipWithError("no port");
    for (auto _ : state) report(state, load.run(server.port(), connections));
    server.stop(1'000);
    taking.wait_idle();
}

/// Reads requests and answers 200, on one thread, as Beast's own example does.
class BareServer {
public:
    BareServer() {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }
    ~BareServer() {
        context_.stop();
        thread_.join();
    }
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
    struct Session : std::enable_shared_from_this<Session> {
        explicit Session(tcp::socket socket) : stream(std::move(socket)) {}
        void read() {
            request = {};
            beast::http::async_read(stream, buffer, request, [self = shared_from_this()](auto error, std::size_t) {
                if (!error) self->answer();
            });
        }
        void answer() {
            response = {beast::http::status::ok, 11};
            response.body() = R"({"seq":1,"duplicate":false})";
            response.prepare_payload();
            beast::http::async_write(stream, response, [self = shared_from_this()](auto error, std::size_t) {
                if (!error) self->read();
            });
        }
        beast::tcp_stream stream;
        beast::flat_buffer buffer;
        beast::http::request<beast::http::string_body> request;
        beast::http::response<beast::http::string_body> response;
    };
    void accept() {
        acceptor_.async_accept([this](auto error, tcp::socket socket) {
            if (error) return;
            socket.set_option(tcp::no_delay(true));
            std::make_shared<Session>(std::move(socket))->read();
            accept();
        });
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    std::thread thread_;
};

void bare_beast(benchmark::State& state) {
    const WebhookLoad load(1, requests);
    const BareServer server;
    for (auto _ : state) report(state, load.run(server.port(), connections));
}

const int registered = [] {
    const auto add = [](const char* name, auto run) {
        benchmark::RegisterBenchmark(name, run)->UseManualTime()->Iterations(1)->Repetitions(3);
    };
    add("journal_ingress_paused", [](benchmark::State& state) { ingress(state, false); });
    add("journal_ingress_paused/yardstick", bare_beast);
    add("journal_ingress_running", [](benchmark::State& state) { ingress(state, true); });
    add("journal_ingress_running/yardstick", bare_beast);
    return 0;
}();

}  // namespace
}  // namespace sluice::bench
