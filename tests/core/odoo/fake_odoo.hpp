#pragma once
// An Odoo of six models in memory, behind odoo::Caller: enough for RecordWriter, with the traits that bite (numbers
// rounded to digits, empty texts as false, external ids beside the records).

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "core/odoo/client.hpp"
#include "core/odoo/record_writer.hpp"

namespace sluice::odoo::test {

/// Field name to value, as JSON text; a many2one is its id or `false`.
using Row = std::map<std::string, std::string>;

/// Any thread; a call is atomic.
class FakeOdoo final : public Caller {
public:
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;

    std::int64_t add(const std::string& model, Row row);
    void remove(const std::string& model, std::int64_t id);
    void name(const std::string& external_id, const std::string& model, std::int64_t id);
    Row& row(const std::string& model, std::int64_t id) { return rows_[model].at(id); }
    std::size_t count(const std::string& model) const;
    /// Everything but ids and their order: two runs that end the same have the same text.
    std::string state() const;
    /// "sale.order.load" for each call so far.
    std::vector<std::string> calls;
    std::size_t calls_of(std::string_view model_and_method) const;

private:
    json::Value parsed(std::string_view text);
    std::string search(const std::string& model, const json::Value& domain, std::string_view kwargs, bool read);
    std::string read(const std::string& model, const std::vector<std::int64_t>& ids, const json::Value& kwargs) const;
    std::string load(const std::string& model, const json::Value& args, std::string_view kwargs_text);
    void write(const std::string& model, std::int64_t id, const json::Value& values);
    std::string move_order(std::int64_t id, std::string_view method);
    std::int64_t upsert(const std::string& model, const std::string& external_id);
    void store(const std::string& model, std::int64_t id, const std::string& field, const json::Value& value);

    mutable std::mutex mutex_;
    std::map<std::string, std::map<std::int64_t, Row>> rows_;
    std::map<std::string, std::pair<std::string, std::int64_t>> names_;
    std::int64_t last_id_ = 100;
};

/// Passes calls on and fails the n-th (from 0), before or after it is applied.
class FailingCaller final : public Caller {
public:
    enum class When { before, after };
    FailingCaller(Caller& inner, int step, When when) : inner_(inner), step_(step), when_(when) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;
    bool failed() const { return failed_; }

private:
    Caller& inner_;
    int step_;
    When when_;
    bool failed_ = false;
};

/// Keeps what it is told.
class MapMemory final : public IdMemory {
public:
    std::optional<std::int64_t> recall(const std::string& external_id) override;
    void remember(const std::string& external_id, std::int64_t id) override { ids[external_id] = id; }
    std::map<std::string, std::int64_t> ids;
};

}  // namespace sluice::odoo::test
