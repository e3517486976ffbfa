/* sluice/plugin.h: the connector ABI, version 0. Pure C11, and C++ from C++11 on.
 *
 * Members may change until 1.0 is frozen. Until then the exported symbol is sluice_plugin_v0 and a host loads only its
 * own v0.
 *
 *  BLOCKING  A plugin is plain blocking code. Every lane of a connector has a thread and an instance of its own, so an
 * instance is used by one thread at a time and needs no locks. A host call blocks that lane alone; none waits over a
 * second for budget (it answers RATE_LIMITED), and all answer CANCELLED when the host stops. Cancelled after bytes were
 * sent is an unknown outcome. MEMORY    Whoever allocates a struct sets its struct_size, owns it and frees it; the
 * other side reads at most that much. The plugin never allocates for the host: replies are the host's, alive until
 * release() or until handle() returns, whichever is first; text that the plugin passes is copied before the call
 * returns. Structs with a struct_size are passed by pointer and in arrays of pointers, never by value or stride;
 * sluice_text, whose layout never changes, is passed by value. DURABLE   An attempt is in the journal before its first
 * effect. One that ended without a verdict (timeout, cancel, crash) is an unknown outcome: the next attempt has
 * attempt_unknown set and must look before it writes (write_record does so by itself). ATOMIC    What a delivery emits
 * and the state it puts commit with its acknowledgement, in one journal transaction, or not at all. get_state sees the
 * delivery's own puts; a commit that meets a newer version retries the delivery. Credentials are not state: the host
 * keeps them. REPEAT    Delivery is at least once. effect_key() gives each outward step a key that is the same on every
 * attempt. GROWTH    Members are only appended, never removed, reordered or given a new meaning. Read a later member
 * through SLUICE_HAS. TEXT      UTF-8 spans, not NUL-terminated; { NULL, 0 } is the empty text. Payloads are raw JSON
 * bytes: numbers are never re-written (ids exceed 2^53, money is decimal). UNWIND    No exception, panic or longjmp
 * crosses this boundary, in either direction. */
#ifndef SLUICE_PLUGIN_H
#define SLUICE_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define SLUICE_ABI_MAJOR 0 /* another major: another exported symbol, refused */
#define SLUICE_ABI_MINOR 0 /* counts appended members */

#define SLUICE_EXPORT __attribute__((visibility("default")))

/* True where the struct that `ptr` points to was made by a side that knows `member`: ask before reading any member
 * appended after 0.0. */
#define SLUICE_HAS(ptr, member) ((ptr)->struct_size >= offsetof(__typeof__(*(ptr)), member) + sizeof((ptr)->member))

/* A span of UTF-8. Borrowed: valid as long as the struct or the call it came with. */
typedef struct sluice_text {
    const char* data; /* may be NULL where size is 0 */
    size_t size;      /* bytes */
} sluice_text;

/* The hundreds digit is the class; an unknown code is handled as its class. A code of no class is handled as REJECTED.
 */
typedef int32_t sluice_status;
#define SLUICE_OK INT32_C(0)
#define SLUICE_RETRY INT32_C(100)        /* 1xx: again after the flow's back-off */
#define SLUICE_UNKNOWN INT32_C(101)      /*      sent, not answered: look before repeating */
#define SLUICE_RATE_LIMITED INT32_C(102) /*      retry_after_ms is a floor */
#define SLUICE_REJECTED INT32_C(200)     /* 2xx: a dead letter, for a person to look at */
#define SLUICE_INVALID INT32_C(201)      /*      the record breaks the contract */
#define SLUICE_AUTH INT32_C(300)         /* 3xx: pause the connector until an operator acts */
#define SLUICE_CANCELLED INT32_C(400)    /* 4xx: asked to stop; the event stays in the journal */

/* Levels of log(); a level between two of these is handled as the lower one. */
#define SLUICE_LOG_DEBUG INT32_C(10)
#define SLUICE_LOG_INFO INT32_C(20)
#define SLUICE_LOG_WARN INT32_C(30)
#define SLUICE_LOG_ERROR INT32_C(40)

typedef struct sluice_delivery sluice_delivery;   /* one event being handled, or one create(); host-owned, opaque */
typedef struct sluice_connector sluice_connector; /* one instance; plugin-owned, opaque */

/* An event. Allocated by the host for handle(), alive until that returns; allocated by the plugin for emit(), copied
 * there. */
