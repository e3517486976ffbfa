// Many records at once: what one by one would leave, in fewer calls.

#include <gmock/gmock.h>

#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::FailingCaller;
using test::FakeOdoo;
using test::MapMemory;
using test::Order;
using test::RecordWriterTest;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;
using What = Written::What;

Order numbered(int number, const std::string& sku = "PEN") {
    Order order;
    order.id = std::to_string(number);
    order.name = "#" + order.id;
    order.email = "guest" + order.id + "@example.com";
    order.lines = {{order.id + "1", sku, "2", "10.50", "5.00"}, {order.id + "2", "DESK", "1", "99.90", "0"}};
    return order;
}

/// Refuses, as Odoo does, every `load` that has this text in a cell; and counts.
class Picky final : public Caller {
public:
    Picky(Caller& inner, std::string text) : inner_(inner), text_(std::move(text)) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (method != "load" || args.find(text_) == std::string_view::npos)
            return inner_.call(model, method, args, kwargs);
        ++refusals;
        return json::Document::parse(
            R"({"ids":false,"messages":[{"type":"error","message":"Wrong name","field":"client_order_ref"}],"nextrow":0})");
    }
    int refusals = 0;

private:
    Caller& inner_;
    std::string text_;
};

class BatchWriting : public RecordWriterTest {
protected:
    std::vector<Result<Written>> write_all(const std::vector<mapping::MappedRecord>& records) {
        return write_all_through(odoo, records);
    }
    std::vector<Result<Written>> write_all_through(Caller& caller, const std::vector<mapping::MappedRecord>& records) {
        std::vector<RecordWriter::Write> writes;
        for (const auto& record : records) writes.push_back({.record = &record, .memory = &memory});
        return RecordWriter(caller, flights, memory, "shop").write_all(writes);
    }
    static std::vector<mapping::MappedRecord> orders(int first, int last) {
        std::vector<mapping::MappedRecord> out;
        for (int i = first; i <= last; ++i) out.push_back(test::order(numbered(i)));
        return out;
    }
    static std::string error(const Result<Written>& written) { return written ? "" : written.error().message; }
};

TEST_F(BatchWriting, LeavesWhatOneByOneLeaves) {
    auto changed = numbered(1);
    changed.lines[0].quantity = "3";
    auto same_guest = numbered(3);
    same_guest.email = numbered(4).email;
    auto elsewhere = numbered(5);
    elsewhere.delivery_street = "Rue Haute 1";
    auto newer = numbered(6);
    newer.lines.pop_back();
    auto cancelled = numbered(7);
    cancelled.cancelled = true;
    std::vector<mapping::MappedRecord> records;
    for (const auto& order : {changed, numbered(2), same_guest, numbered(4), elsewhere, numbered(6), newer, cancelled})
        records.push_back(test::order(order));

    FakeOdoo alone;
    fill(alone);
    MapMemory alone_memory;
    for (const int first : {1, 2}) {
        ASSERT_TRUE(write(test::order(numbered(first))));
        ASSERT_TRUE(RecordWriter(alone, flights, alone_memory, "shop").write(test::order(numbered(first))));
    }
    std::vector<What> expected;
    for (const auto& record : records) {
        const auto written = RecordWriter(alone, flights, alone_memory, "shop").write(record);
        ASSERT_TRUE(written) << written.error().message;
        expected.push_back(written->what);
    }
    const auto written = write_all(records);
    ASSERT_EQ(written.size(), records.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        ASSERT_TRUE(written[i]) << i << ": " << written[i].error().message;
        EXPECT_EQ(written[i]->what, expected[i]) << i;
        EXPECT_EQ(written[i]->model, "sale.order");
    }
    EXPECT_EQ(odoo.state(), alone.state());
    EXPECT_EQ(memory.ids.size(), alone_memory.ids.size());
    const auto again = write_all(records);
    EXPECT_EQ(again[1]->what, What::unchanged);
    EXPECT_EQ(odoo.count("sale.order"), 7U);
}

TEST_F(BatchWriting, TwentyOrdersOfNewGuestsTakeAFewCalls) {
    for (const auto& written : write_all(orders(1, 20))) {
        ASSERT_TRUE(written) << written.error().message;
        EXPECT_EQ(written->what, What::created);
        EXPECT_THAT(written->detail, AllOf(StartsWith("created sale.order "), HasSubstr("created res.partner ")));
    }
    EXPECT_EQ(odoo.calls_of("sale.order.load"), 1U);
    EXPECT_EQ(odoo.calls_of("res.partner.load"), 1U);
    EXPECT_LE(odoo.calls.size(), 15U) << "however many orders they are";
    EXPECT_EQ(odoo.count("sale.order"), 20U);
    EXPECT_EQ(odoo.count("res.partner"), 20U);
}

