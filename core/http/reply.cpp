#include "core/http/reply.hpp"

#include <atomic>

namespace sluice::http {

bool Mailbox::post(Task task) {
    const std::lock_guard lock(mutex_);
    if (!post_) return false;
    post_(std::move(task));
    return true;
}

void Mailbox::close() {
    const std::lock_guard lock(mutex_);
    post_ = nullptr;
}

namespace {

class Reply {
public:
    Reply(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<ReplySink> sink)
        : mailbox_(std::move(mailbox)), sink_(std::move(sink)) {}
    ~Reply() { answer(Response{.status = 500}); }
    Reply(const Reply&) = delete;
    Reply& operator=(const Reply&) = delete;

    void answer(Response response) {
        if (answered_.exchange(true)) return;
        mailbox_->post([sink = sink_, response = std::move(response)]() mutable {
            if (const auto waiting = sink.lock()) waiting->take_answer(std::move(response));
        });
    }

private:
    std::atomic<bool> answered_ = false;
    const std::shared_ptr<Mailbox> mailbox_;
    const std::weak_ptr<ReplySink> sink_;
};

}  // namespace

Respond make_respond(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<ReplySink> sink) {
    return [reply = std::make_shared<Reply>(std::move(mailbox), std::move(sink))](Response response) {
        reply->answer(std::move(response));
    };
}

}  // namespace sluice::http