typedef struct sluice_event {
    uint32_t struct_size;
    uint32_t attempt;         /* 1 on the first delivery */
    uint32_t attempt_unknown; /* 1: an earlier attempt may have had its effect */
    uint32_t reserved;        /* 0 */
    sluice_text event_id;     /* unique per connector; the same on every attempt */
    sluice_text flow;         /* the contract's flow */
    sluice_text topic;        /* what happened: "orders/create", a job's name */
    sluice_text ordering_key; /* at most one event of a key is being handled at any time, anywhere */
    sluice_text revision;     /* how new the payload is (contract pointer, e.g. updated_at); empty if undeclared */
    sluice_text record;       /* the record's identity on its own side: Odoo "model,id", a vendor's id */
    sluice_text payload;      /* raw JSON bytes, exactly as they came */
    sluice_text headers;      /* a JSON object of texts */
    int64_t occurred_at_ms;   /* Unix time in milliseconds */
    int64_t deadline_ms;      /* Unix time in milliseconds; host calls begun later answer RETRY */
} sluice_event;

/* The answer of a host call. Allocated by the host; see MEMORY for how long it lives. A host call never returns NULL.
 */
typedef struct sluice_reply {
    uint32_t struct_size;
    sluice_status code;
    int32_t http_status;    /* 0 where there is none */
    int32_t reserved;       /* 0 */
    int64_t retry_after_ms; /* -1: no advice */
    sluice_text headers;    /* http(): a JSON object, names in lower case; else empty */
    sluice_text body;       /* what was asked for; http(): the answer's body, also where code is a failure */
    sluice_text message;    /* why code is not OK, fit for an operator: never a secret; empty on OK */
} sluice_reply;

/* An HTTP request. Allocated by the plugin, copied by http(). Members that struct_size does not cover count as empty.
 */
typedef struct sluice_http_request {
    uint32_t struct_size;
    uint32_t timeout_ms; /* 0: the connector's default; never past the event's deadline */
    sluice_text method;  /* "POST" */
    sluice_text url;     /* absolute: "https://api.example.com/v1/parcels?dry=1", no user info, no fragment */
    sluice_text headers; /* a JSON object of texts, or empty; Host, Content-Length, Connection are the host's own */
    sluice_text body;
    sluice_text credential; /* the NAME of a secret that the host holds, applies and renews; empty: none */
} sluice_http_request;

/* What a host offers. Static storage in the host, immutable, valid for as long as the process lives.
 *
 * Thread: unless said otherwise a function is called only on the thread that runs the create() or handle() which was
 * given the delivery, and only before that returns; from any other thread it answers REJECTED. During create() (the
 * `setup` delivery) only explain, stopping, now_ms and log mean something: the others answer REJECTED. Errors: every
 * function may also answer RETRY (the host is out of memory, the delivery's deadline has passed) and CANCELLED (the
 * host stops; nothing was sent). A NULL delivery answers REJECTED. */
