// Against the Odoo simulator. Calls a second and the processor time of each on one kept connection: our client beside a
// bare Beast client and, where the machine has its headers, libcurl making the same request in the same run. And
// records a second in lists of 100 and through `load` with external ids, beside those created one by one.

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <string>
#ifdef SLUICE_BENCH_CURL
#include <curl/curl.h>
#endif

#include "core/odoo/client.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr std::string_view domain = R"([[["id","=",900]]])";
constexpr std::string_view kwargs = R"({"fields":["name","write_date"],"limit":1})";

/// One record to find, behind a proxy that keeps connections.
sim::OdooSimulator& odoo() {
    static sim::OdooSimulator simulator(
        {.version = 19, .seed = R"({"partners":[{"name":"Ann","id":900}]})", .keep_alive = true});
    return simulator;
}

odoo::Account account(const sim::OdooSimulator& simulator) {
    return {.endpoint = *sluice::http::Endpoint::parse(simulator.url()),
            .database = simulator.database(),
            .login = simulator.login(),
            .protocol = odoo::ProtocolName::jsonrpc,
            .api_key = Secret(simulator.api_key()),
            .password = {}};
}

/// What the client sends, byte for byte but for the request's number.
const std::string& body() {
    static const std::string text =
        R"({"jsonrpc":"2.0","method":"call","id":1,"params":{"service":"object","method":"execute_kw","args":[")" +
        odoo().database() + R"(",)" + std::to_string(odoo().uid()) + R"(,")" + odoo().api_key() +
        R"(","res.partner","search_read",)" + std::string(domain) +
        R"(,{"fields":["name","write_date"],"limit":1,"context":{"lang":"en_US","tz":"UTC"}}]}})";
    return text;
}

/// Of this thread: the simulator's threads answer.
double processor_us() {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    const auto microseconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
    };
    return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

/// Runs `call` until enough; it says whether it was answered.
template <class Call>
void measure(benchmark::State& state, const Call& call) {
    if (!call()) return state.SkipWithError("no answer");
    const double before = processor_us();
    for (auto _ : state) {
        if (!call()) return state.SkipWithError("no answer");
    }
    state.SetItemsProcessed(state.iterations());
    state.counters["cpu_us"] = (processor_us() - before) / static_cast<double>(state.iterations());
}

void client_calls(benchmark::State& state) {
    odoo::Client client(account(odoo()), odoo::make_shared_session());
    measure(state, [&] { return client.call("res.partner", "search_read", domain, kwargs).has_value(); });
}

void beast_calls(benchmark::State& state) {
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::address_v4::loopback(), odoo().port()});
    socket.set_option(asio::ip::tcp::no_delay(true));
    http::request<http::string_body> request(http::verb::post, "/jsonrpc", 11, body());
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.set("X-Odoo-Database", odoo().database());
    request.prepare_payload();
    boost::beast::flat_buffer buffer;
    measure(state, [&] {
        http::write(socket, request);
        http::response<http::string_body> response;
        http::read(socket, buffer, response);
        return response.body().find("\"Ann\"") != std::string::npos;
    });
}

#ifdef SLUICE_BENCH_CURL
std::size_t take(char* bytes, std::size_t size, std::size_t count, void* target) {
    static_cast<std::string*>(target)->append(bytes, size * count);
    return size * count;
}

void curl_calls(benchmark::State& state) {
    CURL* const curl = curl_easy_init();
    curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
    headers = curl_slist_append(headers, ("X-Odoo-Database: " + odoo().database()).c_str());
    std::string answer;
    curl_easy_setopt(curl, CURLOPT_URL, (odoo().url() + "/jsonrpc").c_str());
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body().c_str());
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    measure(state, [&] {
        answer.clear();
        return curl_easy_perform(curl) == CURLE_OK && answer.find("\"Ann\"") != std::string::npos;
    });
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
}
#endif

constexpr int together = 100, records_a_run = 4'000;

/// Partners; `arguments` are those of the call that makes the records from number `first` on.
template <class Arguments>
void create_records(benchmark::State& state, std::string_view method, int at_once, const Arguments& arguments) {
    // Its own, so that no other benchmark's records are in the way; of a fixed number of records, as a store of more is
    // slower.
    sim::OdooSimulator simulator({.version = 19, .keep_alive = true});
    odoo::Client client(account(simulator), odoo::make_shared_session());
    if (!client.call("res.users", "search_count", "[[]]", "{}")) return state.SkipWithError("no answer");
    const double before = processor_us();
    int made = 0;
    for (auto _ : state) {
        for (int record = 0; record < records_a_run; record += at_once) {
            const auto answer = client.call("res.partner", method, arguments(made, at_once), "{}");
            const auto messages = answer ? answer->root().find("messages") : std::nullopt;
            if (!answer || (messages && messages->size() > 0)) return state.SkipWithError("not created");
            made += at_once;
        }
    }
    state.SetItemsProcessed(made);
    state.counters["cpu_us"] = (processor_us() - before) / made;
}

std::string values_of(int number) {
    const auto text = std::to_string(number);
    return R"({"name":"Customer )" + text + R"(","email":"customer)" + text + R"(@example.com","ref":"C)" + text +
           R"("})";
}

void one_by_one(benchmark::State& state) {
    create_records(state, "create", 1, [](int first, int) { return "[" + values_of(first) + "]"; });
}

void in_lists(benchmark::State& state) {
    create_records(state, "create", together, [](int first, int count) {
        std::string list;
        for (int i = 0; i < count; ++i) list += (i > 0 ? "," : "") + values_of(first + i);
        return "[[" + list + "]]";
    });
}

void through_load(benchmark::State& state) {
    create_records(state, "load", together, [](int first, int count) {
        std::string rows;
        for (int i = 0; i < count; ++i) {
            const auto text = std::to_string(first + i);
            rows += (i > 0 ? "," : "") + (R"(["__sluice__.shop_customer_)" + text + R"(","Customer )" + text) +
                    R"(","customer)" + text + R"(@example.com","C)" + text + R"("])";
        }
        return R"([["id","name","email","ref"],[)" + rows + "]]";
    });
}

const int registered = [] {
    const auto add = [](const char* name, void (*run)(benchmark::State&)) {
        return benchmark::RegisterBenchmark(name, run)->UseRealTime()->Repetitions(3);
    };
    add("odoo_beside_beast", client_calls);
    add("odoo_beside_beast/yardstick", beast_calls);
#ifdef SLUICE_BENCH_CURL
    add("odoo_beside_curl", client_calls);
    add("odoo_beside_curl/yardstick", curl_calls);
#endif
    add("odoo_records_in_lists", in_lists)->Iterations(1);
    add("odoo_records_in_lists/yardstick", one_by_one)->Iterations(1);
    add("odoo_records_by_load", through_load)->Iterations(1);
    add("odoo_records_by_load/yardstick", one_by_one)->Iterations(1);
    return 0;
}();

}  // namespace
}  // namespace sluice
