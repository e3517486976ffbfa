/* ABI 0.0 as it was first built into plugins (LP64). Never edit a line of this file: an appended member gets a frozen file of its own,
 * and a struct may only be at least as large as here. abidiff cannot tell an appended member from an inserted one; this can. */
#include <sluice/plugin.h>

#define AT(type, member, offset) _Static_assert(offsetof(type, member) == (offset), #type "." #member " has moved")
#define SIZE(type, least) _Static_assert(sizeof(type) >= (least), #type " has shrunk")

_Static_assert(sizeof(void *) == 8 && sizeof(size_t) == 8, "this file freezes the layout of 64-bit machines");
_Static_assert(sizeof(sluice_text) == 16, "sluice_text is passed by value: its size never changes");
_Static_assert(sizeof(sluice_status) == 4, "sluice_status is an int32_t");
_Static_assert(SLUICE_OK == 0, "SLUICE_OK has another value");
_Static_assert(SLUICE_RETRY == 100, "SLUICE_RETRY has another value");
_Static_assert(SLUICE_UNKNOWN == 101, "SLUICE_UNKNOWN has another value");
_Static_assert(SLUICE_RATE_LIMITED == 102, "SLUICE_RATE_LIMITED has another value");
_Static_assert(SLUICE_REJECTED == 200, "SLUICE_REJECTED has another value");
_Static_assert(SLUICE_INVALID == 201, "SLUICE_INVALID has another value");
_Static_assert(SLUICE_AUTH == 300, "SLUICE_AUTH has another value");
_Static_assert(SLUICE_CANCELLED == 400, "SLUICE_CANCELLED has another value");

AT(sluice_text, data, 0);
AT(sluice_text, size, 8);

AT(sluice_event, struct_size, 0);
AT(sluice_event, attempt, 4);
AT(sluice_event, attempt_unknown, 8);
AT(sluice_event, reserved, 12);
AT(sluice_event, event_id, 16);
AT(sluice_event, flow, 32);
AT(sluice_event, topic, 48);
AT(sluice_event, ordering_key, 64);
AT(sluice_event, revision, 80);
AT(sluice_event, record, 96);
AT(sluice_event, payload, 112);
AT(sluice_event, headers, 128);
AT(sluice_event, occurred_at_ms, 144);
AT(sluice_event, deadline_ms, 152);
SIZE(sluice_event, 160);

AT(sluice_reply, struct_size, 0);
AT(sluice_reply, code, 4);
AT(sluice_reply, http_status, 8);
AT(sluice_reply, reserved, 12);
AT(sluice_reply, retry_after_ms, 16);
AT(sluice_reply, headers, 24);
AT(sluice_reply, body, 40);
AT(sluice_reply, message, 56);
SIZE(sluice_reply, 72);

AT(sluice_http_request, struct_size, 0);
AT(sluice_http_request, timeout_ms, 4);
AT(sluice_http_request, method, 8);
AT(sluice_http_request, url, 24);
AT(sluice_http_request, headers, 40);
AT(sluice_http_request, body, 56);
AT(sluice_http_request, credential, 72);
SIZE(sluice_http_request, 88);

AT(sluice_host, struct_size, 0);
AT(sluice_host, abi_major, 4);
AT(sluice_host, abi_minor, 8);
AT(sluice_host, reserved, 12);
AT(sluice_host, http, 16);
AT(sluice_host, odoo, 24);
AT(sluice_host, map, 32);
AT(sluice_host, write_record, 40);
AT(sluice_host, release, 48);
AT(sluice_host, effect_key, 56);
AT(sluice_host, get_state, 64);
AT(sluice_host, put_state, 72);
AT(sluice_host, emit, 80);
AT(sluice_host, explain, 88);
AT(sluice_host, stopping, 96);
AT(sluice_host, now_ms, 104);
AT(sluice_host, log, 112);
AT(sluice_host, extension, 120);
SIZE(sluice_host, 128);

AT(sluice_plugin, struct_size, 0);
AT(sluice_plugin, abi_major, 4);
AT(sluice_plugin, abi_minor, 8);
AT(sluice_plugin, min_host_minor, 12);
AT(sluice_plugin, name, 16);
AT(sluice_plugin, version, 32);
AT(sluice_plugin, contract, 48);
AT(sluice_plugin, create, 64);
AT(sluice_plugin, handle, 72);
AT(sluice_plugin, handle_batch, 80);
AT(sluice_plugin, destroy, 88);
AT(sluice_plugin, extension, 96);
SIZE(sluice_plugin, 104);
