#pragma once
// One delivery seen from the host: what each call of the ABI means, and the verdict it ends with.

#include <sluice/plugin.h>

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/delivery/lanes.hpp"
#include "host/plugins/delivery_state.hpp"
#include "host/plugins/http_access.hpp"
#include "host/plugins/odoo_access.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/plugins/replies.hpp"

#include "core/telemetry/log.hpp"

namespace sluice::host {
class HostDelivery;
}

/// What the plugin holds a pointer to.
struct sluice_delivery {
    sluice::host::HostDelivery& host;
};

namespace sluice::host {

/// What a lane's deliveries share; outlives them.
struct Lane {
    const Connector& connector;
    delivery::AdmissionControl& admission;
    journal::ConnectorMemory& journal;
    const Clock& clock;
    OdooAccess& odoo;
    HttpAccess& http;
    const telemetry::Logger& logger;
    const std::atomic<bool>& stopping;
};

/// What a plugin handed over of the vendor's records.
struct ListedPage {
    std::vector<std::string> documents;  ///< raw JSON
    std::string next;                    ///< where the next page begins; "" where there is none
};

/// Lives on the lane's stack for one create() or handle(). Used on that thread only, except what is const. The
/// functions named like the ABI's have the meaning plugin.h gives them; texts are borrowed.
class HostDelivery {
public:
    /// A setup delivery, for create(): explain, log, stopping and now only.
    explicit HostDelivery(const Lane& lane);
    /// No call is begun from `steady_deadline_ms` (Clock::steady_ms) on: the wall clock may be set while it runs.
    HostDelivery(const Lane& lane, const journal::Claim& claim, std::int64_t steady_deadline_ms);
    HostDelivery(const HostDelivery&) = delete;
    HostDelivery& operator=(const HostDelivery&) = delete;

    sluice_delivery* handle() { return &handle_; }
    bool on_own_thread() const { return std::this_thread::get_id() == thread_; }

    Answer http(const sluice_http_request& request);
    Answer odoo(std::string_view model, std::string_view method, std::string_view arguments);
    Answer map(std::string_view flow, std::string_view document);
    Answer write_record(std::string_view flow, const sluice_text* const* documents, std::size_t count);
    /// write_record() of one document for each of these deliveries of one lane, together; as many answers.
    static std::vector<Answer> write_batch(std::string_view flow, const std::vector<HostDelivery*>& deliveries,
                                           const std::vector<std::string_view>& documents);
    Answer effect_key(std::string_view step, std::string_view revision, std::size_t max_length);
    Answer get_state(std::string_view name);
    sluice_status put_state(std::string_view name, std::string_view value);
    sluice_status emit(std::string_view name, const sluice_event& event);
    sluice_status list_page(std::string_view body, std::string_view at, std::string_view next);
    /// What list_page() was given; nothing where it was not called.
    std::optional<ListedPage> take_page() { return std::move(page_); }
    /// Where connector state is seen with this delivery's own puts.
    odoo::IdMemory& memory() { return state_; }
    void explain(std::string_view message, std::int64_t retry_after_ms);
    void log(std::int32_t level, std::string_view message, std::string_view fields) const;
    bool stopping() const { return lane_.stopping.load(std::memory_order_relaxed); }
    std::int64_t now_ms() const { return lane_.clock.now_ms(); }

    /// Remembers a failed call for the verdict and keeps the answer for the plugin.
    const sluice_reply* reply(Answer answer);
    void release(const sluice_reply* reply) { replies_.release(reply); }

    /// What handle() has come to: the status' class, the plugin's reason, what was emitted and put. May probe Odoo
    /// (blocking).
    delivery::Verdict verdict(sluice_status status);
    /// The plugin broke the ABI by letting an exception out: nobody knows what was done.
    delivery::Verdict verdict_after_exception();
    /// What a create() that did not answer OK has said.
    Error setup_error(sluice_status status) const;

private:
    /// Odoo calls of deliveries of one lane: not after the deadline or a stop, and remembered by each.
    class Calls final : public odoo::Caller {
    public:
        explicit Calls(std::vector<HostDelivery*> deliveries) : deliveries_(std::move(deliveries)) {}
        Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                    std::string_view kwargs) override;

    private:
        std::vector<HostDelivery*> deliveries_;
    };

    /// One document to write, and for whom.
    struct Document {
        HostDelivery* delivery = nullptr;
        std::string_view text;
    };
    static std::vector<Result<odoo::Written>> write_documents(std::string_view flow,
                                                              const std::vector<Document>& documents);
    /// Keeps what an Odoo call of this delivery came to.
    void note_odoo(const Result<json::Document>& result);
    /// Why a call may not be begun now: a setup delivery, a stop, the deadline.
    std::optional<Error> refusal(std::string_view call) const;
    void note_reached(const Result<void>& outcome);
    Result<http::Headers> request_headers(std::string_view json, std::string_view credential, bool tls,
                                          bool loopback) const;
    Result<const contract::Flow*> find_flow(std::string_view call, std::string_view name) const;
    Result<mapping::MappedRecord> mapped(std::string_view call, std::string_view flow, std::string_view document) const;
    sluice_status refuse(const Error& error);
    Error failure(sluice_status status) const;
    /// Whether who did not answer is not the account but, say, a picture's address: the account answered in this very
    /// delivery. Then the event counts, or it could hold the account's other events up for ever.
    bool lost_another_than_the_account() const {
        return lost_http_ && (lost_with_credential_ ? account_is_there_ : external_is_there_);
    }

    struct LastFailure {
        sluice_status code;
        std::string message;
        std::int64_t retry_after_ms;
    };

    const Lane& lane_;
    const journal::Claim* claim_ = nullptr;  ///< nothing: a setup delivery
    std::int64_t steady_deadline_ms_ = 0;
    std::thread::id thread_ = std::this_thread::get_id();
    sluice_delivery handle_{*this};
    Replies replies_;
    DeliveryState state_;
    std::vector<journal::NewEvent> emitted_;
    std::optional<ListedPage> page_;
    std::vector<std::string> done_;            ///< details of what was written, for the operator
    std::optional<LastFailure> last_failure_;  ///< of a host call
    bool lost_odoo_ = false;                   ///< the last failed call was one to Odoo that lost its connection
    std::optional<http::Endpoint> lost_http_;  ///< or one to this endpoint, where nobody answers
    bool lost_with_credential_ = false;        ///< that one carried a credential: it was to the account itself
    bool reached_ = false;                     ///< something may have reached another system
    bool external_answered_ = false;           ///< the last call was http(), and it was answered
    bool external_is_there_ = false;           ///< one of the calls of http() was answered by who should
    bool account_is_there_ = false;            ///< one of them with a credential
    bool explained_ = false;
    std::string explanation_;
    std::int64_t retry_after_ms_ = -1;
};

}  // namespace sluice::host
