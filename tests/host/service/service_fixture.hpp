#pragma once
// A whole host with a plugin that lives in the test.

#include <gmock/gmock.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <mutex>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "core/json/json.hpp"
#include "host/cli/admin_client.hpp"
#include "host/service/service.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {

/// Deliveries that reached the plugin. Plugins are C functions, so this is the one place they can tell it to.
inline std::atomic<int> handled{0};

inline sluice_status create(const sluice_host*, sluice_delivery*, sluice_text, sluice_connector** made) {
    static int instance = 0;
    *made = reinterpret_cast<sluice_connector*>(&instance);  // NOLINT: opaque to the host
    return SLUICE_OK;
}
inline sluice_status handle(sluice_connector*, sluice_delivery*, const sluice_event*) {
    ++handled;
    handled.notify_all();
    return SLUICE_OK;
}
inline void destroy(sluice_connector*) {}
inline const void* extension(sluice_text) {
    return nullptr;
}

inline const sluice_plugin plugin_table{.struct_size = sizeof(sluice_plugin),
                                        .abi_major = 0,
                                        .abi_minor = 0,
                                        .min_host_minor = 0,
                                        .name = {"vendor", 6},
                                        .version = {"1.0", 3},
                                        .contract = {"", 0},
                                        .create = create,
                                        .handle = handle,
                                        .handle_batch = nullptr,
                                        .destroy = destroy,
                                        .extension = extension};

class ServiceTest : public testing::Test {
protected:
    void SetUp() override {
        std::string made = std::filesystem::path(testing::TempDir()) / "sluice-service-XXXXXX";
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        configuration.host.data_dir = folder / "var";
        configuration.host.admin_socket = folder / "var" / "admin.sock";
        configuration.ingress.listen.port = 0;
        configuration.ingress.max_body_bytes = 2'048;
        handled = 0;
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    host::Setup setup() {  // testing::Test has a Setup of its own
        auto connector = make_connector();
        auto plugin = std::make_shared<Plugin>(*connector.plugin);
        plugin->table = &plugin_table;
        plugin->version = "1.0";
        connector.plugin = std::move(plugin);
        connector.odoo = "main";
        connector.lanes = 1;
        host::Setup made;
        made.connectors.push_back(std::move(connector));
        made.disabled.push_back("asleep");
        made.journal_keys = journal_keys;
        made.odoo["main"] = odoo::Account{.endpoint = {.host = "127.0.0.1", .port = "1"}, .database = "db"};
        return made;
    }
    Result<std::unique_ptr<Service>> start() { return Service::start(configuration, setup(), system_clock(), 1, log); }
    static http::Response send(const Service& service, const http::ServerRequest& webhook) {
        http::Client client({.host = "127.0.0.1", .port = std::to_string(service.port())});
        auto response = client.send(
            {.method = webhook.method, .target = webhook.target, .headers = webhook.headers, .body = webhook.body});
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(http::Response{});
    }
    http::Response admin(const std::string& target) {
        auto response = ask_admin(configuration.host.admin_socket, "GET", target, "");
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(http::Response{});
    }
    http::Response post(const std::string& target, const std::string& body = "") {
        auto response = ask_admin(configuration.host.admin_socket, "POST", target, body);
        EXPECT_TRUE(response) << response.error().message;
        return response.value_or(http::Response{});
    }

    std::filesystem::path folder;
    Configuration configuration;
    std::vector<Secret> journal_keys;
    std::mutex log_mutex;
    std::string log_lines;  ///< under its mutex
    telemetry::Logger log{system_clock(), telemetry::Level::warning, telemetry::Format::key_value,
                          [this](std::string_view line) {
                              const std::lock_guard lock(log_mutex);
                              log_lines.append(line).append("\n");
                          }};
    std::string log_text() {
        const std::lock_guard lock(log_mutex);
        return log_lines;
    }
};

}  // namespace sluice::host
