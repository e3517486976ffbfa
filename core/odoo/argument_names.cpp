#include "core/odoo/argument_names.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::odoo::wire {
namespace {

/// One method of every model, unless `model` says of which.
struct Signature {
    std::string_view method;
    bool of_records;                             ///< the first positional argument is `ids`
    std::array<std::string_view, 7> names = {};  ///< of the others, in order
    std::string_view model = {};
};

constexpr auto signatures = std::to_array<Signature>({
    {"read", true, {"fields", "load"}},
    {"write", true, {"vals"}},
    {"unlink", true},
    {"copy", true, {"default"}},
    {"get_external_id", true},
    {"get_metadata", true},
    {"export_data", true, {"fields_to_export"}},
    {"has_access", true, {"operation"}},
    {"check_access", true, {"operation"}},
    {"web_read", true, {"specification"}},
    {"web_save", true, {"vals", "specification", "next_id"}},
    {"message_subscribe", true, {"partner_ids", "subtype_ids"}},
    {"message_unsubscribe", true, {"partner_ids"}},
    {"set_opening_control", true, {"cashbox_value", "notes"}, "pos.session"},
    {"create", false, {"vals_list"}},
    {"load", false, {"fields", "data"}},
    {"search", false, {"domain", "offset", "limit", "order"}},
    {"search_count", false, {"domain", "limit"}},
    {"search_read", false, {"domain", "fields", "offset", "limit", "order"}},
    {"search_fetch", false, {"domain", "field_names", "offset", "limit", "order"}},
    {"web_search_read", false, {"domain", "specification", "offset", "limit", "order", "count_limit"}},
    {"read_group", false, {"domain", "fields", "groupby", "offset", "limit", "orderby", "lazy"}},
    {"formatted_read_group", false, {"domain", "groupby", "aggregates", "having", "offset", "limit", "order"}},
    {"fields_get", false, {"allfields", "attributes"}},
    {"default_get", false, {"fields"}},
    {"name_search", false, {"name", "domain", "operator", "limit"}},
    {"name_create", false, {"name"}},
    {"check_access_rights", false, {"operation", "raise_exception"}},
    {"context_get", false, {}, "res.users"},
    {"has_group", true, {"group_ext_id"}, "res.users"},
    {"get_param", false, {"key", "default"}, "ir.config_parameter"},
    {"set_param", false, {"key", "value"}, "ir.config_parameter"},
    {"check_object_reference", false, {"module", "xml_id", "raise_on_access_error"}, "ir.model.data"},
    {"sync_from_ui", false, {"orders"}, "pos.order"},
});

const Signature* find_signature(const Call& call) {
    const auto* found = std::ranges::find_if(signatures, [&](const Signature& one) {
        return one.method == call.method && (one.model.empty() || one.model == call.model);
    });
    return found == signatures.end() ? nullptr : found;
}

bool is_id(const json::Value& value) {
    return value.kind() == json::Kind::number && value.as_int64().has_value();
}

/// `5` and `[5, 6]`, and `[]`.
bool are_ids(const json::Value& value) {
    if (value.kind() != json::Kind::array) return is_id(value);
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (!is_id(value.at(i))) return false;
    }
    return true;
}

std::unexpected<Error> refuse(const Call& call, std::string_view why) {
    return fail(Failure::invalid, call.model + "." + call.method + ": " + std::string(why));
}

}  // namespace

Result<std::string> name_arguments(const Call& call) {
    const auto args = json::Document::parse(call.args);
    const auto kwargs = json::Document::parse(call.kwargs);
    if (!args || !kwargs) return refuse(call, "its arguments are no JSON");
    const auto positional = args->root();
    const auto named = kwargs->root();
    const auto* const known = find_signature(call);
    const bool of_records = known != nullptr ? known->of_records : positional.size() > 0;
    if (known != nullptr && of_records && positional.size() == 0 && !named.find("ids")) {
        return refuse(call, "this method of records needs their ids as its first argument, as in [[1, 2]]");
    }
    if (known == nullptr && positional.size() > 0 && (positional.size() > 1 || !are_ids(positional.at(0)))) {
        return refuse(call,
                      "JSON-2 takes arguments by name, and this method's are not known: give the ids alone as "
                      "[[1, 2]] and the others as keyword arguments");
    }

    json::Writer body;
    body.begin_object();
    for (std::size_t i = 0; i < positional.size(); ++i) {
        std::string_view name = "ids";
        if (!of_records || i > 0) {
            const auto at = of_records ? i - 1 : i;
            if (known == nullptr || at >= known->names.size() || known->names.at(at).empty()) {
                return refuse(call, "it has more positional arguments than this method takes");
            }
            name = known->names.at(at);
        }
        if (named.find(name)) return refuse(call, "`" + std::string(name) + "` is given twice");
        body.key(name).raw(positional.at(i).raw());
    }
    for (std::size_t i = 0; i < named.size(); ++i) body.key(named.key(i)).raw(named.at(i).raw());
    body.end_object();
    return body.take();
}

bool creates_one(const Call& call) {
    if (call.method != "create") return false;
    const auto args = json::Document::parse(call.args);
    if (args && args->root().size() > 0) return args->root().at(0).kind() == json::Kind::object;
    const auto kwargs = json::Document::parse(call.kwargs);
    const auto values = kwargs ? kwargs->root().find("vals_list") : std::nullopt;
    return values && values->kind() == json::Kind::object;
}

}  // namespace sluice::odoo::wire
