#include "host/plugins/replies.hpp"

#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

constexpr sluice_reply fixed(sluice_status code, std::string_view message) {
    sluice_reply reply{};
    reply.struct_size = sizeof reply;
    reply.code = code;
    reply.retry_after_ms = -1;
    reply.message = {message.data(), message.size()};
    return reply;
}

constexpr sluice_reply internal_error = fixed(SLUICE_RETRY, "the host is out of memory or met an error of its own");
constexpr sluice_reply no_delivery = fixed(SLUICE_REJECTED, "a host function was called with a NULL delivery");
constexpr sluice_reply wrong_thread =
    fixed(SLUICE_REJECTED, "a host function was called from another thread than the one that runs this delivery");
constexpr sluice_reply too_many_replies = fixed(
    SLUICE_REJECTED, "the plugin holds more than 256 MiB of replies of one delivery: release() those it is done with");

}  // namespace

struct Replies::Held {
    Answer answer;
    sluice_reply reply{};
    std::size_t bytes() const { return answer.headers.size() + answer.body.size() + answer.message.size(); }
};

Answer Answer::failed(const Error& error) {
    return {.code = to_status(error.failure), .retry_after_ms = error.retry_after_ms, .message = error.message};
}

Replies::Replies() = default;
Replies::~Replies() = default;

const sluice_reply* Replies::keep(Answer answer) {
    auto held = std::make_unique<Held>();
    held->answer = std::move(answer);
    if (held_bytes_ + held->bytes() > max_held_reply_bytes) return too_many_replies_reply();
    sluice_reply& reply = held->reply;
    reply.struct_size = sizeof reply;
    reply.code = held->answer.code;
    reply.http_status = held->answer.http_status;
    reply.retry_after_ms = held->answer.retry_after_ms;
    reply.headers = to_text(held->answer.headers);
    reply.body = to_text(held->answer.body);
    reply.message = to_text(held->answer.message);
    held_bytes_ += held->bytes();
    const auto* address = &reply;
    held_.emplace(address, std::move(held));
    return address;
}

void Replies::release(const sluice_reply* reply) {
    const auto found = held_.find(reply);
    if (found == held_.end()) return;
    held_bytes_ -= found->second->bytes();
    held_.erase(found);
}

const sluice_reply* internal_error_reply() {
    return &internal_error;
}
const sluice_reply* no_delivery_reply() {
    return &no_delivery;
}
const sluice_reply* wrong_thread_reply() {
    return &wrong_thread;
}
const sluice_reply* too_many_replies_reply() {
    return &too_many_replies;
}

}  // namespace sluice::host
