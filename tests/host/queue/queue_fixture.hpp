#pragma once
// A connector whose one flow a queue starts, and a broker that does as the test says.

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "host/queue/consumer.hpp"
#include "host/queue/source.hpp"

namespace sluice::host::test {

/// Of a contract's text; the configuration's values as given.
inline std::shared_ptr<const Connector> queue_connector(
    const std::string& flows =
        "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"ORDERS\", record = \"/id\" }\n",
    mapping::Config config = {}, const std::string& name = "shop") {
    auto plugin = std::make_shared<Plugin>();
    plugin->name = "bus";
    std::string keys;
    for (const auto& [key, value] : config) keys += "[config." + key + "]\n";
    auto contract = contract::parse_contract("[contract]\nname = \"bus\"\nversion = \"1.0.0\"\n" + keys + flows, "c");
    if (!contract) throw std::runtime_error(contract.error().front().to_string());
    plugin->contract = std::move(*contract);
    Connector connector{.name = name};
    connector.plugin = std::move(plugin);
    connector.nats = "main";
    connector.config = std::move(config);
    return std::make_shared<const Connector>(std::move(connector));
}

inline QueueMessage message(std::uint64_t sequence, std::string body) {
    return {.subject = "orders.new",
            .stream = "ORDERS",
            .sequence = sequence,
            .stored_at_ns = 1'700'000'000'000'000'000 + static_cast<std::int64_t>(sequence),
            .headers = {},
            .body = std::move(body)};
}

/// `{"id":KEY,"n":SEQUENCE}`
inline QueueMessage order(std::uint64_t sequence, int key = 1) {
    return message(sequence, "{\"id\":" + std::to_string(key) + ",\"n\":" + std::to_string(sequence) + "}");
}

/// What the consumer asked of it, in order: "open", "fetch 128", "acknowledge", "working", "hand back", "close".
struct ScriptedBroker {
    std::vector<std::string> asked;
    std::vector<QueuePlace> opened_with;
    /// So long that no commit of a real journal takes a third of it, after which there would be signs of work.
    QueueSource::Opened opened{.ack_wait_ms = 600'000};
    std::deque<std::function<Result<std::vector<QueueMessage>>()>> fetches;  ///< none left: nothing came
    std::vector<Error> refuses_open;                                         ///< the first of them each time
    std::vector<Error> loses_acknowledgement;                                ///< likewise
    std::function<void()> on_acknowledge = [] {}, on_working = [] {};

    void hand_out(std::vector<QueueMessage> batch) {
        fetches.emplace_back([batch = std::move(batch)] { return batch; });
    }
    void break_down(Error error) {
        fetches.emplace_back([error]() -> Result<std::vector<QueueMessage>> { return std::unexpected(error); });
    }
};

class ScriptedSource final : public QueueSource {
public:
    explicit ScriptedSource(ScriptedBroker& broker) : broker_(broker) {}

    Result<Opened> open(const QueuePlace& journalled) override {
        broker_.asked.emplace_back("open");
        broker_.opened_with.push_back(journalled);
        if (auto error = first_of(broker_.refuses_open)) return std::unexpected(*error);
        return broker_.opened;
    }
    Result<std::vector<QueueMessage>> fetch(int most, std::int64_t) override {
        broker_.asked.push_back("fetch " + std::to_string(most));
        if (broker_.fetches.empty()) return std::vector<QueueMessage>();
        const auto next = std::move(broker_.fetches.front());
        broker_.fetches.pop_front();
        return next();
    }
    Result<void> acknowledge() override {
        broker_.asked.emplace_back("acknowledge");
        broker_.on_acknowledge();
        if (auto error = first_of(broker_.loses_acknowledgement)) return std::unexpected(*error);
        return {};
    }
    void hand_back() override { broker_.asked.emplace_back("hand back"); }
    void still_working() override {
        broker_.asked.emplace_back("working");
        broker_.on_working();
    }
    void close() override { broker_.asked.emplace_back("close"); }

private:
    static std::optional<Error> first_of(std::vector<Error>& errors) {
        if (errors.empty()) return std::nullopt;
        auto error = errors.front();
        errors.erase(errors.begin());
        return error;
    }
    ScriptedBroker& broker_;
};

}  // namespace sluice::host::test