typedef struct sluice_host {
    uint32_t struct_size, abi_major, abi_minor, reserved;

    /* One request to the external system, through the host's connections and credentials. Redirects are not followed.
     * Reply: http_status, headers, body. OK: 2xx, 304. AUTH: 401, 403. RATE_LIMITED: 429, with retry_after_ms. RETRY:
     * 408, 425, nothing could be sent, or 5xx to GET, HEAD, OPTIONS, PUT, DELETE. UNKNOWN: bytes were sent and no whole
     * answer came, or 5xx to any other method. REJECTED: every other status, and a request that cannot be sent as it is
     * (the message says why). */
    const sluice_reply* (*http)(sluice_delivery*, const sluice_http_request* request);

    /* One Odoo method call. `arguments` is a JSON object of named arguments; "ids", where given, are the records the
     * method is called on. Protocol, session and login are the host's. Reply: body is the method's result as JSON
     * ("null" where it has none). RETRY: Odoo was not reached or asks to try again (a serialization failure). UNKNOWN:
     * sent, not answered. AUTH: the login is refused. REJECTED: Odoo refused (its message is given). INVALID:
     * `arguments` is no JSON object. */
    const sluice_reply* (*odoo)(sluice_delivery*, sluice_text model, sluice_text method, sluice_text arguments);

    /* The flow's declared mapping over a document (raw JSON): nothing is sent. Reply: body is the record as JSON, or,
     * of a flow with a `document`, the JSON document for the other system. INVALID: the document is no JSON, or breaks
     * rules: the message lists every one. REJECTED: no such flow, or one without a mapping. */
    const sluice_reply* (*map)(sluice_delivery*, sluice_text flow, sluice_text document);

    /* Maps each document and writes it to Odoo by record identity, probing first, so that a repeat changes nothing.
     * `documents` is an array of `count` (1 to 1000) pointers. Reply: body is, for one document, an object
     *   {"code":0,"what":"created"|"updated"|"unchanged"|"skipped","model":"sale.order","id":12,"detail":"created
     * sale.order 12"} or, for a failure, {"code":201,"message":"..."}; for several an array of these, in order. `code`
     * of the reply is OK where all are, else that of the first failure. A document that is INVALID or REJECTED does not
     * stop the others; any other failure does, and those behind it are not tried (code RETRY, message "not tried").
     * Failures are those of odoo() and map(). */
    const sluice_reply* (*write_record)(sluice_delivery*, sluice_text flow, const sluice_text* const* documents,
                                        size_t count);

    /* Gives a reply back before handle() ends. A pointer that is no live reply of this delivery, or NULL, is ignored.
     */
    void (*release)(sluice_delivery*, const sluice_reply*);

    /* The idempotency key of one outward step: the same text on every attempt for the same record, step and revision.
     * An empty revision stands for this event alone. Reply: body is lower-case hexadecimal, at most `max_length` (16 or
     * more) and at most 64 characters. REJECTED: `step` is empty or `max_length` too small. */
    const sluice_reply* (*effect_key)(sluice_delivery*, sluice_text step, sluice_text revision, size_t max_length);

    /* The connector's durable state of that name. Reply: body, empty where it was never put. REJECTED: a name that may
     * not be. */
    const sluice_reply* (*get_state)(sluice_delivery*, sluice_text state_name);
    /* Names are 1 to 256 bytes and do not begin with "id/", "capture/", "schedule/" or "reconcile/" (the host's own); a
     * value is at most 1 MiB. Commits when handle() answers OK. REJECTED: beyond these limits (explain() is filled in
     * with the reason). */
    sluice_status (*put_state)(sluice_delivery*, sluice_text state_name, sluice_text value);

    /* A follow-up event of a flow of the same contract; its id is derived from this event's id and `name` (1 to 128
     * bytes, once per delivery), so a repeat emits the same one. Read from the event: flow, topic, ordering_key (not
     * empty), revision, record, payload (JSON), headers, occurred_at_ms (0: now). Commits when handle() answers OK.
     * REJECTED, INVALID: explain() is filled in with the reason. */
    sluice_status (*emit)(sluice_delivery*, sluice_text name, const sluice_event*);

    /* Says why, before create() or handle() returns a failure; before OK, what was done. The last call counts.
     * `retry_after_ms` is -1 for no advice. Cut at 4096 bytes. Where it is not called the message of the last failed
     * host call stands. */
    void (*explain)(sluice_delivery*, sluice_text message, int64_t retry_after_ms);

    /* 1 where the host stops and handle() should return soon (CANCELLED). Any thread, while the delivery lives; so are
     * the two below. */
    int32_t (*stopping)(const sluice_delivery*);
    /* Unix time in milliseconds; virtual in tests. */
    int64_t (*now_ms)(const sluice_delivery*);
    /* One line of the host's log, with connector and event added. `fields` is a JSON object or empty. Cut at 4096 bytes
     * each. */
    void (*log)(sluice_delivery*, int32_t level, sluice_text message, sluice_text fields);

    /* A table of further functions by "name/revision", or NULL where the host has none of that name. Any thread, any
     * time; static storage. */
    const void* (*extension)(sluice_text id);
} sluice_host;

/* The host's extension SLUICE_WRITE_BATCH, for a plugin's handle_batch(). */
#define SLUICE_WRITE_BATCH "write_batch/1"
typedef struct sluice_write_batch {
    uint32_t struct_size, reserved;

    /* What write_record() with one document does, for several deliveries of one handle_batch() together: references and
     * what exists are asked for once, and what is new is created in a few calls of Odoo. documents[i] (raw JSON) is
     * mapped and written for deliveries[i], each of which is there once; replies[i] is set to what write_record() would
     * answer, and is deliveries[i]'s. A record that is INVALID or REJECTED does not stop the others. Thread: that of
     * the deliveries. */
    void (*write)(sluice_delivery* const* deliveries, sluice_text flow, const sluice_text* documents, size_t count,
                  const sluice_reply** replies);
} sluice_write_batch;

/* The plugin's extension SLUICE_MAPPING_HOOKS (sluice_plugin.extension): the code of what its contract's mapping
 * computes by `hook = "NAME"`. */