TEST_F(BatchWriting, ARecordThatOdooRefusesIsFoundAndLeavesAlone) {
    auto records = orders(1, 16);
    auto bad = numbered(99);
    bad.name = "#bad";
    records[10] = test::order(bad);
    Picky picky(odoo, "#bad");
    const auto written = write_all_through(picky, records);
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (i == 10) continue;
        ASSERT_TRUE(written[i]) << i << ": " << written[i].error().message;
    }
    ASSERT_FALSE(written[10]);
    EXPECT_EQ(written[10].error().failure, Failure::rejected);
    EXPECT_THAT(written[10].error().message, HasSubstr("client_order_ref: Wrong name"));
    EXPECT_EQ(odoo.count("sale.order"), 15U);
    EXPECT_EQ(picky.refusals, 5) << "sixteen are halved four times";
}

TEST_F(BatchWriting, AWrongReferenceIsTheFailureOfItsRecordAlone) {
    auto records = orders(1, 3);
    records[1] = test::order(numbered(2, "NO-SUCH-SKU"));
    const auto written = write_all(records);
    EXPECT_TRUE(written[0]) << error(written[0]);
    EXPECT_TRUE(written[2]) << error(written[2]);
    ASSERT_FALSE(written[1]);
    EXPECT_EQ(written[1].error().failure, Failure::invalid);
    EXPECT_THAT(written[1].error().message, HasSubstr("no product.product with default_code `NO-SUCH-SKU`"));
    EXPECT_EQ(odoo.count("res.partner"), 2U) << "no guest of an order that is not written";
}

TEST_F(BatchWriting, WhateverCallFailsTheNextAttemptFinishesAndNothingIsThereTwice) {
    FakeOdoo clean;
    fill(clean);
    MapMemory clean_memory;
    auto records = orders(1, 4);
    auto shared = numbered(5);
    shared.email = numbered(1).email;
    records.push_back(test::order(shared));
    for (const auto& record : records) ASSERT_TRUE(RecordWriter(clean, flights, clean_memory, "shop").write(record));

    for (const auto when : {FailingCaller::When::before, FailingCaller::When::after}) {
        for (int step = 0;; ++step) {
            FakeOdoo fresh;
            fill(fresh);
            MapMemory lost;  // a delivery that fails commits no state
            FailingCaller failing(fresh, step, when);
            std::vector<RecordWriter::Write> writes;
            for (const auto& record : records) writes.push_back({.record = &record, .memory = &lost});
            const auto written = RecordWriter(failing, flights, lost, "shop").write_all(writes);
            if (!failing.failed()) break;
            for (const auto& one : written) {
                if (one) continue;
                EXPECT_THAT(one.error().failure, testing::AnyOf(Failure::retry, Failure::unknown));
            }
            MapMemory again;
            for (auto& one : writes) one.memory = &again;
            for (const auto& one : RecordWriter(fresh, flights, again, "shop").write_all(writes))
                ASSERT_TRUE(one) << one.error().message;
            ASSERT_EQ(fresh.state(), clean.state()) << "call " << step;
        }
    }
}

TEST_F(BatchWriting, AfterAnUnknownOutcomeTheOthersAreNotTried) {
    auto records = orders(1, 2);
    auto other_columns = numbered(3);
    other_columns.lines = {{"31", "SHIPPING", "1", "4.95"}};
    records.push_back(test::order(other_columns));
    ASSERT_TRUE(write_all({test::order(numbered(90))})[0]);
    odoo.calls.clear();
    // The first of the two loads of orders is lost on its way back.
    int step = 0;
    {
        FakeOdoo probe;
        fill(probe);
        MapMemory none;
        std::vector<RecordWriter::Write> writes;
        for (const auto& record : records) writes.push_back({.record = &record, .memory = &none});
        RecordWriter(probe, flights, none, "shop").write_all(writes);
        const auto first = std::ranges::find(probe.calls, "sale.order.load");
        ASSERT_NE(first, probe.calls.end());
        step = static_cast<int>(first - probe.calls.begin());
    }
    FailingCaller failing(odoo, step, FailingCaller::When::after);
    const auto written = write_all_through(failing, records);
    int unknown = 0, untried = 0;
    for (const auto& one : written) {
        ASSERT_FALSE(one);
        unknown += one.error().failure == Failure::unknown ? 1 : 0;
        untried += one.error().failure == Failure::retry && one.error().message.starts_with("not tried: ") ? 1 : 0;
    }
    EXPECT_EQ(unknown + untried, 3);
    EXPECT_GE(unknown, 1);
    EXPECT_GE(untried, 1);
}

TEST_F(BatchWriting, OneIsWrittenElsewhereAndTheOthersDoNotWait) {
    SingleFlight impatient(1);
    const auto held = impatient.enter("sale.order __sluice__.shop_order_2");
    ASSERT_TRUE(held);
    std::vector<RecordWriter::Write> writes;
    const auto records = orders(1, 3);
    for (const auto& record : records) writes.push_back({.record = &record, .memory = &memory});
    const auto written = RecordWriter(odoo, impatient, memory, "shop").write_all(writes);
    EXPECT_TRUE(written[0]);
    ASSERT_FALSE(written[1]);
    EXPECT_EQ(written[1].error().failure, Failure::rate_limited) << "which counts no attempt";
    EXPECT_TRUE(written[2]);
}

}  // namespace
}  // namespace sluice::odoo
