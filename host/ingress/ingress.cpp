#include "host/ingress/ingress.hpp"

#include <fmt/format.h>

#include "core/base/crash_point.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

constexpr std::string_view webhooks_prefix = "/webhooks/";

http::Response error_response(int status, std::string_view message) {
    return http::json_response(status, json::Writer().begin_object().key("error").string(message).end_object().take());
}

Refused refused(Refusal why, int status, std::string answer, std::string log) {
    return {.why = why, .status = status, .answer = std::move(answer), .log = std::move(log)};
}

}  // namespace

Ingress::Ingress(journal::Intake& journal, const Clock& clock, const telemetry::Logger& log, Options options)
    : journal_(journal),
      clock_(clock),
      log_(log),
      options_(std::move(options)),
      entries_(std::make_shared<Entries>()) {}

void Ingress::configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                        const std::vector<std::string>& disabled) {
    const auto before = entries();
    const auto tally_of = [&](const std::string& name) {
        const auto known = before->find(name);
        return known == before->end() ? std::make_shared<Tally>() : known->second.tally;
    };
    auto next = std::make_shared<Entries>();
    for (const auto& connector : connectors)
        next->emplace(connector->name, Entry{.connector = connector, .tally = tally_of(connector->name)});
    for (const auto& name : disabled) next->emplace(name, Entry{.connector = nullptr, .tally = tally_of(name)});
    const std::lock_guard lock(entries_mutex_);
    entries_ = std::move(next);
}

std::shared_ptr<const Ingress::Entries> Ingress::entries() const {
    const std::lock_guard lock(entries_mutex_);
    return entries_;
}

std::vector<std::string> Ingress::names() const {
    std::vector<std::string> names;
    for (const auto& [name, entry] : *entries()) {
        if (entry.connector) names.push_back(name);
    }
    return names;
}

void Ingress::handle(http::ServerRequest request, http::Respond respond) {
    const std::string path = request.target.substr(0, request.target.find('?'));
    if (path.starts_with(webhooks_prefix)) {
        webhook(std::string_view(path).substr(webhooks_prefix.size()), std::move(request), std::move(respond));
    } else if (path == "/healthz") {
        respond(http::json_response(200, R"({"status":"alive"})"));
    } else if (path == "/readyz") {
        if (stopping_) return respond(error_response(503, "the host is stopping"));
        if (!journal_answers_ || clock_.steady_ms() < unready_until_ms_)
            return respond(error_response(503, "the journal cannot be written"));
        respond(http::json_response(200, R"({"status":"ready"})"));
    } else {
        refuse(other_, "",
               refused(Refusal::unknown_path, 404, "there is nothing here; webhooks go to /webhooks/CONNECTOR", ""),
               respond);
    }
}

void Ingress::webhook(std::string_view name, http::ServerRequest request, http::Respond respond) {
    const auto current = entries();
    const auto found = current->find(name);
    if (found == current->end()) {
        return refuse(other_, "",
                      refused(Refusal::unknown_connector, 404, "there is no connector of this name",
                              "a webhook for a connector that is not configured"),
                      respond);
    }
    const Entry& entry = found->second;
    if (!entry.connector) {
        return refuse(
            *entry.tally, name,
            refused(Refusal::disabled, 404, "this connector is disabled", "a webhook for a connector that is disabled"),
            respond);
    }
    if (request.method != "POST") {
        return refuse(*entry.tally, name, refused(Refusal::method, 405, "webhooks are sent with POST", ""), respond);
    }
    if (stopping_) {
        return refuse(*entry.tally, name, refused(Refusal::stopping, 503, "the host is stopping", ""), respond);
    }
    if (entry.tally->unfinished >= options_.max_waiting) {
        return refuse(*entry.tally, name,
                      refused(Refusal::backlog, 429, "too many events of this connector wait",
                              fmt::format("{} events of this connector are unfinished (max_waiting): webhooks get 429",
                                          entry.tally->unfinished.load())),
                      respond);
    }
    auto event = read_webhook(*entry.connector, std::move(request), clock_.now_ms());
    if (!event) return refuse(*entry.tally, name, event.error(), respond);
    append(entry, std::move(*event), std::move(respond));
}

void Ingress::append(const Entry& entry, journal::NewEvent event, http::Respond respond) {
    if (!enter()) {
        return refuse(*entry.tally, entry.connector->name,
                      refused(Refusal::in_flight, 503, "too many webhooks wait for their commit",
                              fmt::format("{} webhooks wait for their commit (max_in_flight): more get 503",
                                          options_.max_in_flight)),
                      respond);
    }
    auto unreadable = event.dead_letter_reason;
    std::vector<journal::NewEvent> events;
    events.push_back(std::move(event));
    journal_.append_async(std::move(events),
                          [this, entry, unreadable = std::move(unreadable),
                           respond = std::move(respond)](Result<std::vector<journal::Appended>> result) {
                              answer(entry, unreadable, result, respond);
                              leave();  // the last touch: after it the object may be gone
                          });
}

