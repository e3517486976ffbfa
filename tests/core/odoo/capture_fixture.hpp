#pragma once
// One watched model in a database with transactions: microseconds inside, whole seconds outside, nothing visible before
// its commit.

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "core/base/timestamp.hpp"
#include "core/odoo/capture.hpp"
#include "core/odoo/external_id.hpp"

namespace sluice::odoo::test {

/// 16 to 18: a literal without microseconds is compared as one with .000000; 19 compares whole seconds.
enum class Comparison { microseconds, seconds };

class TransactionalOdoo final : public Caller {
public:
    explicit TransactionalOdoo(Comparison comparison = Comparison::microseconds) : comparison_(comparison) {}

    struct Row {
        std::string value;
        std::int64_t write_us = 0;
        std::int64_t order_id = 0;
    };
    /// A write whose transaction began at `begun_us` becomes visible now.
    void commit(std::int64_t id, const std::string& value, std::int64_t begun_us, std::int64_t order_id = 0) {
        rows[id] = {.value = value, .write_us = begun_us, .order_id = order_id};
    }

    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        calls.push_back(std::string(method));
        if (before_call) before_call(method);
        if (failing) return fail(Failure::retry, "no answer");
        const auto arguments = json::Document::parse(args);
        const auto named = json::Document::parse(kwargs);
        if (method == "get_external_id") return external_ids(arguments->root().at(0));
        if (method == "fields_get") return json::Document::parse(R"({"extra":{"type":"char"}})");
        EXPECT_EQ(model, "stock.picking");
        EXPECT_EQ(method, "search_read");
        last_kwargs = std::string(kwargs);
        return search_read(arguments->root().at(0), named->root());
    }

    std::map<std::int64_t, Row> rows;
    std::map<std::int64_t, std::string> order_names;  ///< external ids
    std::vector<std::string> calls;
    std::string last_kwargs;
    std::function<void(std::string_view method)> before_call;
    bool failing = false;

private:
    Result<json::Document> external_ids(const json::Value& ids) {
        json::Writer out;
        out.begin_object();
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const auto found = order_names.find(*ids.at(i).as_int64());
            out.key(ids.at(i).text()).string(found == order_names.end() ? "" : found->second);
        }
        return json::Document::parse(out.end_object().take());
    }
    bool is_since(std::int64_t write_us, std::string_view literal) const {
        const auto literal_us = *parse_rfc3339(std::string(literal) + "Z") * 1'000;
        return (comparison_ == Comparison::seconds ? write_us / 1'000'000 * 1'000'000 : write_us) >= literal_us;
    }
    Result<json::Document> search_read(const json::Value& domain, const json::Value& kwargs) {
        std::vector<std::int64_t> ids;
        for (const auto& [id, row] : rows) {
            bool matches = row.value != "outside";
            for (std::size_t i = 0; i < domain.size(); ++i) {
                const auto field = domain.at(i).at(0).text();
                if (field == "write_date") matches &= is_since(row.write_us, domain.at(i).at(2).text());
                if (field == "id") matches &= id > *domain.at(i).at(2).as_int64();
            }
            if (matches) ids.push_back(id);
        }
        if (kwargs.find("order")->text().starts_with("write_date desc"))
            std::ranges::sort(ids, [&](auto a, auto b) { return rows.at(a).write_us > rows.at(b).write_us; });
        ids.resize(std::min(ids.size(), static_cast<std::size_t>(*kwargs.find("limit")->as_int64())));
        json::Writer out;
        out.begin_array();
        for (const auto id : ids) {
            const auto& row = rows.at(id);
            out.begin_object().key("id").integer(id).key("name").string(row.value).key("extra").string("x");
            out.key("sale_id");
            if (row.order_id == 0)
                out.boolean(false);
            else
                out.integer(row.order_id);
            out.key("write_date").string(format_odoo_datetime(row.write_us / 1'000)).end_object();
        }
        return json::Document::parse(out.end_array().take());
    }

    Comparison comparison_;
};

class MapMemoryOfCapture final : public CaptureMemory {
public:
    Result<std::optional<Seen>> recall(std::int64_t id) override {
        const auto found = seen.find(id);
        return found == seen.end() ? std::nullopt : std::optional(found->second);
    }
    void remember(std::int64_t id, const Seen& what, std::string_view) override { seen[id] = what; }
    Result<std::vector<std::int64_t>> known(std::int64_t after, std::int64_t up_to) override {
        std::vector<std::int64_t> ids;
        for (const auto& [id, what] : seen) {
            if (id > after && id <= up_to && !what.hash.empty()) ids.push_back(id);
        }
        return ids;
    }
    std::map<std::int64_t, Seen> seen;
};

/// A watch with its cursor and memory, as durable as a delivery makes them: a page that fails leaves both as they were.
struct Watcher {
    explicit Watcher(Caller& odoo_in) : odoo(odoo_in) {}

    /// Polls until nothing more is to be read at once; what was told as "id:value#number".
    std::vector<std::string> poll(std::int64_t now_ms) {
        return read([&] { return odoo::poll(odoo, watch, cursor, memory, now_ms); });
    }
    std::vector<std::string> sweep() {
        return read([&] { return odoo::sweep(odoo, watch, cursor, memory); });
    }

    Caller& odoo;
    Watch watch{.model = "stock.picking", .fields = {"name"}, .connector = "shop", .overlap_ms = 60'000};
    CaptureCursor cursor;
    MapMemoryOfCapture memory;

private:
    template <class Function>
    std::vector<std::string> read(Function function) {
        std::vector<std::string> told;
        for (bool more = true; more;) {
            const auto kept_cursor = cursor;
            const auto kept_memory = memory;
            const auto page = function();
            if (!page) {
                cursor = kept_cursor;
                memory.seen = kept_memory.seen;
                told.push_back("failed");
                break;
            }
            for (const auto& change : page->changes) {
                const auto document = json::Document::parse(change.document);
                const auto name = document->root().find("name");
                told.push_back(std::to_string(change.id) + ":" + (change.gone ? "gone" : std::string(name->text())) +
                               "#" + std::to_string(change.number));
            }
            // Through its text, as it is kept.
            cursor = *CaptureCursor::parse(cursor.to_text());
            more = page->more;
        }
        return told;
    }
};

}  // namespace sluice::odoo::test
