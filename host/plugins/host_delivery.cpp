#include "host/plugins/host_delivery.hpp"

#include <algorithm>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/http/field_syntax.hpp"
#include "host/plugins/http_answer.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/odoo_arguments.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

/// What an emitted event's id begins with: it grows with each hop of a chain, but not for ever.
std::string chained_id(const std::string& event_id) {
    return event_id.size() <= max_chained_id_bytes ? event_id : crypto::hex(crypto::sha256(event_id));
}

}  // namespace

HostDelivery::HostDelivery(const Lane& lane) : lane_(lane), state_(lane.journal, lane.connector.name) {}

HostDelivery::HostDelivery(const Lane& lane, const journal::Claim& claim, std::int64_t steady_deadline_ms)
    : lane_(lane), claim_(&claim), steady_deadline_ms_(steady_deadline_ms), state_(lane.journal, lane.connector.name) {}

std::optional<Error> HostDelivery::refusal(std::string_view call) const {
    if (claim_ == nullptr)
        return Error{Failure::rejected,
                     std::string(call) + ": not possible in create(); it is for a delivery of handle()"};
    if (stopping()) return Error{Failure::cancelled, std::string(call) + ": the host stops; nothing was sent"};
    if (lane_.clock.steady_ms() >= steady_deadline_ms_)
        return Error{Failure::retry, std::string(call) + ": the delivery's deadline has passed"};
    return std::nullopt;
}

void HostDelivery::note_reached(const Result<void>& outcome) {
    // Only these say that nothing left this host, or was turned away unread; every other outcome may have had an
    // effect.
    const bool nothing_sent =
        !outcome && ((outcome.error().failure == Failure::retry && outcome.error().disconnected) ||
                     outcome.error().failure == Failure::cancelled || outcome.error().failure == Failure::rate_limited);
    if (!nothing_sent) reached_ = true;
}

// ---- calls to other systems
// ---------------------------------------------------------------------------------------------

Result<http::Headers> HostDelivery::request_headers(std::string_view json, std::string_view credential, bool tls,
                                                    bool loopback) const {
    auto headers = parse_headers(json);
    if (!headers || credential.empty()) return headers;
    const auto& known = lane_.connector.plugin->contract.credentials;
    const auto found = known.find(std::string(credential));
    if (found == known.end()) {
        std::vector<std::string> names;
        for (const auto& [name, unused] : known) names.push_back(name);
        return fail(Failure::rejected, "http: the contract declares no credential \"" +
                                           printable(credential, max_name_bytes) + "\"" +
                                           did_you_mean(credential, names));
    }
    if (!tls && !loopback)
        return fail(Failure::rejected, "http: a credential goes over https only (or to this machine); write https://");
    const auto secret = lane_.connector.secrets.find(found->second.secret);
    if (secret == lane_.connector.secrets.end())
        return fail(Failure::auth,
                    "http: the key " + found->second.secret + " of this connector's configuration is not set");
    std::string value = found->second.prefix + std::string(secret->second.reveal());
    if (!http::is_field_value(value))
        return fail(Failure::auth,
                    "http: the secret " + found->second.secret + " holds a control character, a line break perhaps");
    std::erase_if(*headers, [&](const auto& header) {
        return to_lower_ascii(header.first) == to_lower_ascii(found->second.header);
    });
    headers->emplace_back(found->second.header, std::move(value));
    return headers;
}

