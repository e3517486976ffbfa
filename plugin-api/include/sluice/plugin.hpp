#pragma once
// The connector ABI for C++20, header-only: derive from sluice::Connector, write handle(), end the file with
// SLUICE_PLUGIN(Class).
//
// Failures of host calls arrive as exceptions, and an exception that leaves handle() becomes the delivery's verdict at
// the wrapper's edge: nothing is ever thrown across the ABI. Most connectors therefore catch nothing. Documents are raw
// JSON text and stay it: the wrapper brings no JSON library. Texts that host calls return are the caller's own copies.
// One thread at a time; see plugin.h for the rules.

#include <sluice/plugin.h>

#if __has_include(<sluice_plugin_info.hpp>)
#include <sluice_plugin_info.hpp>  // made by sluice_add_plugin(): SLUICE_PLUGIN_NAME, _VERSION, _CONTRACT
#endif

#include <array>
#include <cstdint>
#include <deque>
#include <exception>
#include <iterator>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace sluice {

// ---- failures
// ---------------------------------------------------------------------------------------------------------

/// What a failed host call says, and what a connector may throw to end a delivery.
struct FailureDetails {
    sluice_status status = SLUICE_RETRY;
    std::string message = {};          ///< for the operator; never a secret
    std::int64_t retry_after_ms = -1;  ///< a floor for the next attempt; -1: none
    int http_status = 0;               ///< of a failed http() call
    std::string body = {};             ///< the answer's body of a failed http() call
    bool known_to_host = false;        ///< the host has the reason already and tells the operator that one
};

/// The base of all of them: catch this to see every failure of a host call.
class HandlingFailure : public std::runtime_error {
public:
    explicit HandlingFailure(FailureDetails details)
        : std::runtime_error(details.message), details_(std::move(details)) {}
    const FailureDetails& details() const noexcept { return details_; }
    sluice_status status() const noexcept { return details_.status; }

private:
    FailureDetails details_;
};

template <sluice_status Status>
class FailureOf : public HandlingFailure {
public:
    explicit FailureOf(std::string message, std::int64_t retry_after_ms = -1)
        : HandlingFailure({.status = Status, .message = std::move(message), .retry_after_ms = retry_after_ms}) {}
    /// Keeps a status of the same class that this header does not know.
    explicit FailureOf(FailureDetails details) : HandlingFailure(std::move(details)) {}
};

using Retry = FailureOf<SLUICE_RETRY>;               ///< again after the flow's back-off
using Unknown = FailureOf<SLUICE_UNKNOWN>;           ///< sent, not answered: the next attempt looks first
using RateLimited = FailureOf<SLUICE_RATE_LIMITED>;  ///< again, not before retry_after_ms
using Rejected = FailureOf<SLUICE_REJECTED>;         ///< a dead letter
using Invalid = FailureOf<SLUICE_INVALID>;           ///< a dead letter: the record breaks the contract
using Auth = FailureOf<SLUICE_AUTH>;                 ///< pauses the connector until an operator acts
using Cancelled = FailureOf<SLUICE_CANCELLED>;       ///< the host stops; the event stays

// ---- inner parts
// ------------------------------------------------------------------------------------------------------

namespace detail {

inline sluice_text to_text(std::string_view view) noexcept {
    return {view.data(), view.size()};
}
inline std::string_view to_view(sluice_text text) noexcept {
    return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}

[[noreturn]] inline void throw_failure(FailureDetails details) {
    switch (details.status) {
        case SLUICE_UNKNOWN:
            throw Unknown(std::move(details));
        case SLUICE_RATE_LIMITED:
            throw RateLimited(std::move(details));
        case SLUICE_INVALID:
            throw Invalid(std::move(details));
        default:
            break;
    }
    switch (details.status / 100) {  // a code this header does not know is handled as its class
        case 1:
            throw Retry(std::move(details));
        case 3:
            throw Auth(std::move(details));
        case 4:
            throw Cancelled(std::move(details));
        default:
            throw Rejected(std::move(details));
    }
}

/// A JSON string literal with its quotes.
inline std::string quote(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (character == '"' || character == '\\') {
            quoted += '\\';
            quoted += character;
        } else if (byte < 0x20) {
            quoted += "\\u00";
            quoted += digits[byte >> 4];
            quoted += digits[byte & 15];
        } else {
            quoted += character;
        }
    }
    quoted += '"';
    return quoted;
}

