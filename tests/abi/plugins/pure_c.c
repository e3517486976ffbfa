/* A connector in strict C11, and one that is wrong about everything a pointer can be wrong about. The topic says which. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <sluice/plugin.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract_text.h"

struct sluice_connector {
    const sluice_host *host;
};

static sluice_text text(const char *literal) {
    sluice_text made = {literal, strlen(literal)};
    return made;
}

static int is(sluice_text left, const char *right) {
    return left.size == strlen(right) && memcmp(left.data, right, left.size) == 0;
}

static sluice_status create(const sluice_host *host, sluice_delivery *setup, sluice_text configuration, sluice_connector **made) {
    (void)configuration;
    /* Only explain, stopping, now_ms and log mean something here. */
    if (host->get_state(setup, text("cursor"))->code != SLUICE_REJECTED) return SLUICE_INVALID;
    if (host->odoo(setup, text("res.users"), text("read"), text("{}"))->code != SLUICE_REJECTED) return SLUICE_INVALID;
    if (host->put_state(setup, text("cursor"), text("1")) != SLUICE_REJECTED) return SLUICE_INVALID;
    if (host->stopping(setup) != 0 || host->now_ms(setup) == 0) return SLUICE_INVALID;
    host->log(setup, SLUICE_LOG_DEBUG, text("created"), text("{\"a\":1}"));
    *made = malloc(sizeof **made);
    if (*made == NULL) return SLUICE_RETRY;
    (*made)->host = host;
    return SLUICE_OK;
}

static void destroy(sluice_connector *self) { free(self); }

struct elsewhere {
    const sluice_host *host;
    sluice_delivery *delivery;
    sluice_status code;
    int32_t stopping;
};

static void *call_elsewhere(void *context) {
    struct elsewhere *there = context;
    there->code = there->host->get_state(there->delivery, text("cursor"))->code;
    there->stopping = there->host->stopping(there->delivery);
    there->host->log(there->delivery, SLUICE_LOG_DEBUG, text("from a thread of the plugin"), text(""));
    return NULL;
}

/* Every call a confused plugin may make; says what it got. */
static void abuse(const sluice_host *host, sluice_delivery *delivery) {
    static const sluice_text nothing = {NULL, 0}, lies = {NULL, 5};
    char said[256];
    sluice_http_request small;
    sluice_event tiny;
    const sluice_text *documents[2];
    const sluice_reply *reply;
    sluice_status got[14];
    memset(&small, 0, sizeof small);
    memset(&tiny, 0, sizeof tiny);
    small.struct_size = offsetof(sluice_http_request, url);
    small.method = text("GET");
    small.url.data = (const char *)1; /* not covered by struct_size: must not be read */
    small.url.size = 100;
    tiny.struct_size = offsetof(sluice_event, payload);
    tiny.payload.data = (const char *)1;
    tiny.payload.size = 100;
    documents[0] = NULL;
    documents[1] = &lies;
    got[0] = host->http(delivery, NULL)->code;
    got[1] = host->http(delivery, &small)->code;
    got[2] = host->odoo(delivery, nothing, nothing, nothing)->code;
    got[3] = host->odoo(delivery, lies, lies, lies)->code;
    got[4] = host->map(delivery, nothing, nothing)->code;
    got[5] = host->map(delivery, text("note"), text("{"))->code;
    got[6] = host->write_record(delivery, text("note"), NULL, 3)->code;
    got[7] = host->write_record(delivery, text("note"), documents, 2)->code;
    got[8] = host->write_record(delivery, text("note"), documents, 0)->code;
    got[9] = host->effect_key(delivery, nothing, nothing, 64)->code;
    got[10] = host->get_state(delivery, nothing)->code;
    got[11] = host->put_state(delivery, nothing, nothing);
    got[12] = host->emit(delivery, text("a"), &tiny);
    got[13] = host->emit(delivery, text("a"), NULL);
    host->release(delivery, NULL);
    host->release(delivery, (const sluice_reply *)documents);
    reply = host->get_state(delivery, text("cursor"));
    host->release(delivery, reply);
    host->release(delivery, reply);
    /* Without a delivery. */
    if (host->get_state(NULL, text("cursor"))->code != SLUICE_REJECTED) return;
    if (host->put_state(NULL, nothing, nothing) != SLUICE_REJECTED) return;
    host->release(NULL, NULL);
    host->explain(NULL, nothing, 0);
    host->log(NULL, 0, nothing, nothing);
    if (host->stopping(NULL) != 0 || host->now_ms(NULL) != 0 || host->extension(nothing) != NULL) return;
    snprintf(said, sizeof said, "%d %d %d %d %d %d %d %d %d %d %d %d %d %d", (int)got[0], (int)got[1], (int)got[2], (int)got[3],
             (int)got[4], (int)got[5], (int)got[6], (int)got[7], (int)got[8], (int)got[9], (int)got[10], (int)got[11], (int)got[12],
             (int)got[13]);
    host->explain(delivery, text(said), -1);
}

static sluice_status handle(sluice_connector *self, sluice_delivery *delivery, const sluice_event *event) {
    const sluice_host *host = self->host;
    if (is(event->topic, "write")) {
        const sluice_text *documents[1];
        documents[0] = &event->payload;
        return host->write_record(delivery, text("note"), documents, 1)->code; /* the host's message stands */
    }
    if (is(event->topic, "abuse")) {
        abuse(host, delivery);
        return SLUICE_OK;
    }
    if (is(event->topic, "thread")) {
        struct elsewhere there;
        pthread_t thread;
        char said[64];
        there.host = host;
        there.delivery = delivery;
        if (pthread_create(&thread, NULL, call_elsewhere, &there) != 0) return SLUICE_RETRY;
        pthread_join(thread, NULL);
        snprintf(said, sizeof said, "%d %d", (int)there.code, (int)there.stopping);
        host->explain(delivery, text(said), -1);
        return SLUICE_OK;
    }
    if (is(event->topic, "bad-text")) {
        sluice_text wild = {"ok \xff\x01 \n", 7};
        host->explain(delivery, wild, -1);
        return SLUICE_REJECTED;
    }
    if (is(event->topic, "status")) { /* the payload is the status */
        char digits[16] = {0};
        memcpy(digits, event->payload.data, event->payload.size < 15 ? event->payload.size : 15);
        return (sluice_status)atoi(digits);
    }
    return SLUICE_REJECTED;
}

/* Explains to each how many came together; what has the topic "forgotten" gets no verdict. */
static void handle_batch(sluice_connector *self, sluice_delivery *const *deliveries, const sluice_event *const *events, size_t count,
                         sluice_status *verdicts) {
    size_t i;
    for (i = 0; i < count; i++) {
        char said[32];
        if (is(events[i]->topic, "forgotten")) continue;
        verdicts[i] = handle(self, deliveries[i], events[i]);
        snprintf(said, sizeof said, "%u of %u", (unsigned)(i + 1), (unsigned)count);
        self->host->explain(deliveries[i], text(said), -1);
    }
}

SLUICE_EXPORT const sluice_plugin *sluice_plugin_v0(void) {
    static const sluice_plugin table = {
        sizeof(sluice_plugin), SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR, 0, TEXT("pure-c"), TEXT("1.0.0"), TEXT(CONTRACT("pure-c")),
        create, handle, handle_batch, destroy, NULL};
    return &table;
}
