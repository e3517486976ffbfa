#include "host/plugins/mapping_hooks.hpp"

#include <fmt/format.h>

#include <span>

#include "core/base/text.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

/// Null where the plugin has none.
const sluice_mapping_hooks* table_of(const sluice_plugin& plugin) {
    if (!SLUICE_HAS(&plugin, extension) || plugin.extension == nullptr) return nullptr;
    return static_cast<const sluice_mapping_hooks*>(plugin.extension(to_text(SLUICE_MAPPING_HOOKS)));
}

/// What the plugin answers is its own text; what is left of it is ours.
void keep(void* out, sluice_text text) noexcept {
    *static_cast<std::string*>(out) = to_view(text);
}

}  // namespace

mapping::Hooks mapping_hooks(const sluice_plugin& plugin) {
    const auto* const table = table_of(plugin);
    if (table == nullptr) return {};
    return [table](const std::string& name, const std::string& arguments) -> std::expected<std::string, std::string> {
        std::string answer;
        sluice_status status = SLUICE_INVALID;
        try {
            status = table->compute(to_text(name), to_text(arguments), &answer, keep);
        } catch (...) {  // a breach of the ABI, caught where the compilers' runtimes agree
            return std::unexpected("it threw an exception");
        }
        if (status != SLUICE_OK)
            return std::unexpected(answer.empty() ? fmt::format("it failed with status {} and without a word", status)
                                                  : printable(answer, max_message_bytes));
        if (answer.size() > max_document_bytes) return std::unexpected("its value is larger than 64 MiB");
        if (!is_utf8(answer)) return std::unexpected("its value is no UTF-8");
        return answer;
    };
}

std::vector<std::string> hook_names(const sluice_plugin& plugin) {
    const auto* const table = table_of(plugin);
    std::vector<std::string> names;
    if (table == nullptr) return names;
    for (const auto name : std::span(table->names, table->count)) names.emplace_back(to_view(name));
    return names;
}

std::string hooks_problem(const sluice_plugin& plugin) {
    const auto* const table = table_of(plugin);
    if (table == nullptr) return {};
    if (!SLUICE_HAS(table, compute))
        return fmt::format("struct_size {} of its {} is too small; set it to sizeof", table->struct_size,
                           SLUICE_MAPPING_HOOKS);
    if (table->compute == nullptr || (table->names == nullptr && table->count != 0))
        return fmt::format("`names` and `compute` of its {} must not be NULL", SLUICE_MAPPING_HOOKS);
    return {};
}

}  // namespace sluice::host