/// A reply while it is looked at; given back to the host at the end of the scope, also where an exception passes.
class HeldReply {
public:
    HeldReply(const sluice_host* host, sluice_delivery* delivery, const sluice_reply* reply) noexcept
        : host_(host), delivery_(delivery), reply_(reply) {}
    ~HeldReply() { host_->release(delivery_, reply_); }
    HeldReply(const HeldReply&) = delete;
    HeldReply& operator=(const HeldReply&) = delete;
    const sluice_reply* operator->() const noexcept { return reply_; }

    void throw_if_failed() const {
        if (reply_->code == SLUICE_OK) return;
        throw_failure({.status = reply_->code,
                       .message = std::string(to_view(reply_->message)),
                       .retry_after_ms = reply_->retry_after_ms,
                       .http_status = reply_->http_status,
                       .body = std::string(to_view(reply_->body))});
    }

private:
    const sluice_host* host_;
    sluice_delivery* delivery_;
    const sluice_reply* reply_;
};

}  // namespace detail

// ---- what a connector works with
// --------------------------------------------------------------------------------------

enum class LogLevel : std::int32_t {
    debug = SLUICE_LOG_DEBUG,
    info = SLUICE_LOG_INFO,
    warning = SLUICE_LOG_WARN,
    error = SLUICE_LOG_ERROR,
};

/// The event being handled. Its views live until handle() returns.
struct Event {
    std::string_view event_id, flow, topic, ordering_key, revision, record;
    std::string_view payload;  ///< raw JSON
    std::string_view headers;  ///< a JSON object
    std::uint32_t attempt = 1;
    bool attempt_unknown = false;  ///< an earlier attempt may have had its effect: look before writing
    std::int64_t occurred_at_ms = 0, deadline_ms = 0;
};

/// An event to emit; the host copies it. `flow`, `ordering_key` and `payload` (JSON) must be given.
struct FollowUp {
    std::string_view flow = {}, topic = {}, ordering_key = {}, revision = {}, record = {}, payload = {}, headers = {};
    std::int64_t occurred_at_ms = 0;  ///< 0: now
};

struct HttpReply {
    int status = 0;
    std::string headers;  ///< a JSON object, names in lower case
    std::string body;
};

/// A request being put together: `delivery.http("courier").post(url, body).header("X-A", "b").send()`.
class HttpRequest {
public:
    HttpRequest(const sluice_host* host, sluice_delivery* delivery, std::string_view credential,
                std::string_view method, std::string_view url, std::string_view body)
        : host_(host), delivery_(delivery), credential_(credential), method_(method), url_(url), body_(body) {}

    HttpRequest& header(std::string_view name, std::string_view value) {
        headers_ += headers_.empty() ? '{' : ',';
        headers_ += detail::quote(name);
        headers_ += ':';
        headers_ += detail::quote(value);
        return *this;
    }
    /// Milliseconds; without it the connector's default, and never past the event's deadline.
    HttpRequest& timeout(std::uint32_t milliseconds) {
        timeout_ms_ = milliseconds;
        return *this;
    }
    /// Throws for every answer but 2xx and 304 (plugin.h, http): Retry, Unknown, RateLimited, Rejected, Auth,
    /// Cancelled.
    HttpReply send() {
        const std::string headers = headers_.empty() ? std::string() : headers_ + "}";
        sluice_http_request request{};
        request.struct_size = sizeof request;
        request.timeout_ms = timeout_ms_;
        request.method = detail::to_text(method_);
        request.url = detail::to_text(url_);
        request.headers = detail::to_text(headers);
        request.body = detail::to_text(body_);
        request.credential = detail::to_text(credential_);
        const detail::HeldReply reply(host_, delivery_, host_->http(delivery_, &request));
        reply.throw_if_failed();
        return {reply->http_status, std::string(detail::to_view(reply->headers)),
                std::string(detail::to_view(reply->body))};
    }

private:
    const sluice_host* host_;
    sluice_delivery* delivery_;
    std::string credential_, method_, url_, body_, headers_;
    std::uint32_t timeout_ms_ = 0;
};

