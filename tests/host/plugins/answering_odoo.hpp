#pragma once
// An Odoo that answers each method the same, whoever asks.

#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "host/plugins/odoo_access.hpp"
#include "host/plugins/planned_call.hpp"

namespace sluice::host {

inline void PrintTo(const Difference& one, std::ostream* out) {
    *out << one.record << " | " << one.field << " | " << one.now << " | " << one.then;
}

/// What a test sees of it after somebody has taken it.
struct OdooAnswers {
    std::map<std::string, std::string> answers;  ///< "sale.order.read": JSON; others answer `[]`
    std::map<std::string, Error> failures;
    std::vector<std::string> calls;  ///< "sale.order.read [[12]] {}"
    bool cancelled = false;
};

class AnsweringOdoo final : public OdooAccess, public odoo::Caller {
public:
    explicit AnsweringOdoo(OdooAnswers& script) : script_(script) {}
    odoo::Caller& caller() override { return *this; }
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        const auto name = std::string(model) + "." + std::string(method);
        script_.calls.push_back(name + " " + std::string(args) + " " + std::string(kwargs));
        const auto failure = script_.failures.find(name);
        if (failure != script_.failures.end()) return std::unexpected(failure->second);
        const auto answer = script_.answers.find(name);
        return json::Document::parse(answer == script_.answers.end() ? "[]" : answer->second);
    }
    Result<odoo::Written> write(odoo::Caller&, odoo::IdMemory&, const mapping::MappedRecord&) override {
        return fail(Failure::invalid, "a dry run writes by itself");
    }
    bool probe() override { return true; }
    void cancel() override { script_.cancelled = true; }

private:
    OdooAnswers& script_;
};

}  // namespace sluice::host
