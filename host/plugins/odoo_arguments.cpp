#include "host/plugins/odoo_arguments.hpp"

#include "core/json/json.hpp"

namespace sluice::host {

Result<OdooArguments> split_arguments(std::string_view method, std::string_view named) {
    if (named.empty()) return OdooArguments{};
    const auto document = json::Document::parse(named);
    if (!document) return fail(Failure::invalid, "odoo: the arguments are no JSON: " + document.error().message);
    const auto root = document->root();
    if (root.kind() != json::Kind::object)
        return fail(Failure::invalid, "odoo: the arguments are a JSON " + std::string(json::to_string(root.kind())) +
                                          "; right would be an object of named arguments");
    json::Writer args, kwargs;
    args.begin_array();
    if (const auto ids = root.find("ids")) args.raw(ids->raw());
    if (method == "create")
        if (const auto values = root.find("vals_list")) args.raw(values->raw());
    args.end_array();
    kwargs.begin_object();
    for (std::size_t index = 0; index < root.size(); ++index) {
        const auto name = root.key(index);
        if (name == "ids" || (method == "create" && name == "vals_list")) continue;
        kwargs.key(name).raw(root.at(index).raw());
    }
    kwargs.end_object();
    return OdooArguments{.args = args.take(), .kwargs = kwargs.take()};
}

}  // namespace sluice::host