Answer HostDelivery::http(const sluice_http_request& request) {
    if (const auto refused = refusal("http")) return Answer::failed(*refused);
    if (!SLUICE_HAS(&request, url))
        return Answer::failed(
            {Failure::rejected, "http: sluice_http_request.struct_size does not reach `url`; set it to sizeof"});
    const auto method = to_view(request.method);
    const auto body = SLUICE_HAS(&request, body) ? to_view(request.body) : std::string_view{};
    const auto credential = SLUICE_HAS(&request, credential) ? to_view(request.credential) : std::string_view{};
    if (!http::is_token(method))
        return Answer::failed({Failure::rejected, "http: the method is no HTTP method, like \"POST\""});
    if (body.size() > max_document_bytes)
        return Answer::failed({Failure::rejected, "http: the body is larger than 64 MiB"});
    const auto destination = parse_url(to_view(request.url));
    if (!destination) return Answer::failed(destination.error());
    auto headers = request_headers(SLUICE_HAS(&request, headers) ? to_view(request.headers) : std::string_view{},
                                   credential, destination->endpoint.tls, destination->loopback);
    if (!headers) return Answer::failed(headers.error());

    const std::int64_t asked = request.timeout_ms == 0 ? default_http_timeout_ms : std::int64_t{request.timeout_ms};
    http::Request wire{.method = std::string(method),
                       .target = destination->target,
                       .headers = *std::move(headers),
                       .body = std::string(body)};
    wire.timeouts.total_ms = std::min(asked, steady_deadline_ms_ - lane_.clock.steady_ms());
    wire.timeouts.connect_ms = std::min(wire.timeouts.connect_ms, wire.timeouts.total_ms);
    wire.idempotent = is_idempotent(method);
    lane_.admission.calls_external(lane_.connector.name, claim_->event.flow);
    const auto response = lane_.http.send(destination->endpoint, std::move(wire));
    external_answered_ = response.has_value();
    lost_odoo_ = false;
    lost_http_.reset();
    lost_with_credential_ = !credential.empty();
    if (!response) {
        if (response.error().disconnected) lost_http_ = destination->endpoint;
        note_reached(std::unexpected(response.error()));
        return Answer::failed(response.error());
    }
    note_reached({});
    Answer answer = Answer::ok(response->body);
    const std::string call = std::string(method) + " " + destination->shown;
    if (const auto error = classify_status(method, call, *response, now_ms())) {
        if (error->disconnected) lost_http_ = destination->endpoint;
        answer = Answer::failed(*error);
        answer.body = response->body;
    }
    external_is_there_ = external_is_there_ || !lost_http_;
    account_is_there_ = account_is_there_ || (!lost_http_ && !credential.empty());
    answer.http_status = response->status;
    answer.headers = headers_to_json(response->headers);
    return answer;
}

Result<json::Document> HostDelivery::Calls::call(std::string_view model, std::string_view method, std::string_view args,
                                                 std::string_view kwargs) {
    const auto& first = *deliveries_.front();
    if (const auto refused = first.refusal("odoo")) return std::unexpected(*refused);
    auto result = first.lane_.odoo.caller().call(model, method, args, kwargs);
    for (auto* const delivery : deliveries_) delivery->note_odoo(result);
    return result;
}

void HostDelivery::note_odoo(const Result<json::Document>& result) {
    note_reached(result ? Result<void>{} : std::unexpected(result.error()));
    lost_odoo_ = !result && result.error().disconnected;
    lost_http_.reset();
    external_answered_ = false;
}

Answer HostDelivery::odoo(std::string_view model, std::string_view method, std::string_view arguments) {
    if (const auto refused = refusal("odoo")) return Answer::failed(*refused);
    if (model.empty() || model.size() > max_name_bytes || method.empty() || method.size() > max_name_bytes)
        return Answer::failed(
            {Failure::rejected, "odoo: model and method have 1 to " + std::to_string(max_name_bytes) + " bytes"});
    if (arguments.size() > max_document_bytes)
        return Answer::failed({Failure::rejected, "odoo: the arguments are larger than 64 MiB"});
    const auto split = split_arguments(method, arguments);
    if (!split) return Answer::failed(split.error());
    const auto result = Calls({this}).call(model, method, split->args, split->kwargs);
    if (!result) return Answer::failed(result.error());
    return Answer::ok(std::string(result->root().raw()));
}

// ---- what needs no other system
// -----------------------------------------------------------------------------------------

Answer HostDelivery::effect_key(std::string_view step, std::string_view revision, std::size_t max_length) {
    if (claim_ == nullptr) return Answer::failed(*refusal("effect_key"));
    if (step.empty() || step.size() > max_name_bytes)
        return Answer::failed(
            {Failure::rejected, "effect_key: a step's name has 1 to " + std::to_string(max_name_bytes) + " bytes"});
    if (max_length < min_effect_key_length)
        return Answer::failed({Failure::rejected, "effect_key: max_length " + std::to_string(max_length) +
                                                      " is too short to be unique; at least " +
                                                      std::to_string(min_effect_key_length)});
    const auto& event = claim_->event;
    // Each part with its length, so that no two lists of parts give one text. Without a revision the event itself is
    // the version: its id is the same on every attempt too, while the next event of the record must get another key.
    std::string identity;
    const auto add = [&identity](std::string_view part) {
        identity += std::to_string(part.size()) + ":" + std::string(part);
    };
    for (const std::string_view part : {std::string_view(event.connector), std::string_view(event.order),
                                        std::string_view(event.ordering_key), step, revision})
        add(part);
    if (revision.empty()) add(event.event_id);
    return Answer::ok(crypto::hex(crypto::sha256(identity)).substr(0, max_length));
}