#define SLUICE_MAPPING_HOOKS "mapping_hooks/1"
typedef struct sluice_mapping_hooks {
    uint32_t struct_size;
    uint32_t count;           /* of `names` */
    const sluice_text* names; /* the hooks there are; a contract that names another is refused when it is loaded */

    /* Computes one value. `arguments` is a JSON array of the values at the rule's `arguments`, in order, null where one
     * is absent; without `arguments` in the rule, of the whole element. Answers once, before it returns, by
     * answer(out, text), which copies the text: on OK the value (UTF-8, read by the host as the rule's `as` says;
     * empty: none), else why there is none, fit for an operator. Any other status breaks the rule: the record is not
     * written, and its dead letter names the rule's pointer and that text. Thread: any, several at once, with no
     * instance and no delivery: the same arguments must give the same value. */
    sluice_status (*compute)(sluice_text hook, sluice_text arguments, void* out,
                             void (*answer)(void* out, sluice_text text));
} sluice_mapping_hooks;

/* The host's extension SLUICE_LISTING, for flows whose contract declares [flow.NAME.reconcile]. The host asks for a
 * page of the vendor's records by an event of that flow with the topic SLUICE_RECONCILE and the payload
 *   {"from":"2026-01-01T00:00:00.000Z","to":"...","cursor":""}   records that changed in [from, to]; "cursor" is "" for
 *                                                                the first page, else what the page before said
 *   {"from":"...","to":"...","ids":["450789469"],"cursor":""}    those of these records that exist, whenever they
 *                                                                changed: what is on no page is taken for gone
 * handle() hands the page over and writes nothing: comparing it with Odoo is the host's. */
#define SLUICE_LISTING "listing/1"
#define SLUICE_RECONCILE "reconcile"
typedef struct sluice_listing {
    uint32_t struct_size, reserved;

    /* Of one delivery, once: `body` (JSON) has at the JSON Pointer `at` ("" is all of it) an array of documents, each
     * as the flow's record maps it, at most 1000; `next` is the cursor of the page behind it, empty where there is
     * none. INVALID: it is no JSON. REJECTED: no array there, a second page, a delivery that was asked for none, a
     * cursor of more than 64 KiB. Thread: that of the delivery. */
    sluice_status (*page)(sluice_delivery*, sluice_text body, sluice_text at, sluice_text next);
} sluice_listing;

/* What a plugin offers. Static storage in the plugin, immutable: a loaded plugin is never unloaded. */
typedef struct sluice_plugin {
    uint32_t struct_size, abi_major, abi_minor;
    uint32_t
        min_host_minor; /* the least SLUICE_ABI_MINOR of a host that this plugin can run in; an older host refuses it */
    sluice_text name;   /* "shopify": the contract's name */
    sluice_text version;  /* of the plugin: "0.1.0" */
    sluice_text contract; /* TOML: triggers, flows, mapping, errors, configuration keys */

    /* Makes one lane's instance, on that lane's thread. `configuration` is a JSON object of the connector's keys that
     * are no secrets, borrowed until create() returns. `host` outlives the instance. On OK `*instance` is set (not
     * NULL) and destroy() will be called with it once; on a failure nothing is left behind, the connector is paused,
     * and the text given to explain() is shown. */
    sluice_status (*create)(const sluice_host* host, sluice_delivery* setup, sluice_text configuration,
                            sluice_connector** instance);

    /* Handles one event, on the instance's lane. The status is the verdict: OK acknowledges it, with what was emitted
     * and put. */
    sluice_status (*handle)(sluice_connector*, sluice_delivery*, const sluice_event*);

    /* Optional (NULL): flows that declare a batch. One delivery, event and verdict each; each commits by itself. A host
     * that makes no batches calls handle() for each event instead. */
    void (*handle_batch)(sluice_connector*, sluice_delivery* const*, const sluice_event* const*, size_t count,
                         sluice_status* verdicts);

    /* Ends an instance, on its lane's thread, when no handle() runs. No host call is possible any more. */
    void (*destroy)(sluice_connector*);

    /* Optional (NULL): a table of further functions by "name/revision", or NULL. Any thread; static storage. */
    const void* (*extension)(sluice_text id);
} sluice_plugin;

/* The one exported symbol; its name carries the major version. No side effects; any thread, any number of calls. */
SLUICE_EXPORT const sluice_plugin* sluice_plugin_v0(void);

#ifdef __cplusplus
}
#endif
#endif
