/* A plugin that must not be loaded; one WRONG_... says why. */
#include <sluice/plugin.h>

#include "contract_text.h"

#if defined WRONG_major
#define MAJOR (SLUICE_ABI_MAJOR + 1)
#else
#define MAJOR SLUICE_ABI_MAJOR
#endif
#if defined WRONG_minor
#define MIN_HOST_MINOR (SLUICE_ABI_MINOR + 1)
#else
#define MIN_HOST_MINOR 0
#endif
#if defined WRONG_small_struct
#define SIZE offsetof(sluice_plugin, destroy)
#else
#define SIZE sizeof(sluice_plugin)
#endif
#if defined WRONG_null_handle
#define HANDLE NULL
#define NO_HANDLE
#else
#define HANDLE handle
#endif
#if defined WRONG_bad_name
#define NAME "Not A Name"
#else
#define NAME "wrong"
#endif
#if defined WRONG_bad_contract
#define CONTRACT_TEXT CONTRACT("wrong") "[flow.note.retyr]\nlimit = 0\n[flow.other]\n"
#elif defined WRONG_no_hook
#define CONTRACT_TEXT CONTRACT("wrong") "comment = { hook = \"shotu\", arguments = \"/name\" }\n"
#elif defined WRONG_other_contract
#define CONTRACT_TEXT CONTRACT("right")
#else
#define CONTRACT_TEXT CONTRACT("wrong")
#endif

static sluice_status create(const sluice_host *host, sluice_delivery *setup, sluice_text configuration, sluice_connector **made) {
    (void)host, (void)setup, (void)configuration, (void)made;
    return SLUICE_REJECTED;
}
#ifndef NO_HANDLE
static sluice_status handle(sluice_connector *self, sluice_delivery *delivery, const sluice_event *event) {
    (void)self, (void)delivery, (void)event;
    return SLUICE_OK;
}
#endif
static void destroy(sluice_connector *self) { (void)self; }

#if defined WRONG_no_hook || defined WRONG_small_hooks
#ifdef WRONG_no_hook
#define HOOKS_SIZE sizeof(sluice_mapping_hooks)
#else
#define HOOKS_SIZE offsetof(sluice_mapping_hooks, compute)
#endif
static sluice_status compute(sluice_text hook, sluice_text arguments, void *out, void (*answer)(void *out, sluice_text text)) {
    (void)hook, (void)arguments, (void)out, (void)answer;
    return SLUICE_OK;
}
static const sluice_text hook_names[] = {TEXT("shout")};
static const sluice_mapping_hooks hooks = {(uint32_t)HOOKS_SIZE, 1, hook_names, compute};
static const void *extension(sluice_text id) {
    return id.size == sizeof(SLUICE_MAPPING_HOOKS) - 1 ? &hooks : NULL;
}
#define EXTENSION extension
#else
#define EXTENSION NULL
#endif

static const sluice_plugin table = {(uint32_t)SIZE, MAJOR, 0, MIN_HOST_MINOR, TEXT(NAME), TEXT("1.0.0"), TEXT(CONTRACT_TEXT),
                                    create, HANDLE, NULL, destroy, EXTENSION};
/* Used in every variant, so that none is warned about. */
SLUICE_EXPORT const void *wrong_table(void);
const void *wrong_table(void) { return &table; }

#if defined WRONG_no_symbol
SLUICE_EXPORT const sluice_plugin *sluice_plugin_v9(void);
const sluice_plugin *sluice_plugin_v9(void) { return &table; }
#elif defined WRONG_null_table
const sluice_plugin *sluice_plugin_v0(void) { return NULL; }
#else
const sluice_plugin *sluice_plugin_v0(void) { return &table; }
#endif
