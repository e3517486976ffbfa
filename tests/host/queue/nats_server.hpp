#pragma once
// A real nats-server of the test's own, with JetStream, on a port of its own choice; and what a publisher does.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <nats/nats.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/json/json.hpp"
#include "host/queue/names.hpp"
#include "host/queue/nats_account.hpp"

namespace sluice::host::test {

/// Where Debian or an operator has put it; nothing where it is not installed.
inline std::optional<std::filesystem::path> find_nats_server() {
    std::string folders = "/usr/sbin:/usr/local/bin";
    if (const char* path = ::getenv("PATH")) folders = std::string(path) + ":" + folders;
    for (std::size_t begin = 0; begin <= folders.size();) {
        const auto end = std::min(folders.find(':', begin), folders.size());
        const auto file = std::filesystem::path(folders.substr(begin, end - begin)) / "nats-server";
        if (::access(file.c_str(), X_OK) == 0) return file;
        begin = end + 1;
    }
    return std::nullopt;
}

/// Its store outlives stop(): start() goes on with it, on the same port.
class NatsServer {
public:
    explicit NatsServer(std::vector<std::string> arguments = {}) : arguments_(std::move(arguments)) {
        std::string made = std::filesystem::path(testing::TempDir()) / "sluice-nats-XXXXXX";
        folder_ = ::mkdtemp(made.data());
        start();
    }
    ~NatsServer() {
        stop();
        std::filesystem::remove_all(folder_);
    }
    NatsServer(const NatsServer&) = delete;
    NatsServer& operator=(const NatsServer&) = delete;

    const std::filesystem::path& folder() const { return folder_; }
    const std::string& port() const { return port_; }
    std::string url(std::string_view scheme = "nats", std::string_view host = "127.0.0.1") const {
        return std::string(scheme) + "://" + std::string(host) + ":" + port_;
    }
    NatsAccount account() const { return {.urls = {url()}}; }

    void start() {
        std::vector<std::string> all{find_nats_server()->string(),
                                     "-a",
                                     "127.0.0.1",
                                     "-p",
                                     port_.empty() ? "-1" : port_,
                                     "-js",
                                     "-sd",
                                     (folder_ / "store").string(),
                                     "--ports_file_dir",
                                     folder_.string(),
                                     "-l",
                                     (folder_ / "log").string()};
        all.insert(all.end(), arguments_.begin(), arguments_.end());
        std::vector<char*> argv;
        for (auto& one : all) argv.push_back(one.data());
        argv.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        read_port();
    }
    /// kill -9
    void stop() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        std::filesystem::remove(ports_file());
        process_ = 0;
    }

private:
    std::filesystem::path ports_file() const {
        return folder_ / ("nats-server_" + std::to_string(process_) + ".ports");
    }
    /// The file is there once the server listens.
    void read_port() {
        for (int i = 0; i < 3'000; ++i) {
            std::ifstream in(ports_file());
            const std::string text{std::istreambuf_iterator<char>(in), {}};
            if (const auto ports = json::Document::parse(text)) {
                const auto listens = ports->root().at_pointer("/nats/0");
                if (!listens) break;
                const std::string url(listens->text());
                port_ = url.substr(url.rfind(':') + 1);
                return;
            }
            if (::waitpid(process_, nullptr, WNOHANG) == process_) break;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "nats-server did not start";
        process_ = 0;
    }

    std::vector<std::string> arguments_;
    std::filesystem::path folder_;
    std::string port_;
    pid_t process_ = 0;
};

/// A connection with rights to everything.
class NatsClient {
public:
    explicit NatsClient(const std::string& url) {
        EXPECT_EQ(natsConnection_ConnectTo(&connection_, url.c_str()), NATS_OK);
        EXPECT_EQ(natsConnection_JetStream(&context_, connection_, nullptr), NATS_OK);
    }
    ~NatsClient() {
        jsCtx_Destroy(context_);
        natsConnection_Destroy(connection_);
    }
    NatsClient(const NatsClient&) = delete;
    NatsClient& operator=(const NatsClient&) = delete;

    void add_stream(const char* name, const char* subjects) {
        jsStreamConfig config;
        jsStreamConfig_Init(&config);
        config.Name = name;
        config.Subjects = &subjects;
        config.SubjectsLen = 1;
        EXPECT_EQ(js_AddStream(nullptr, context_, &config, nullptr, nullptr), NATS_OK);
    }
    void delete_stream(const char* name) { EXPECT_EQ(js_DeleteStream(context_, name, nullptr, nullptr), NATS_OK); }
    void add_consumer(const char* stream, jsConsumerConfig config) {
        EXPECT_EQ(js_AddConsumer(nullptr, context_, stream, &config, nullptr, nullptr), NATS_OK)
            << nats_GetLastError(nullptr);
    }
    void delete_consumer(const char* stream, const char* name) {
        EXPECT_EQ(js_DeleteConsumer(context_, stream, name, nullptr, nullptr), NATS_OK);
    }
    void publish(const char* subject, const std::string& body, const http::Headers& headers = {}) {
        natsMsg* message = nullptr;
        ASSERT_EQ(natsMsg_Create(&message, subject, nullptr, body.data(), static_cast<int>(body.size())), NATS_OK);
        for (const auto& [name, value] : headers) natsMsgHeader_Add(message, name.c_str(), value.c_str());
        EXPECT_EQ(js_PublishMsg(nullptr, context_, message, nullptr, nullptr), NATS_OK);
        natsMsg_Destroy(message);
    }
    struct Pending {
        std::int64_t unacknowledged = 0;
        std::uint64_t undelivered = 0;
        bool operator==(const Pending&) const = default;
    };
    Pending pending(const char* stream, const char* consumer) {
        jsConsumerInfo* info = nullptr;
        EXPECT_EQ(js_GetConsumerInfo(&info, context_, stream, consumer, nullptr, nullptr), NATS_OK);
        if (info == nullptr) return {-1, 0};
        const Pending found{.unacknowledged = info->NumAckPending, .undelivered = info->NumPending};
        jsConsumerInfo_Destroy(info);
        return found;
    }
    /// The server has read an acknowledgement before it has acted on it.
    void wait_until_nothing_pends(const char* stream, const char* consumer) {
        for (int i = 0; i < 3'000; ++i) {
            if (pending(stream, consumer) == Pending{}) return;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        ADD_FAILURE() << "something of " << consumer << " is still pending";
    }

private:
    natsConnection* connection_ = nullptr;
    jsCtx* context_ = nullptr;
};

}  // namespace sluice::host::test
