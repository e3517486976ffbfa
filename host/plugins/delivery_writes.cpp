// map() and write_record(): the contract executed for a plugin.

#include "core/base/text.hpp"
#include "core/mapping/mapping.hpp"
#include "host/plugins/host_delivery.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

std::string_view to_string(odoo::Written::What what) {
    switch (what) {
        case odoo::Written::What::created:
            return "created";
        case odoo::Written::What::updated:
            return "updated";
        case odoo::Written::What::skipped:
            return "skipped";
        case odoo::Written::What::unchanged:
            break;
    }
    return "unchanged";
}

void write_verdict(json::Writer& writer, const Result<odoo::Written>& written) {
    writer.begin_object();
    if (written) {
        writer.key("code")
            .integer(SLUICE_OK)
            .key("what")
            .string(to_string(written->what))
            .key("model")
            .string(written->model);
        writer.key("id").integer(written->id).key("detail").string(printable(written->detail, max_message_bytes));
    } else {
        writer.key("code").integer(to_status(written.error().failure));
        writer.key("message").string(printable(written.error().message, max_message_bytes));
    }
    writer.end_object();
}

/// The document itself is bad: the next one may be good. Anything else is about Odoo or us and would meet the next one
/// too.
bool concerns_one_document(Failure failure) {
    return failure == Failure::invalid || failure == Failure::rejected;
}

}  // namespace

Result<const contract::Flow*> HostDelivery::find_flow(std::string_view call, std::string_view name) const {
    const auto& flows = lane_.connector.plugin->contract.flows;
    const auto found = flows.find(std::string(name.substr(0, max_name_bytes)));
    if (found != flows.end()) return &found->second;
    std::vector<std::string> names;
    for (const auto& [known, unused] : flows) names.push_back(known);
    return fail(Failure::rejected, std::string(call) + ": the contract declares no flow \"" +
                                       printable(name, max_name_bytes) + "\"" + did_you_mean(name, names));
}

Result<mapping::MappedRecord> HostDelivery::mapped(std::string_view call, std::string_view flow_name,
                                                   std::string_view text) const {
    const auto flow = find_flow(call, flow_name);
    if (!flow) return std::unexpected(flow.error());
    if (!(*flow)->record)
        return fail(Failure::rejected,
                    std::string(call) + ": flow " + (*flow)->name + " declares no [flow." + (*flow)->name + ".record]");
    if (text.size() > max_document_bytes)
        return fail(Failure::rejected, std::string(call) + ": the document is larger than 64 MiB");
    const auto document = json::Document::parse(text);
    if (!document) return fail(Failure::invalid, "the document is no JSON: " + document.error().message);
    auto record = mapping::map_record(**flow, document->root(), lane_.connector.config);
    if (!record) return fail(Failure::invalid, mapping::to_string(record.error()));
    return *std::move(record);
}

Answer HostDelivery::map(std::string_view flow, std::string_view document) {
    if (claim_ == nullptr) return Answer::failed(*refusal("map"));
    const auto record = mapped("map", flow, document);
    if (!record) return Answer::failed(record.error());
    return Answer::ok(mapping::to_json(*record));
}

Answer HostDelivery::write_record(std::string_view flow, const sluice_text* const* documents, std::size_t count) {
    if (const auto refused = refusal("write_record")) return Answer::failed(*refused);
    if (documents == nullptr || count == 0 || count > max_documents)
        return Answer::failed(
            {Failure::rejected, "write_record: takes 1 to " + std::to_string(max_documents) + " documents"});
    json::Writer writer;
    std::optional<Error> first_failure;
    bool go_on = true;
    if (count > 1) writer.begin_array();
    for (std::size_t index = 0; index < count; ++index) {
        Result<odoo::Written> written = fail(Failure::retry, "not tried");
        if (go_on) {
            const auto document = documents[index] == nullptr ? std::string_view{} : to_view(*documents[index]);
            const auto record = mapped("write_record", flow, document);
            written = record ? lane_.odoo.write(calls_, state_, *record) : std::unexpected(record.error());
            if (written) done_.push_back(written->detail);
            if (!written && !first_failure) {
                first_failure = written.error();
                if (count > 1)
                    first_failure->message = "document " + std::to_string(index + 1) + " of " + std::to_string(count) +
                                             ": " + first_failure->message;
            }
            go_on = written || concerns_one_document(written.error().failure);
        }
        write_verdict(writer, written);
    }
    if (count > 1) writer.end_array();
    Answer answer = first_failure ? Answer::failed(*first_failure) : Answer{};
    answer.body = writer.take();
    return answer;
}

}  // namespace sluice::host
