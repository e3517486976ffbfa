#pragma once
// A RecordWriter over the fake Odoo.

#include <gmock/gmock.h>

#include <string>

#include "core/odoo/record_writer.hpp"
#include "tests/core/odoo/fake_odoo.hpp"
#include "tests/core/odoo/records.hpp"

namespace sluice::odoo::test {

class RecordWriterTest : public testing::Test {
protected:
    RecordWriterTest() { fill(odoo); }

    static void fill(FakeOdoo& fake) {
        fake.add("res.country", {{"code", "\"BE\""}});
        for (const auto* sku : {"\"PEN\"", "\"DESK\"", "\"LAMP\"", "\"SHIPPING\""}) {
            fake.add("product.product", {{"default_code", sku}});
        }
    }
    Result<Written> write(const mapping::MappedRecord& record) { return write_through(odoo, record); }
    Result<Written> write_through(Caller& caller, const mapping::MappedRecord& record) {
        return RecordWriter(caller, flights, memory, "shop").write(record);
    }
    std::int64_t order_id() { return memory.ids.at("__sluice__.shop_order_1001"); }
    std::int64_t line_id(const std::string& id) {
        const auto answer = odoo.call("sale.order.line", "search", R"([[["name","=","Line )" + id + R"("]]])", "{}");
        return *answer->root().at(0).as_int64();
    }

    FakeOdoo odoo;
    SingleFlight flights;
    MapMemory memory;
};

}  // namespace sluice::odoo::test
