// Breaks the rule UNWIND: lets C++ exceptions out of the ABI's functions.

#include <sluice/plugin.h>

#include <stdexcept>
#include <string_view>

#include "contract_text.h"

namespace {

int instance;

sluice_status create(const sluice_host*, sluice_delivery*, sluice_text, sluice_connector** made) {
    *made = reinterpret_cast<sluice_connector*>(&instance);
    return SLUICE_OK;
}

sluice_status handle(sluice_connector*, sluice_delivery*, const sluice_event* event) {
    if (std::string_view(event->topic.data, event->topic.size) == "int") throw 7;
    throw std::runtime_error("out of the plugin");
}

void destroy(sluice_connector*) {}

}  // namespace

extern "C" SLUICE_EXPORT const sluice_plugin* sluice_plugin_v0(void) {
    static const sluice_plugin table = {sizeof(sluice_plugin),
                                        SLUICE_ABI_MAJOR,
                                        SLUICE_ABI_MINOR,
                                        0,
                                        TEXT("throws-across"),
                                        TEXT("1.0.0"),
                                        TEXT(CONTRACT("throws-across")),
                                        create,
                                        handle,
                                        nullptr,
                                        destroy,
                                        nullptr};
    return &table;
}
