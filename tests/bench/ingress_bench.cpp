// Signed webhooks accepted a second over HTTP, each answered after its commit, beside a bare Beast server that answers
// the same requests at once.

#include <benchmark/benchmark.h>

#include <atomic>
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/http/server.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/ingress/ingress.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

constexpr int connections = 64;
constexpr int requests_a_connection = 20;
constexpr std::size_t payload_bytes = 4'000;

std::string body_of(std::int64_t number) {
    return "{\"id\":" + std::to_string(number) + R"(,"updated_at":"2026-01-02T03:04:05Z","note":")" +
           std::string(payload_bytes, 'x') + "\"}";
}

/// One connection kept alive; false where an answer is no 200.
bool post_all(std::uint16_t port, std::atomic<std::int64_t>& next) {
    asio::io_context context;
    beast::tcp_stream stream(context);
    stream.connect(tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    beast::flat_buffer buffer;
    for (int i = 0; i < requests_a_connection; ++i) {
        const auto number = next++;
        beast::http::request<beast::http::string_body> request(beast::http::verb::post, "/webhooks/shop", 11);
        request.body() = body_of(number);
        request.set(beast::http::field::host, "127.0.0.1");
        request.set("X-Vendor-Topic", "orders/create");
        request.set("X-Vendor-Webhook-Id", std::to_string(number));
        request.set("X-Vendor-Hmac", sign(request.body()));
        request.prepare_payload();
        beast::http::write(stream, request);
        beast::http::response<beast::http::string_body> response;
        beast::http::read(stream, buffer, response);
        if (response.result_int() != 200) return false;
    }
    return true;
}

void load(benchmark::State& state, std::uint16_t port) {
    std::atomic<std::int64_t> next = 1;
    std::atomic<bool> failed = false;
    for (auto _ : state) {
        std::vector<std::jthread> threads;
        for (int i = 0; i < connections; ++i) {
            threads.emplace_back([&] {
                if (!post_all(port, next)) failed = true;
            });
        }
    }
    if (failed) state.SkipWithError("an answer was no 200");
    state.SetItemsProcessed(next - 1);
}

void ingress(benchmark::State& state) {
    std::string folder = (std::filesystem::current_path() / "sluice-bench-XXXXXX").string();
    const std::filesystem::path path = ::mkdtemp(folder.data());
    {
        auto journal = journal::open_sqlite_journal(path / "journal.db", system_clock());
        const telemetry::Logger log(system_clock(), telemetry::Level::error, telemetry::Format::key_value);
        Ingress ingress(**journal, system_clock(), log,
                        {.max_waiting = 1'000'000'000, .max_in_flight = 100'000, .notify = [](const std::string&) {}});
        ingress.configure({std::make_shared<const Connector>(make_connector())}, {});
        http::Server server(http::ListenTcp{.address = "127.0.0.1", .port = 0}, http::ServerLimits{},
                            [&](http::ServerRequest request, http::Respond respond) {
                                ingress.handle(std::move(request), std::move(respond));
                            });
        if (!server.start()) return state.SkipWithError("no port");
        load(state, server.port());
        server.stop(1'000);
        ingress.wait_idle();
    }
    std::filesystem::remove_all(path);
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
            std::make_shared<Session>(std::move(socket))->read();
            accept();
        });
    }

    asio::io_context context_;
    tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};
    std::thread thread_;
};

void bare_beast(benchmark::State& state) {
    const BareServer server;
    load(state, server.port());
}

const int registered = [] {
    benchmark::RegisterBenchmark("ingress", ingress)->UseRealTime();
    benchmark::RegisterBenchmark("ingress/yardstick", bare_beast)->UseRealTime();
    return 0;
}();

}  // namespace
}  // namespace sluice::host