Answer HostDelivery::get_state(std::string_view name) {
    if (claim_ == nullptr) return Answer::failed(*refusal("get_state"));
    if (name.empty() || name.size() > max_name_bytes)
        return Answer::failed(
            {Failure::rejected, "get_state: a state's name has 1 to " + std::to_string(max_name_bytes) + " bytes"});
    auto value = state_.get(std::string(name));
    if (!value) return Answer::failed(value.error());
    return Answer::ok(*std::move(value));
}

sluice_status HostDelivery::put_state(std::string_view name, std::string_view value) {
    if (claim_ == nullptr) return refuse(*refusal("put_state"));
    if (value.size() > max_state_bytes)
        return refuse(
            {Failure::rejected, "put_state: a value has at most " + std::to_string(max_state_bytes) + " bytes"});
    const auto put = state_.put(std::string(name.substr(0, max_name_bytes + 1)), std::string(value));
    return put ? SLUICE_OK : refuse(put.error());
}

sluice_status HostDelivery::emit(std::string_view name, const sluice_event& event) {
    if (claim_ == nullptr) return refuse(*refusal("emit"));
    if (!SLUICE_HAS(&event, payload))
        return refuse({Failure::rejected, "emit: sluice_event.struct_size does not reach `payload`; set it to sizeof"});
    if (name.empty() || name.size() > max_emit_name_bytes)
        return refuse({Failure::rejected, "emit: a name has 1 to " + std::to_string(max_emit_name_bytes) + " bytes"});
    if (emitted_.size() >= max_emitted_events)
        return refuse(
            {Failure::rejected, "emit: one delivery emits at most " + std::to_string(max_emitted_events) + " events"});
    const auto flow = find_flow("emit", to_view(event.flow));
    if (!flow) return refuse(flow.error());
    journal::NewEvent follow_up;
    follow_up.connector = claim_->event.connector;
    follow_up.event_id = chained_id(claim_->event.event_id) + "/" + std::string(name);
    if (std::any_of(emitted_.begin(), emitted_.end(),
                    [&](const auto& other) { return other.event_id == follow_up.event_id; }))
        return refuse({Failure::rejected,
                       "emit: this delivery has emitted \"" + printable(name, max_emit_name_bytes) + "\" already"});
    follow_up.flow = (*flow)->name;
    follow_up.order = (*flow)->order;
    follow_up.coalesce = (*flow)->coalesce_latest;
    follow_up.topic = printable(to_view(event.topic), max_name_bytes);
    follow_up.ordering_key = std::string(to_view(event.ordering_key));
    follow_up.revision = std::string(to_view(event.revision));
    follow_up.record = std::string(to_view(event.record));
    follow_up.payload = std::string(to_view(event.payload));
    follow_up.headers = SLUICE_HAS(&event, headers) ? std::string(to_view(event.headers)) : std::string();
    if (follow_up.headers.empty()) follow_up.headers = "{}";
    follow_up.occurred_at_ms = SLUICE_HAS(&event, occurred_at_ms) ? event.occurred_at_ms : 0;
    if (follow_up.occurred_at_ms == 0) follow_up.occurred_at_ms = now_ms();
    if (follow_up.ordering_key.empty()) return refuse({Failure::rejected, "emit: an event needs an ordering_key"});
    for (const auto* text : {&follow_up.ordering_key, &follow_up.revision, &follow_up.record})
        if (!is_utf8(*text))
            return refuse({Failure::rejected, "emit: ordering_key, revision and record must be UTF-8"});
    // The journal would refuse the whole end of the delivery.
    if (const auto bytes = journal::text_bytes(follow_up); bytes > journal::max_event_text_bytes)
        return refuse({Failure::rejected, "emit: ordering_key, revision, record and names have " +
                                              std::to_string(bytes) + " bytes together, more than " +
                                              std::to_string(journal::max_event_text_bytes)});
    if (const auto bytes = journal::content_bytes(follow_up); bytes > journal::max_event_bytes)
        return refuse({Failure::rejected, "emit: payload and headers have " + std::to_string(bytes) +
                                              " bytes, more than " + std::to_string(journal::max_event_bytes)});
    if (const auto payload = json::Document::parse(follow_up.payload); !payload)
        return refuse({Failure::invalid, "emit: the payload is no JSON: " + payload.error().message});
    const auto headers = json::Document::parse(follow_up.headers);
    if (!headers || headers->root().kind() != json::Kind::object)
        return refuse({Failure::invalid, "emit: the headers are no JSON object"});
    emitted_.push_back(std::move(follow_up));
    return SLUICE_OK;
}