/// The external system, by the name of a credential the host holds; "" for calls without one. URLs are absolute.
class Http {
public:
    Http(const sluice_host* host, sluice_delivery* delivery, std::string_view credential)
        : host_(host), delivery_(delivery), credential_(credential) {}
    HttpRequest get(std::string_view url) const { return request("GET", url, {}); }
    HttpRequest post(std::string_view url, std::string_view json) const { return with_json("POST", url, json); }
    HttpRequest put(std::string_view url, std::string_view json) const { return with_json("PUT", url, json); }
    HttpRequest patch(std::string_view url, std::string_view json) const { return with_json("PATCH", url, json); }
    HttpRequest remove(std::string_view url) const { return request("DELETE", url, {}); }
    /// Any method and body; sets no Content-Type.
    HttpRequest request(std::string_view method, std::string_view url, std::string_view body) const {
        return {host_, delivery_, credential_, method, url, body};
    }

private:
    HttpRequest with_json(std::string_view method, std::string_view url, std::string_view json) const {
        HttpRequest made = request(method, url, json);
        made.header("Content-Type", "application/json");
        return made;
    }
    const sluice_host* host_;
    sluice_delivery* delivery_;
    std::string credential_;
};

/// One event's way to the world. Lives for one handle(); do not keep it.
class Delivery {
public:
    Delivery(const sluice_host* host, sluice_delivery* delivery, std::string_view revision) noexcept
        : host_(host), delivery_(delivery), revision_(revision) {}
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;

