// Which queues are read as the configuration changes.

#include "host/queue/queues.hpp"

#include <gmock/gmock.h>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "tests/core/journal/temporary_journal.hpp"
#include "tests/host/queue/queue_fixture.hpp"

namespace sluice::host {
namespace {

using test::queue_connector;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// A broker without messages, which notes that it is opened and let go.
class QuietSource final : public QueueSource {
public:
    QuietSource(std::string name, std::function<void(const std::string&)> note)
        : name_(std::move(name)), note_(std::move(note)) {}
    ~QuietSource() override { note_("ended " + name_); }
    Result<Opened> open(const QueuePlace&) override {
        note_("opened " + name_);
        return Opened{.ack_wait_ms = 1'000};
    }
    Result<std::vector<QueueMessage>> fetch(int, std::int64_t) override { return std::vector<QueueMessage>(); }
    Result<void> acknowledge() override { return {}; }
    void hand_back() override {}
    void still_working() override {}
    void close() override {}

private:
    const std::string name_;
    const std::function<void(const std::string&)> note_;
};

class QueuesTest : public testing::Test {
protected:
    QueuesTest() {
        ingress.configure({}, {});
        queues.emplace(
            journal, system_clock(), log, 1, ingress, [](const std::string&) {}, nullptr,
            [this](const NatsAccount& account, const QueueNames& names, const std::string&) {
                return std::make_unique<QuietSource>(account.user + "/" + names.consumer,
                                                     [this](const std::string& what) {
                                                         const std::lock_guard lock(mutex);
                                                         notes.push_back(what);
                                                         noted.notify_all();
                                                     });
            });
    }
    /// What happened since the last call, once there are so many of it.
    std::vector<std::string> happened(std::size_t count) {
        std::unique_lock lock(mutex);
        noted.wait_for(lock, std::chrono::minutes(2), [&] { return notes.size() >= count; });
        return std::exchange(notes, {});
    }

    ManualClock clock;
    telemetry::Logger log{clock, telemetry::Level::error, telemetry::Format::key_value, [](std::string_view) {}};
    journal::testing::TemporaryFolder folder;
    std::unique_ptr<journal::Journal> owned =
        journal::open_sqlite_journal(folder.path() / "journal.db", clock, {}).value();
    journal::Journal& journal = *owned;
    Ingress ingress{journal, clock, log, {}};
    std::mutex mutex;
    std::condition_variable noted;
    std::vector<std::string> notes;
    std::map<std::string, NatsAccount> accounts{{"main", {.urls = {"nats://127.0.0.1:1"}, .user = "u"}}};
    std::optional<Queues> queues;
};

TEST_F(QueuesTest, OnlyWhatChangedIsStoppedAndStarted) {
    const auto first = queue_connector(), second = queue_connector(
                                              "[flow.stock]\nordering_key = \"/id\"\nqueue = { "
                                              "stream = \"S\", record = \"/id\" }\n",
                                              {}, "outlet");
    queues->configure({first, second}, accounts);
    EXPECT_THAT(happened(2), UnorderedElementsAre("opened u/sluice_shop_order", "opened u/sluice_outlet_stock"));
    queues->configure({first, second}, accounts);
    const auto changed = std::make_shared<const Connector>(*second);
    queues->configure({first, changed}, accounts);
    EXPECT_THAT(happened(2), ElementsAre("ended u/sluice_outlet_stock", "opened u/sluice_outlet_stock"))
        << "the old one ends first: two of one consumer would share its messages out";
    queues->configure({first}, accounts);
    EXPECT_THAT(happened(1), ElementsAre("ended u/sluice_outlet_stock"));
    EXPECT_THAT(queues->status("outlet"), IsEmpty());
    ASSERT_EQ(queues->status("shop").size(), 1U);
    EXPECT_EQ(queues->status("shop")[0].stream, "ORDERS");
    queues.reset();
    EXPECT_THAT(happened(1), ElementsAre("ended u/sluice_shop_order"));
}

TEST_F(QueuesTest, AnotherLoginConnectsAnew) {
    const auto connector = queue_connector();
    queues->configure({connector}, accounts);
    EXPECT_THAT(happened(1), ElementsAre("opened u/sluice_shop_order"));
    accounts["main"].user = "v";
    queues->configure({connector}, accounts);
    EXPECT_THAT(happened(2), ElementsAre("ended u/sluice_shop_order", "opened v/sluice_shop_order"));
    accounts["main"].password = Secret("p");
    queues->configure({connector}, accounts);
    EXPECT_THAT(happened(2), ElementsAre("ended v/sluice_shop_order", "opened v/sluice_shop_order"));
}

TEST_F(QueuesTest, AFlowThatIsOffReadsNothing) {
    const std::string flow =
        "[flow.order]\nneeds = [\"stream\"]\nordering_key = \"/id\"\nqueue = { stream = \"{config:stream}\", record = "
        "\"/id\" }\n";
    queues->configure({queue_connector(flow, {{"stream", ""}})}, accounts);
    EXPECT_THAT(queues->status("shop"), IsEmpty());
    queues->configure({queue_connector(flow, {{"stream", "S"}})}, accounts);
    EXPECT_THAT(happened(1), ElementsAre("opened u/sluice_shop_order"));
}

}  // namespace
}  // namespace sluice::host