sluice_status HostDelivery::list_page(std::string_view body, std::string_view at, std::string_view next) {
    if (claim_ == nullptr) return refuse(*refusal("list_page"));
    if (claim_->event.topic != SLUICE_RECONCILE)
        return refuse(
            {Failure::rejected, "list_page: this event asks for no page; its topic is not " SLUICE_RECONCILE});
    if (page_) return refuse({Failure::rejected, "list_page: this delivery has handed over a page already"});
    if (body.size() > max_document_bytes)
        return refuse({Failure::rejected, "list_page: the body is larger than 64 MiB"});
    if (next.size() > max_cursor_bytes || !is_utf8(next))
        return refuse({Failure::rejected,
                       "list_page: a cursor is UTF-8 of at most " + std::to_string(max_cursor_bytes) + " bytes"});
    const auto document = json::Document::parse(body);
    if (!document) return refuse({Failure::invalid, "list_page: the body is no JSON: " + document.error().message});
    const auto array = document->root().at_pointer(at);
    if (!array || array->kind() != json::Kind::array)
        return refuse(
            {Failure::rejected, "list_page: the body has no array at `" + printable(at, max_name_bytes) + "`"});
    if (array->size() > max_documents)
        return refuse({Failure::rejected, "list_page: a page has at most " + std::to_string(max_documents) +
                                              " documents, and this one " + std::to_string(array->size())});
    page_.emplace();
    page_->next = std::string(next);
    for (std::size_t i = 0; i < array->size(); ++i) page_->documents.emplace_back(array->at(i).raw());
    return SLUICE_OK;
}

void HostDelivery::explain(std::string_view message, std::int64_t retry_after_ms) {
    explanation_ = printable(message, max_message_bytes);
    retry_after_ms_ = std::max<std::int64_t>(retry_after_ms, -1);
    explained_ = true;
}

void HostDelivery::log(std::int32_t level, std::string_view message, std::string_view fields) const {
    const telemetry::Level at = level >= SLUICE_LOG_ERROR  ? telemetry::Level::error
                                : level >= SLUICE_LOG_WARN ? telemetry::Level::warning
                                : level >= SLUICE_LOG_INFO ? telemetry::Level::info
                                                           : telemetry::Level::debug;
    telemetry::Subject subject{.connector = lane_.connector.name};
    std::string event;
    if (claim_ != nullptr) {
        event = std::to_string(journal::to_int(claim_->event.seq));
        subject = {.connector = lane_.connector.name,
                   .flow = claim_->event.flow,
                   .event = event,
                   .ordering_key = claim_->event.ordering_key,
                   .attempt = claim_->attempt};
    }
    const telemetry::Field plugin{"plugin", lane_.connector.plugin->name};
    if (fields.empty()) {
        lane_.logger.log(at, message, subject, {plugin});
    } else {
        lane_.logger.log(at, message, subject, {plugin, {"fields", fields}});
    }
}

const sluice_reply* HostDelivery::reply(Answer answer) {
    if (answer.code != SLUICE_OK)
        last_failure_ = LastFailure{answer.code, printable(answer.message, max_message_bytes), answer.retry_after_ms};
    return replies_.keep(std::move(answer));
}

sluice_status HostDelivery::refuse(const Error& error) {
    explain(error.message, error.retry_after_ms);
    last_failure_ = LastFailure{to_status(error.failure), explanation_, error.retry_after_ms};
    return to_status(error.failure);
}

}  // namespace sluice::host