    /// The contract's mapping of `flow` over a document: the record as JSON. Throws Invalid with every broken rule.
    std::string map(std::string_view flow, std::string_view document) {
        return body_of(host_->map(delivery_, detail::to_text(flow), detail::to_text(document)));
    }
    Http http(std::string_view credential = {}) { return {host_, delivery_, credential}; }
    /// One Odoo method call; `arguments_json` is an object of named arguments ("ids": the records). The result as JSON.
    std::string odoo(std::string_view model, std::string_view method, std::string_view arguments_json = "{}") {
        return body_of(
            host_->odoo(delivery_, detail::to_text(model), detail::to_text(method), detail::to_text(arguments_json)));
    }
    /// Maps the document and writes it to Odoo by record identity; a repeat changes nothing. What was done, as JSON
    /// (plugin.h).
    std::string write_record(std::string_view flow, std::string_view document) {
        return write_records(flow, {&document, 1});
    }
    /// Several at once: a JSON array, one object each. Throws the first failure.
    std::string write_records(std::string_view flow, std::span<const std::string_view> documents) {
        std::vector<sluice_text> texts;
        texts.reserve(documents.size());
        for (const auto document : documents) texts.push_back(detail::to_text(document));
        std::vector<const sluice_text*> pointers;
        pointers.reserve(texts.size());
        for (const auto& text : texts) pointers.push_back(&text);
        return body_of(host_->write_record(delivery_, detail::to_text(flow), pointers.data(), pointers.size()));
    }
    /// The idempotency key of a step at this event's revision: the same on every attempt.
    std::string effect_key(std::string_view step, std::size_t max_length = 64) {
        return body_of(host_->effect_key(delivery_, detail::to_text(step), detail::to_text(revision_), max_length));
    }
    /// The connector's durable state, this delivery's own puts included; "" where it was never put.
    std::string state(std::string_view name) { return body_of(host_->get_state(delivery_, detail::to_text(name))); }
    /// Commits with the acknowledgement, or not at all.
    void put_state(std::string_view name, std::string_view value) {
        check(host_->put_state(delivery_, detail::to_text(name), detail::to_text(value)), "put_state", name);
    }
    /// A follow-up event, committed with the acknowledgement. `name` makes its id: the same on every attempt.
    void emit(std::string_view name, const FollowUp& follow_up) {
        sluice_event event{};
        event.struct_size = sizeof event;
        event.flow = detail::to_text(follow_up.flow);
        event.topic = detail::to_text(follow_up.topic);
        event.ordering_key = detail::to_text(follow_up.ordering_key);
        event.revision = detail::to_text(follow_up.revision);
        event.record = detail::to_text(follow_up.record);
        event.payload = detail::to_text(follow_up.payload);
        event.headers = detail::to_text(follow_up.headers);
        event.occurred_at_ms = follow_up.occurred_at_ms;
        check(host_->emit(delivery_, detail::to_text(name), &event), "emit", name);
    }
    /// Of an event with the topic SLUICE_RECONCILE, once: the page that was asked for (plugin.h, SLUICE_LISTING).
    /// `body` is the vendor's answer as it came, `at` the JSON Pointer of the array of documents in it, `next` where
    /// the next page begins ("": there is none).
    void list_page(std::string_view body, std::string_view at, std::string_view next) {
        const auto* const listing =
            static_cast<const sluice_listing*>(host_->extension(detail::to_text(SLUICE_LISTING)));
        if (listing == nullptr) throw Rejected("this host is too old to reconcile");
        check(listing->page(delivery_, detail::to_text(body), detail::to_text(at), detail::to_text(next)), "list_page",
              at);
    }
    /// What was done, for the operator. (A failure is explained by the exception that says it.)
    void explain(std::string_view message) { host_->explain(delivery_, detail::to_text(message), -1); }
    void log(LogLevel level, std::string_view message, std::string_view fields_json = {}) {
        host_->log(delivery_, static_cast<std::int32_t>(level), detail::to_text(message), detail::to_text(fields_json));
    }
    bool stopping() const { return host_->stopping(delivery_) != 0; }
    std::int64_t now_ms() const { return host_->now_ms(delivery_); }

private:
    std::string body_of(const sluice_reply* raw) {
        const detail::HeldReply reply(host_, delivery_, raw);
        reply.throw_if_failed();
        return std::string(detail::to_view(reply->body));
    }
    // put_state and emit answer a bare status; the host keeps the reason as the delivery's explanation (plugin.h).
    static void check(sluice_status status, std::string_view call, std::string_view name) {
        if (status == SLUICE_OK) return;
        detail::throw_failure({.status = status,
                               .message = std::string(call) + "(\"" + std::string(name) + "\") was refused by the host",
                               .known_to_host = true});
    }

    const sluice_host* host_;
    sluice_delivery* delivery_;
    std::string_view revision_;
};

/// What a connector's constructor is given. Throwing there refuses the configuration: the connector is paused, the text
/// shown.
class Setup {
public:
    Setup(const sluice_host* host, sluice_delivery* delivery, std::string_view configuration) noexcept
        : host_(host), delivery_(delivery), configuration_(configuration) {}
    /// The connector's keys that are no secrets, as a JSON object.
    std::string_view configuration() const { return configuration_; }
    void log(LogLevel level, std::string_view message, std::string_view fields_json = {}) const {
        host_->log(delivery_, static_cast<std::int32_t>(level), detail::to_text(message), detail::to_text(fields_json));
    }
    std::int64_t now_ms() const { return host_->now_ms(delivery_); }

private:
    const sluice_host* host_;
    sluice_delivery* delivery_;
    std::string_view configuration_;
};

