#include "host/plugins/dry_odoo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "core/json/json.hpp"
#include "host/plugins/differences.hpp"

namespace sluice::host {
namespace {

/// Fields whose reading back nobody decides by.
bool is_harmless(std::string_view field) {
    return field == "id" || field == "display_name";
}

bool is_digit(char c) {
    return std::isdigit(static_cast<unsigned char>(c)) != 0;
}

bool names(std::string_view text, std::int64_t id) {
    const auto digits = std::to_string(id);
    for (auto at = text.find(digits); at != std::string_view::npos; at = text.find(digits, at + 1)) {
        const auto end = at + digits.size();
        if ((at == 0 || !is_digit(text[at - 1])) && (end == text.size() || !is_digit(text[end]))) return true;
    }
    return false;
}

/// The fields a read asks for; none: all of them.
std::set<std::string> fields_read(const json::Value& args, const json::Value& kwargs) {
    std::set<std::string> fields;
    auto given = kwargs.find("fields");
    if (!given && args.size() > 1) given = args.at(1);
    for (std::size_t i = 0; given && i < given->size(); ++i) fields.emplace(given->at(i).text());
    return fields;
}

}  // namespace

bool is_read(std::string_view method) {
    constexpr std::array<std::string_view, 17> reads{"check_access_rights",
                                                     "default_get",
                                                     "exists",
                                                     "fields_get",
                                                     "formatted_read_group",
                                                     "get_external_id",
                                                     "get_metadata",
                                                     "has_access",
                                                     "name_get",
                                                     "name_search",
                                                     "read",
                                                     "read_group",
                                                     "search",
                                                     "search_count",
                                                     "search_fetch",
                                                     "search_read",
                                                     "web_search_read"};
    return std::ranges::find(reads, method) != reads.end();
}

DryOdoo::DryOdoo(OdooAccess& real, std::string connector, Plan& plan)
    : real_(real), connector_(std::move(connector)), plan_(plan) {}

Result<odoo::Written> DryOdoo::write(odoo::Caller& through, odoo::IdMemory& memory,
                                     const mapping::MappedRecord& record) {
    odoo::RecordWriter writer(through, *flights_, memory, connector_);
    return writer.write(record);
}

std::unexpected<Error> DryOdoo::stopped() const {
    return fail(Failure::cancelled, "the dry run stopped: " + plan_.stopped_because);
}

Result<json::Document> DryOdoo::call(std::string_view model, std::string_view method, std::string_view args,
                                     std::string_view kwargs) {
    if (!plan_.stopped_because.empty()) return stopped();
    if (is_read(method)) return read(model, method, args, kwargs);
    const auto answer = plan_write({.model = std::string(model),
                                    .method = std::string(method),
                                    .args = std::string(args),
                                    .kwargs = std::string(kwargs)});
    if (!answer.empty()) return json::Document::parse(answer);
    plan_.stop(fmt::format("what comes after {}.{} depends on what Odoo makes of it", model, method));
    return stopped();
}

Result<json::Document> DryOdoo::read(std::string_view model, std::string_view method, std::string_view args,
                                     std::string_view kwargs) {
    for (const auto& [id, record] : plan_.made_up) {
        if (!names(args, id) && !names(kwargs, id)) continue;
        plan_.stop(fmt::format("what comes after reads {}, which is not there yet ({}.{})", record, model, method));
        return stopped();
    }
    const auto written = written_.find(model);
    if (written != written_.end() && (method == "read" || method == "search_read")) {
        const auto positional = json::Document::parse(args), named = json::Document::parse(kwargs);
        const auto fields =
            positional && named ? fields_read(positional->root(), named->root()) : std::set<std::string>();
        const auto reads_back = [&](const std::string& field) {
            return !is_harmless(field) && (fields.empty() || fields.contains(field));
        };
        if (std::ranges::any_of(written->second, reads_back)) {
            plan_.stop(fmt::format("what comes after reads back what would have been written to {}", model));
            return stopped();
        }
    }
    ++plan_.reads;
    return real_.caller().call(model, method, args, kwargs);
}

std::string DryOdoo::plan_write(PlannedCall call) {
    call.assumed = !plan_.calls.empty();
    const auto records = find_differences(real_.caller(), call);
    const auto method = call.method;
    const auto args = json::Document::parse(call.args), kwargs = json::Document::parse(call.kwargs);
    if (method == "write" && args && kwargs) {
        const auto values = args->root().size() > 1 ? std::optional(args->root().at(1)) : kwargs->root().find("vals");
        for (std::size_t i = 0; values && i < values->size(); ++i) written_[call.model].emplace(values->key(i));
    }
    plan_.calls.push_back(std::move(call));
    if (method == "write" || method == "unlink") return "true";
    if (method != "load" && method != "create") return "";
    json::Writer answer;
    const bool several =
        method == "load" || (args && args->root().size() > 0 && args->root().at(0).kind() == json::Kind::array);
    if (method == "load") answer.begin_object().key("ids");
    if (several) answer.begin_array();
    for (const auto& [name, id] : records) {
        if (id == 0)
            plan_.made_up.push_back(
                {.id = first_made_up_id + static_cast<std::int64_t>(plan_.made_up.size()), .record = name});
        answer.integer(id == 0 ? plan_.made_up.back().id : id);
    }
    if (several) answer.end_array();
    if (method == "load") answer.key("messages").begin_array().end_array().end_object();
    return records.empty() ? "" : answer.take();
}

}  // namespace sluice::host
