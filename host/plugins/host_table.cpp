#include "host/plugins/host_table.hpp"

#include <vector>

#include "host/plugins/host_delivery.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

/// Runs a host call whose answer is a reply.
template <class Call>
const sluice_reply* replying(sluice_delivery* delivery, Call call) noexcept {
    if (delivery == nullptr) return no_delivery_reply();
    HostDelivery& host = delivery->host;
    if (!host.on_own_thread()) return wrong_thread_reply();
    try {
        return host.reply(call(host));
    } catch (...) {
        return internal_error_reply();
    }
}

template <class Call>
sluice_status answering(sluice_delivery* delivery, Call call) noexcept {
    if (delivery == nullptr || !delivery->host.on_own_thread()) return SLUICE_REJECTED;
    try {
        return call(delivery->host);
    } catch (...) {
        return SLUICE_RETRY;
    }
}

template <class Call>
void doing(sluice_delivery* delivery, Call call) noexcept {
    if (delivery == nullptr) return;
    try {
        call(delivery->host);
    } catch (...) {
        // A line of log or a reason that cannot be kept: the call has no answer to say so with.
    }
}

const sluice_reply* http(sluice_delivery* delivery, const sluice_http_request* request) noexcept {
    return replying(delivery, [&](HostDelivery& host) {
        if (request == nullptr) return Answer::failed({Failure::rejected, "http: the request is NULL"});
        return host.http(*request);
    });
}

const sluice_reply* odoo(sluice_delivery* delivery, sluice_text model, sluice_text method,
                         sluice_text arguments) noexcept {
    return replying(delivery,
                    [&](HostDelivery& host) { return host.odoo(to_view(model), to_view(method), to_view(arguments)); });
}

const sluice_reply* map(sluice_delivery* delivery, sluice_text flow, sluice_text document) noexcept {
    return replying(delivery, [&](HostDelivery& host) { return host.map(to_view(flow), to_view(document)); });
}

const sluice_reply* write_record(sluice_delivery* delivery, sluice_text flow, const sluice_text* const* documents,
                                 size_t count) noexcept {
    return replying(delivery, [&](HostDelivery& host) { return host.write_record(to_view(flow), documents, count); });
}

void release(sluice_delivery* delivery, const sluice_reply* reply) noexcept {
    doing(delivery, [&](HostDelivery& host) {
        if (host.on_own_thread()) host.release(reply);
    });
}

const sluice_reply* effect_key(sluice_delivery* delivery, sluice_text step, sluice_text revision,
                               size_t max_length) noexcept {
    return replying(delivery,
                    [&](HostDelivery& host) { return host.effect_key(to_view(step), to_view(revision), max_length); });
}

const sluice_reply* get_state(sluice_delivery* delivery, sluice_text name) noexcept {
    return replying(delivery, [&](HostDelivery& host) { return host.get_state(to_view(name)); });
}

sluice_status put_state(sluice_delivery* delivery, sluice_text name, sluice_text value) noexcept {
    return answering(delivery, [&](HostDelivery& host) { return host.put_state(to_view(name), to_view(value)); });
}

sluice_status emit(sluice_delivery* delivery, sluice_text name, const sluice_event* event) noexcept {
    return answering(delivery, [&](HostDelivery& host) {
        return event == nullptr ? SLUICE_REJECTED : host.emit(to_view(name), *event);
    });
}

void explain(sluice_delivery* delivery, sluice_text message, int64_t retry_after_ms) noexcept {
    doing(delivery, [&](HostDelivery& host) {
        if (host.on_own_thread()) host.explain(to_view(message), retry_after_ms);
    });
}

// The three for any thread.
int32_t stopping(const sluice_delivery* delivery) noexcept {
    return delivery != nullptr && delivery->host.stopping() ? 1 : 0;
}

int64_t now_ms(const sluice_delivery* delivery) noexcept {
    return delivery == nullptr ? 0 : delivery->host.now_ms();
}

void log(sluice_delivery* delivery, int32_t level, sluice_text message, sluice_text fields) noexcept {
    doing(delivery, [&](const HostDelivery& host) { host.log(level, to_view(message), to_view(fields)); });
}

void write_batch(sluice_delivery* const* deliveries, sluice_text flow, const sluice_text* documents, size_t count,
                 const sluice_reply** replies) noexcept {
    for (size_t i = 0; i < count; ++i) replies[i] = internal_error_reply();
    try {
        std::vector<size_t> places;
        std::vector<HostDelivery*> known;
        std::vector<std::string_view> texts;
        for (size_t i = 0; i < count; ++i) {
            if (deliveries[i] == nullptr) {
                replies[i] = no_delivery_reply();
            } else if (!deliveries[i]->host.on_own_thread()) {
                replies[i] = wrong_thread_reply();
            } else {
                places.push_back(i);
                known.push_back(&deliveries[i]->host);
                texts.push_back(to_view(documents[i]));
            }
        }
        auto answers = HostDelivery::write_batch(to_view(flow), known, texts);
        for (size_t i = 0; i < places.size(); ++i) replies[places[i]] = known[i]->reply(std::move(answers[i]));
    } catch (...) {
        // Out of memory: whoever has no answer yet has the one above.
    }
}

constexpr sluice_write_batch batch_table = {
    .struct_size = sizeof(sluice_write_batch), .reserved = 0, .write = write_batch};

sluice_status list_page(sluice_delivery* delivery, sluice_text body, sluice_text at, sluice_text next) noexcept {
    return answering(delivery,
                     [&](HostDelivery& host) { return host.list_page(to_view(body), to_view(at), to_view(next)); });
}

constexpr sluice_listing listing_table = {.struct_size = sizeof(sluice_listing), .reserved = 0, .page = list_page};

const void* extension(sluice_text id) noexcept {
    const auto name = to_view(id);
    if (name == SLUICE_WRITE_BATCH) return &batch_table;
    return name == SLUICE_LISTING ? &listing_table : nullptr;
}

constexpr sluice_host table = {
    .struct_size = sizeof(sluice_host),
    .abi_major = SLUICE_ABI_MAJOR,
    .abi_minor = SLUICE_ABI_MINOR,
    .reserved = 0,
    .http = http,
    .odoo = odoo,
    .map = map,
    .write_record = write_record,
    .release = release,
    .effect_key = effect_key,
    .get_state = get_state,
    .put_state = put_state,
    .emit = emit,
    .explain = explain,
    .stopping = stopping,
    .now_ms = now_ms,
    .log = log,
    .extension = extension,
};

}  // namespace

const sluice_host& host_table() {
    return table;
}

}  // namespace sluice::host
