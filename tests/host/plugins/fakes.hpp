#pragma once
// A journal, an Odoo and a web that live in memory and do what a test says.

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/journal/journal.hpp"
#include "host/plugins/http_access.hpp"
#include "host/plugins/odoo_access.hpp"

namespace sluice::host {

class FakeMemory final : public journal::ConnectorMemory {
public:
    std::map<std::string, journal::StateValue> state;  ///< by name
    std::map<std::string, std::string> applied;        ///< "connector/order/key" -> revision
    bool broken = false;                               ///< every read fails
    int state_reads = 0;

    Result<std::string> applied_revision(const std::string& connector, const std::string& order,
                                         const std::string& ordering_key) override {
        if (broken) return refused();
        return applied[connector + "/" + order + "/" + ordering_key];
    }
    Result<journal::StateValue> get_state(const std::string&, const std::string& name) override {
        ++state_reads;
        if (broken) return refused();
        const auto found = state.find(name);
        return found == state.end() ? journal::StateValue{} : found->second;
    }

    Result<std::vector<journal::NamedState>> states(const std::string&, const std::string& after,
                                                    const std::string& up_to, int limit) override {
        std::vector<journal::NamedState> found;
        for (auto at = state.upper_bound(after); at != state.end() && at->first <= up_to; ++at) {
            if (found.size() == static_cast<std::size_t>(limit)) break;
            found.push_back({.name = at->first, .value = at->second.value});
        }
        return found;
    }

private:
    static std::unexpected<Error> refused() { return fail(Failure::retry, "the disk is full"); }
};

/// What a test sees of one lane's Odoo after the handler has taken it.
struct OdooScript {
    struct Call {
        std::string model, method, args, kwargs;
    };
    std::vector<Call> calls;
    std::vector<std::string> written;  ///< external ids
    /// The answers, in order; an empty queue answers `true`. Written records cost one call each.
    std::deque<std::function<Result<std::string>()>> answers;
    bool probe_answers = true;
    int probes = 0;
    bool cancelled = false;

    void answer(Error error) {
        answers.emplace_back([error]() -> Result<std::string> { return std::unexpected(error); });
    }
    void answer(std::string json) {
        answers.emplace_back([json]() -> Result<std::string> { return json; });
    }
};

class FakeOdoo final : public OdooAccess, public odoo::Caller {
public:
    explicit FakeOdoo(OdooScript& script) : script_(script) {}

    odoo::Caller& caller() override { return *this; }
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        script_.calls.push_back({std::string(model), std::string(method), std::string(args), std::string(kwargs)});
        Result<std::string> answer = "true";
        if (!script_.answers.empty()) {
            answer = script_.answers.front()();
            script_.answers.pop_front();
        }
        if (!answer) return std::unexpected(answer.error());
        return json::Document::parse(*answer);
    }
    Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                const mapping::MappedRecord& record) override {
        auto loaded = through.call(record.model, "load", "[]", "{}");
        if (!loaded) return std::unexpected(loaded.error());
        script_.written.push_back(record.external_id);
        const auto remembered = memory.recall(record.external_id);
        memory.remember(record.external_id, 12);
        return odoo::Written{.what = remembered ? odoo::Written::What::unchanged : odoo::Written::What::created,
                             .id = 12,
                             .model = record.model,
                             .detail = (remembered ? "unchanged " : "created ") + record.model + " 12"};
    }
    bool probe() override {
        ++script_.probes;
        return script_.probe_answers;
    }
    void cancel() override { script_.cancelled = true; }

private:
    OdooScript& script_;
};

struct WebScript {
    std::vector<std::pair<http::Endpoint, http::Request>> requests;
    Result<http::Response> answer = http::Response{.status = 200, .headers = {}, .body = "{}"};
    std::map<std::string, Result<http::Response>> answers_of;  ///< instead, of these hosts
    bool probe_answers = true;
    int probes = 0;
    bool cancelled = false;
};

class FakeWeb final : public HttpAccess {
public:
    explicit FakeWeb(WebScript& script) : script_(script) {}
    Result<http::Response> send(const http::Endpoint& endpoint, http::Request request) override {
        script_.requests.emplace_back(endpoint, std::move(request));
        const auto own = script_.answers_of.find(endpoint.host);
        return own == script_.answers_of.end() ? script_.answer : own->second;
    }
    bool probe(const http::Endpoint&) override {
        ++script_.probes;
        return script_.probe_answers;
    }
    void cancel() override { script_.cancelled = true; }

private:
    WebScript& script_;
};

}  // namespace sluice::host