void Ingress::answer(const Entry& entry, const std::string& unreadable,
                     const Result<std::vector<journal::Appended>>& result, const http::Respond& respond) {
    const auto& name = entry.connector->name;
    unready_until_ms_ = result ? 0 : clock_.steady_ms() + unready_ms;
    if (!result || result->empty()) {
        return refuse(*entry.tally, name,
                      refused(Refusal::journal, 503, "the event could not be made durable",
                              fmt::format("a webhook could not be journalled: {}",
                                          result ? "the journal answered nothing" : result.error().message)),
                      respond);
    }
    const auto& appended = result->front();
    if (appended.duplicate) {
        ++entry.tally->duplicates;
    } else {
        ++entry.tally->accepted;
        // A dead letter waits for a person, not for a lane: it is no backlog.
        if (unreadable.empty()) {
            ++entry.tally->unfinished;
        } else {
            ++entry.tally->unreadable;
            log_.warning("webhook became a dead letter",
                         {.connector = name, .event = std::to_string(journal::to_int(appended.seq))},
                         {{"detail", unreadable}});
        }
    }
    crash_point(CrashPoint::response_before_send);
    respond(http::json_response(
        200, fmt::format(R"({{"seq":{},"duplicate":{}}})", journal::to_int(appended.seq), appended.duplicate)));
    if (!appended.duplicate) options_.notify(name);
}

void Ingress::log_refusal(Tally& tally, std::string_view connector, const Refused& refusal) {
    const auto why = static_cast<std::size_t>(refusal.why);
    auto& logged_at_ms = tally.logged_at_ms.at(why);
    const auto now_ms = clock_.steady_ms();
    auto last_ms = logged_at_ms.load();
    if (last_ms != 0 && now_ms - last_ms < log_interval_ms) return;
    if (!logged_at_ms.compare_exchange_strong(last_ms, now_ms)) return;
    log_.warning("webhook refused", {.connector = connector},
                 {{"reason", to_string(refusal.why)},
                  {"detail", refusal.log},
                  {"refused_so_far", std::to_string(tally.refused.at(why).load())}});
}

void Ingress::refuse(Tally& tally, std::string_view connector, const Refused& refusal, const http::Respond& respond) {
    ++tally.refused.at(static_cast<std::size_t>(refusal.why));
    if (!refusal.log.empty()) log_refusal(tally, connector, refusal);
    auto response = error_response(refusal.status, refusal.answer);
    if (refusal.status == 405) response.headers.emplace_back("Allow", "POST");
    if (refusal.status == 429) {
        response.headers.emplace_back("Retry-After", std::to_string(backlog_retry_after_s));
    } else if (refusal.status == 503) {
        response.headers.emplace_back("Retry-After", std::to_string(busy_retry_after_s));
    }
    if (refusal.why == Refusal::stopping) response.headers.emplace_back("Connection", "close");
    respond(std::move(response));
}

bool Ingress::enter() {
    const std::lock_guard lock(mutex_);
    if (in_flight_ >= options_.max_in_flight) return false;
    ++in_flight_;
    return true;
}

void Ingress::leave() {
    // Notified under the lock, so that wait_idle()'s caller cannot destroy the condition before this is through with
    // it.
    const std::lock_guard lock(mutex_);
    --in_flight_;
    idle_.notify_all();
}

void Ingress::wait_idle() {
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [this] { return in_flight_ == 0; });
}

void Ingress::set_unfinished(const std::string& connector, std::int64_t unfinished) {
    const auto current = entries();
    if (const auto found = current->find(connector); found != current->end())
        found->second.tally->unfinished = unfinished;
}

std::int64_t Ingress::room(const std::string& connector) const {
    const auto current = entries();
    const auto found = current->find(connector);
    if (found == current->end() || !found->second.connector) return 0;
    return options_.max_waiting - found->second.tally->unfinished;
}

void Ingress::add_unfinished(const std::string& connector, std::int64_t events) {
    const auto current = entries();
    if (const auto found = current->find(connector); found != current->end()) found->second.tally->unfinished += events;
}

IngressCounters Ingress::snapshot(const Tally& tally) {
    IngressCounters counters{
        .accepted = tally.accepted, .duplicates = tally.duplicates, .unreadable = tally.unreadable};
    for (std::size_t i = 0; i < refusal_count; ++i) counters.refused.at(i) = tally.refused.at(i);
    return counters;
}

IngressCounters Ingress::counters(const std::string& connector) const {
    const auto current = entries();
    const auto found = current->find(connector);
    return found == current->end() ? IngressCounters{} : snapshot(*found->second.tally);
}

}  // namespace sluice::host