/// One lane's instance: made, used and destroyed on one thread.
class Connector {
public:
    explicit Connector(const Setup& setup) : configuration_(setup.configuration()) {}
    virtual ~Connector() = default;
    Connector(const Connector&) = delete;
    Connector& operator=(const Connector&) = delete;

    /// Handles one event: returning acknowledges it; a failure above is its verdict; any other exception means retry. A
    /// flow whose contract declares a `batch` comes one by one too, unless this is a BatchConnector.
    virtual void handle(const Event& event, Delivery& delivery) = 0;

protected:
    const std::string& configuration() const { return configuration_; }

private:
    std::string configuration_;
};

/// The code behind `hook = "NAME"` in the contract's mapping. A connector lists what it has as a static member:
///
///     static constexpr sluice::MappingHook mapping_hooks[] = {{"vat_number", vat_number}};
///
/// `compute` gets a JSON array of the rule's arguments (null where one is absent) and returns the value as text, "" for
/// none. What it throws breaks the rule: the record's dead letter names the rule's pointer and the exception's text.
/// Any thread, several at once; the same arguments must give the same value.
struct MappingHook {
    std::string_view name;
    std::string (*compute)(std::string_view arguments);
};

/// One event of a batch with its own way to the world and its own verdict. Lives for one handle_batch(); do not keep
/// it.
class BatchItem {
public:
    BatchItem(const sluice_host* host, sluice_delivery* delivery, const Event& event) noexcept
        : event_(event), delivery_(host, delivery, event.revision), host_(host), handle_(delivery) {}

    const Event& event() const { return event_; }
    Delivery& delivery() { return delivery_; }
    /// Does `body` for this event alone: what it throws is this one's verdict and leaves the others untouched.
    template <class Body>
    void run(Body&& body);
    /// Its verdict is this failure: of one the vendor refused out of a call for many.
    void fail(const HandlingFailure& failure) {
        run([&] { throw_again(failure); });
    }
    bool has_failed() const { return status_ != SLUICE_OK; }
    sluice_status status() const { return status_; }

private:
    friend void write_records(std::deque<BatchItem>& batch, std::string_view flow);
    [[noreturn]] static void throw_again(const HandlingFailure& failure) { detail::throw_failure(failure.details()); }

    Event event_;
    Delivery delivery_;
    const sluice_host* host_;
    sluice_delivery* handle_;
    sluice_status status_ = SLUICE_OK;
};

using Batch = std::deque<BatchItem>;  // in which items stay where they are

/// Maps each item's payload and writes it to Odoo by record identity, as Delivery::write_record() does, in far fewer
/// calls. An item that cannot be written has that failure; one that has failed already is passed over.
void write_records(Batch& batch, std::string_view flow);

/// A connector whose vendor, or Odoo, takes several records in one call: its flows that declare a `batch` come here,
/// the others to handle().
class BatchConnector : public Connector {
public:
    using Connector::Connector;

    /// Handles several events, of one flow and different ordering keys. Returning acknowledges each that has not
    /// failed; a failure that leaves it is the verdict of each that has not failed before. Each commits by itself.
    virtual void handle_batch(Batch& batch) = 0;
};

}  // namespace sluice

#include <sluice/detail/edge.hpp>

/// Exports the connector; once per plugin. Name, version and contract come from sluice_add_plugin().
#define SLUICE_PLUGIN(Class)                                                                                          \
    extern "C" SLUICE_EXPORT const sluice_plugin* sluice_plugin_v0(void) {                                            \
        static const sluice_plugin table =                                                                            \
            ::sluice::detail::plugin_table<Class>(SLUICE_PLUGIN_NAME, SLUICE_PLUGIN_VERSION, SLUICE_PLUGIN_CONTRACT); \
        return &table;                                                                                                \
    }                                                                                                                 \
    static_assert(true, "so that SLUICE_PLUGIN(Class); takes its semicolon")
