#pragma once
// The admin API over a real journal in a folder of its own.

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fmt/format.h>

#include <filesystem>
#include <future>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "core/json/json.hpp"
#include "host/admin/admin_api.hpp"
#include "host/admin/render.hpp"

namespace sluice::host {

class AdminFixture : public testing::Test {
protected:
    void SetUp() override {
        std::string made = std::filesystem::path(testing::TempDir()) / "sluice-admin-XXXXXX";
        ASSERT_NE(::mkdtemp(made.data()), nullptr);
        folder = made;
        auto opened = journal::open_sqlite_journal(folder / "journal.db", clock);
        ASSERT_TRUE(opened) << opened.error().message;
        journal = std::move(*opened);
        api = std::make_unique<AdminApi>(
            *journal, clock,
            AdminHooks{
                .status = [] { return std::string(R"({"version":"test"})"); },
                .pause = [this](const journal::Pause& pause) -> Result<void> {
                    if (pause.connector != "shop")
                        return fail(Failure::invalid, "there is no connector `" + pause.connector + "`");
                    return journal->pause(pause);
                },
                .resume = [this](const std::string& name, const std::string& flow,
                                 const std::string& who) -> Result<Resumed> {
                    resumed_by = who;
                    if (name != "shop") return fail(Failure::invalid, "there is no connector `" + name + "`");
                    if (!journal->resume(name, flow).value()) return fail(Failure::rejected, "it is not paused");
                    return Resumed{.ended = {"it was paused"}, .still = {}};
                },
                .notify = [this](const std::string& name) { notified.push_back(name); },
                .trigger = [this](const std::string& connector, const std::string& flow,
                                  std::string data) -> Result<journal::Appended> {
                    started.push_back("trigger " + connector + " " + flow + " " + data);
                    return journal::Appended{.seq = journal::Seq{7}};
                },
                .sweep = [this](const std::string& connector, const std::string& flow) -> Result<journal::Appended> {
                    if (flow == "order") return fail(Failure::invalid, "nothing to sweep");
                    started.push_back("sweep " + connector + " " + flow);
                    return journal::Appended{.seq = journal::Seq{8}};
                },
                .reconcile = [this](const std::string& connector, const std::string& flow,
                                    const ReconcileWish& wish) -> Result<journal::Appended> {
                    if (flow != "order") return fail(Failure::invalid, "nothing to reconcile");
                    started.push_back("reconcile " + connector + " " + flow + " " +
                                      std::to_string(wish.from_ms.value_or(-1)) + " " +
                                      std::to_string(wish.to_ms.value_or(-1)) + " " + wish.repair);
                    return journal::Appended{.seq = journal::Seq{9}};
                },
                .reconcile_report = [](const std::string&, const std::string& flow,
                                       std::int64_t page) -> Result<std::string> {
                    if (flow != "order") return fail(Failure::invalid, "no such flow");
                    return R"({"page":)" + std::to_string(page) + "}";
                },
                .error_owner = [](const std::string&, const std::string& flow) { return flow + " people"; },
                .mapping =
                    [](const journal::EventDetail& detail) {
                        return render_mapping(one_field(), detail.delivered_payload(), {});
                    },
                .dry_run = [](const journal::EventDetail& detail) -> Result<std::string> {
                    if (detail.event.attempts == 0) return fail(Failure::invalid, "it cannot be delivered");
                    return R"({"ends":"done"})";
                }});
    }
    void TearDown() override {
        api.reset();
        journal.reset();
        std::filesystem::remove_all(folder);
    }

    std::int64_t append(const std::string& id, const std::string& payload, const std::string& dead_letter_reason = "",
                        const std::string& flow = "order") {
        const auto appended = journal->append({journal::NewEvent{.connector = "shop",
                                                                 .event_id = id,
                                                                 .flow = flow,
                                                                 .order = "order",
                                                                 .ordering_key = id,
                                                                 .topic = "orders/create",
                                                                 .payload = payload,
                                                                 .headers = R"({"X-Topic":"orders/create"})",
                                                                 .dead_letter_reason = dead_letter_reason}});
        EXPECT_TRUE(appended) << appended.error().message;
        return journal::to_int(appended->front().seq);
    }
    std::optional<::uid_t> uid;  ///< who asks, as the kernel says it
    http::Response ask(std::string method, std::string target, std::string body = "") {
        std::promise<http::Response> answer;
        api->handle({.method = std::move(method),
                     .target = std::move(target),
                     .body = std::move(body),
                     .peer = "unix",
                     .peer_uid = uid},
                    [&](http::Response response) { answer.set_value(std::move(response)); });
        return answer.get_future().get();
    }
    /// A dead letter of a key of its own.
    std::int64_t dead_letter(const std::string& id, const std::string& payload = "{}",
                             const std::string& message = "no product with SKU 'A-1'",
                             const std::string& flow = "order") {
        const auto seq = append(id, payload, "", flow);
        EXPECT_EQ(journal->claim({journal::Seq{seq}}, {}, clock.now_ms())->size(), 1U);
        journal::Finish finish{.kind = journal::Finish::Kind::dead_letter, .verdict = "rejected", .message = message};
        EXPECT_TRUE(journal->finish({.seq = journal::Seq{seq}, .token = 1}, finish, clock.now_ms()));
        return seq;
    }
    journal::EventDetail event(std::int64_t seq) { return journal->show(journal::Seq{seq}).value().value(); }
    static contract::Flow one_field() {
        contract::Flow flow{.name = "order"};
        flow.record.emplace();
        flow.record->model = "sale.order";
        flow.record->external_id.parts = {{.kind = contract::Template::Part::Kind::literal, .text = "order"}};
        flow.record->fields.push_back({.name = "name", .from = {"/name"}, .required = true});
        return flow;
    }
    static json::Document parsed(const http::Response& response) {
        auto document = json::Document::parse(response.body);
        EXPECT_TRUE(document) << response.body;
        return std::move(*document);
    }
    static std::vector<std::string> seqs(const http::Response& response) {
        const auto document = parsed(response);
        std::vector<std::string> found;
        const auto events = *document.root().find("events");
        for (std::size_t i = 0; i < events.size(); ++i) found.emplace_back(events.at(i).find("seq")->text());
        return found;
    }

    ManualClock clock;
    std::filesystem::path folder;
    std::unique_ptr<journal::Journal> journal;
    std::string resumed_by;
    std::vector<std::string> notified, started;  // written by the API's thread before it answers
    std::unique_ptr<AdminApi> api;
};

}  // namespace sluice::host
