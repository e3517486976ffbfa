#pragma once
// The way of an answer from any thread to the server's, safe when the connection or the server is gone.

#include <functional>
#include <memory>
#include <mutex>

#include "core/http/server.hpp"

namespace sluice::http {

/// The door to the server's thread. Any thread.
class Mailbox {
public:
    using Task = std::function<void()>;
    /// `post` queues a task for the server's thread and returns at once.
    explicit Mailbox(std::function<void(Task)> post) : post_(std::move(post)) {}
    /// False where the server has stopped: the task is dropped.
    bool post(Task task);
    /// After this no post() reaches the server.
    void close();

private:
    std::mutex mutex_;
    std::function<void(Task)> post_;
};

/// Who waits for an answer; called on the server's thread.
class ReplySink {
public:
    virtual ~ReplySink() = default;
    virtual void take_answer(Response answer) = 0;
};

/// A Respond for one request: the first call counts, and dropping the last copy without one answers 500.
Respond make_respond(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<ReplySink> sink);

}  // namespace sluice::http
