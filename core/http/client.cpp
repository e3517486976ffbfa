#include "core/http/client.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "core/http/client_connection.hpp"
#include "core/http/field_syntax.hpp"

namespace sluice::http {

namespace {

using Deadline = ClientConnection::Deadline;

Deadline after(std::int64_t milliseconds) {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
}

/// What would break the framing, or claim what is the client's own. Values are not repeated: they may be secrets.
Result<void> check(const Request& request) {
    if (!is_token(request.method)) return fail(Failure::invalid, "the request's method is no HTTP token");
    if (!is_request_target(request.target)) {
        return fail(Failure::invalid,
                    "the request's target must start with `/` and hold no space or control character");
    }
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name)) return fail(Failure::invalid, "a request header's name is no HTTP token");
        if (is_framing_header(name)) {
            return fail(Failure::invalid, fmt::format("the header `{}` is the client's own; leave it out", name));
        }
        if (!is_field_value(value)) {
            return fail(Failure::invalid, fmt::format("the value of the header `{}` has a control character", name));
        }
    }
    return {};
}

}  // namespace

struct Client::Impl {
    Impl(Endpoint to, std::size_t max_response_bytes)
        : endpoint(std::move(to)), connection(endpoint, max_response_bytes) {}

    /// What one try on one connection came to.
    struct Exchange {
        Step step;
        bool bytes_sent = false;
        bool answer_begun = false;
        Response response;
    };
    Exchange exchange(const Request& request, std::optional<Deadline>& total, SendObserver& observer);
    std::unexpected<Error> failure(const Step& step, bool bytes_sent) const;

    const Endpoint endpoint;
    ClientConnection connection;
};

Client::Impl::Exchange Client::Impl::exchange(const Request& request, std::optional<Deadline>& total,
                                              SendObserver& observer) {
    Exchange result;
    observer.before_send();
    if (!total) total = after(request.timeouts.total_ms);
    result.step = connection.write(request, *total, result.bytes_sent);
    if (result.step.done()) {
        observer.after_send();
        result.step = connection.read(request, *total, result.response, result.answer_begun);
        if (result.step.done()) observer.after_answer();
        return result;
    }
    if (result.step.end == StepEnd::failed && result.bytes_sent) {
        // A server that refuses a request before its end answers and closes; the answer says more than the broken pipe.
        const Step early = connection.read(request, *total, result.response, result.answer_begun);
        if (early.done() && result.response.status >= 400) {
            observer.after_answer();
            result.step = early;
        }
    }
    connection.close();
    return result;
}

std::unexpected<Error> Client::Impl::failure(const Step& step, bool bytes_sent) const {
    Error error{.failure = bytes_sent ? Failure::unknown : Failure::retry,
                .message = fmt::format("{}: {}", endpoint.name(), step.cause),
                .disconnected = true};
    if (step.end == StepEnd::cancelled) {
        if (!bytes_sent) error.failure = Failure::cancelled;
        error.disconnected = false;
    }
    if (step.end == StepEnd::too_large) {
        error.failure = Failure::rejected;
        error.disconnected = false;
    }
    return std::unexpected(std::move(error));
}

Client::Client(Endpoint endpoint, std::size_t max_response_bytes)
    : impl_(std::make_unique<Impl>(std::move(endpoint), max_response_bytes)) {}

Client::~Client() = default;

Result<Response> Client::send(const Request& request, SendObserver* observer) {
    if (const auto valid = check(request); !valid) return std::unexpected(valid.error());
    SendObserver silent;
    SendObserver& told = observer != nullptr ? *observer : silent;
    std::optional<Deadline> total;
    bool any_sent = false;
    for (;;) {
        if (impl_->connection.is_cancelled()) return impl_->failure({StepEnd::cancelled, "cancelled"}, any_sent);
        const bool reused = impl_->connection.is_usable();
        if (!reused) {
            Deadline limit = after(request.timeouts.connect_ms);
            if (total && *total < limit) limit = *total;
            const Step opened = impl_->connection.open(limit);
            if (!opened.done()) return impl_->failure(opened, any_sent);
        }
        auto result = impl_->exchange(request, total, told);
        any_sent = any_sent || result.bytes_sent;
        if (result.step.done()) return std::move(result.response);
        // The server may close a kept connection at any moment. A fresh one is not reused, so this happens once.
        const bool died_unanswered = result.step.end == StepEnd::failed && !result.answer_begun;
        const bool repeatable = !result.bytes_sent || request.idempotent;
        if (!(reused && died_unanswered && repeatable)) return impl_->failure(result.step, any_sent);
    }
}

void Client::cancel() {
    impl_->connection.cancel();
}

void Client::reset() {
    impl_->connection.reset();
}

const Endpoint& Client::endpoint() const {
    return impl_->endpoint;
}

}  // namespace sluice::http
