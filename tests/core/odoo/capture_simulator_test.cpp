// Polling the simulator of each version through the real client: microseconds inside and whole seconds outside, the
// version's own comparison of the two, transactions that commit late, records that come and change while pages are
// read.

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/core/odoo/capture_fixture.hpp"
#include "tests/simulators/odoo/simulator.hpp"

namespace sluice::odoo {
namespace {

using test::Watcher;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::int64_t second_us = 1'000'000;

/// Lets a test do something before a call.
class Watched final : public Caller {
public:
    explicit Watched(Caller& through) : through_(through) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (before_call) before_call(method);
        return through_.call(model, method, args, kwargs);
    }
    std::function<void(std::string_view method)> before_call;

private:
    Caller& through_;
};

class CaptureOfVersions : public testing::TestWithParam<int> {
protected:
    CaptureOfVersions() {
        watcher.watch = {.model = "res.partner",
                         .domain = R"([["ref","!=",false]])",
                         .fields = {"name"},
                         .connector = "shop",
                         .overlap_ms = 60'000};
    }
    std::unique_ptr<Client> client() const {
        return std::make_unique<Client>(Account{.endpoint = *http::Endpoint::parse(odoo.url()),
                                                .database = odoo.database(),
                                                .login = odoo.login(),
                                                .protocol = ProtocolName::automatic,
                                                .api_key = Secret(odoo.api_key()),
                                                .password = {},
                                                .timeouts = {.connect_ms = 5'000, .total_ms = 60'000}},
                                        make_shared_session());
    }
    static std::string result(Client& by, std::string_view method, const std::string& args) {
        const auto answer = by.call("res.partner", method, args, "{}");
        EXPECT_TRUE(answer) << answer.error().message;
        return answer ? std::string(answer->root().raw()) : std::string();
    }
    std::string create(const std::string& name) {
        return result(*person, "create", R"([{"name":")" + name + R"(","ref":"W"}])");
    }
    void create_many(int count) {
        std::string list;
        for (int i = 0; i < count; ++i) list += (i > 0 ? "," : "") + std::string(R"({"name":"a","ref":"W"})");
        result(*person, "create", "[[" + list + "]]");
    }
    void rename(const std::string& id, const std::string& name) {
        result(*person, "write", "[[" + id + R"(],{"name":")" + name + R"("}])");
    }
    std::vector<std::string> poll() { return watcher.poll(now / 1'000); }

    std::atomic<sim::Micros> now{1'795'500'000 * second_us + 200'000};
    sim::OdooSimulator odoo{{.version = GetParam(), .clock = [this] { return now.load(); }}};
    std::unique_ptr<Client> person = client(), lane = client();
    Watched watched{*lane};
    Watcher watcher{watched};
};

TEST_P(CaptureOfVersions, WritesWithinOneSecondAreToldOnceEach) {
    create("before");
    now += second_us;
    EXPECT_THAT(poll(), IsEmpty()) << "what was there before is not told";
    const auto first = create("a");
    EXPECT_THAT(poll(), ElementsAre(first + ":a#1"));
    now += 300'000;
    rename(first, "b");
    const auto second = create("c");
    EXPECT_THAT(poll(), ElementsAre(first + ":b#2", second + ":c#1"));
    now += 300'000;
    rename(second, "d");
    EXPECT_THAT(poll(), ElementsAre(second + ":d#2"));
    EXPECT_THAT(poll(), IsEmpty());
    now += 200 * second_us;
    EXPECT_THAT(poll(), IsEmpty()) << "settled: only the last second is read again";
    const auto third = create("e");
    EXPECT_THAT(poll(), ElementsAre(third + ":e#1"));
}

TEST_P(CaptureOfVersions, ATransactionThatCommitsBehindTheCursorIsFound) {
    create("before");
    poll();
    odoo.inject({.kind = sim::FaultKind::commit_late, .model = "res.partner", .method = "create"});
    const auto other = client();
    std::string late;
    std::thread slow([&] { late = result(*other, "create", R"([{"name":"late","ref":"W"}])"); });
    while (odoo.calls_held() == 0) std::this_thread::yield();
    now += 30 * second_us;
    const auto early = create("early");
    EXPECT_THAT(poll(), ElementsAre(early + ":early#1"));
    odoo.release();
    slow.join();
    EXPECT_THAT(poll(), ElementsAre(late + ":late#1"));
    EXPECT_THAT(poll(), IsEmpty());
}

TEST_P(CaptureOfVersions, PagesSurviveRecordsThatComeAndChangeMeanwhile) {
    create("before");
    poll();
    now += second_us;
    const auto first = std::stoll(create("a"));
    create_many(449);
    int reads = 0;
    watched.before_call = [&](std::string_view method) {
        if (method != "search_read" || ++reads != 3) return;  // before the second page
        now += second_us;
        rename(std::to_string(first + 6), "b");    // behind it
        rename(std::to_string(first + 300), "b");  // yet to come
        create("new");
    };
    const auto told = poll();
    EXPECT_EQ(told.size(), 451U);
    EXPECT_THAT(told, Contains(std::to_string(first + 6) + ":a#1"));
    EXPECT_THAT(told, Contains(std::to_string(first + 300) + ":b#1"));
    EXPECT_THAT(told, Contains(std::to_string(first + 450) + ":new#1"));
    EXPECT_THAT(poll(), ElementsAre(std::to_string(first + 6) + ":b#2"));
    EXPECT_THAT(poll(), IsEmpty());
}

TEST_P(CaptureOfVersions, ASweepFindsWhatOutlivedTheOverlapAndWhatIsGone) {
    const auto gone = create("gone");
    watcher.watch.from_the_beginning = true;
    EXPECT_THAT(poll(), ElementsAre(gone + ":gone#1"));
    odoo.inject({.kind = sim::FaultKind::commit_late, .model = "res.partner", .method = "create"});
    const auto other = client();
    std::string late;
    std::thread slow([&] { late = result(*other, "create", R"([{"name":"late","ref":"W"}])"); });
    while (odoo.calls_held() == 0) std::this_thread::yield();
    now += 300 * second_us;
    const auto early = create("early");
    EXPECT_THAT(poll(), ElementsAre(early + ":early#1"));
    odoo.release();
    slow.join();
    result(*person, "unlink", "[[" + gone + "]]");
    EXPECT_THAT(poll(), IsEmpty()) << "its write_date lies behind the overlap";
    EXPECT_THAT(watcher.sweep(), testing::UnorderedElementsAre(late + ":late#1", gone + ":gone#2"));
    EXPECT_THAT(watcher.sweep(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Odoo, CaptureOfVersions, testing::Values(16, 17, 18, 19),
                         [](const auto& given) { return "Of" + std::to_string(given.param); });

}  // namespace
}  // namespace sluice::odoo
