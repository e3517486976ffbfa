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

namespace {

Result<json::Document> parsed(std::string_view call, std::string_view text) {
    if (text.size() > max_document_bytes)
        return fail(Failure::rejected, std::string(call) + ": the document is larger than 64 MiB");
    auto document = json::Document::parse(text);
    if (!document) return fail(Failure::invalid, "the document is no JSON: " + document.error().message);
    return document;
}

}  // namespace

Result<mapping::MappedRecord> HostDelivery::mapped(std::string_view call, std::string_view flow_name,
                                                   std::string_view text) const {
    const auto flow = find_flow(call, flow_name);
    if (!flow) return std::unexpected(flow.error());
    if (!(*flow)->record)
        return fail(Failure::rejected,
                    std::string(call) + ": flow " + (*flow)->name + " declares no [flow." + (*flow)->name + ".record]");
    const auto document = parsed(call, text);
    if (!document) return std::unexpected(document.error());
    auto record = mapping::map_record(**flow, document->root(), lane_.connector.config, lane_.connector.plugin->hooks);
    if (!record) return fail(Failure::invalid, mapping::to_string(record.error()));
    return *std::move(record);
}

Answer HostDelivery::map(std::string_view flow, std::string_view document) {
    if (claim_ == nullptr) return Answer::failed(*refusal("map"));
    const auto rules = find_flow("map", flow);
    if (!rules) return Answer::failed(rules.error());
    if ((*rules)->document) {
        const auto change = parsed("map", document);
        if (!change) return Answer::failed(change.error());
        const auto written =
            mapping::map_document(**rules, change->root(), lane_.connector.config, lane_.connector.plugin->hooks);
        if (!written) return Answer::failed(Error{Failure::invalid, mapping::to_string(written.error())});
        return Answer::ok(*written);
    }
    const auto record = mapped("map", flow, document);
    if (!record) return Answer::failed(record.error());
    return Answer::ok(mapping::to_json(*record));
}

/// All of one lane. What is no record of the flow is not written and keeps nothing from the others.
std::vector<Result<odoo::Written>> HostDelivery::write_documents(std::string_view flow,
                                                                 const std::vector<Document>& documents) {
    std::vector<Result<odoo::Written>> out(documents.size(), fail(Failure::retry, "not tried"));
    std::vector<Result<mapping::MappedRecord>> records;
    for (const auto& document : documents) {
        auto& delivery = *document.delivery;
        auto record = delivery.mapped("write_record", flow, document.text);
        if (record) {
            record = delivery.lane_.odoo.in_its_names(*record);
            // It may have asked Odoo for its version, which changes nothing there and may find nobody.
            delivery.lost_odoo_ = !record && record.error().disconnected;
            delivery.lost_http_.reset();
            delivery.external_answered_ = false;
        }
        records.push_back(std::move(record));
    }
    std::vector<std::size_t> places;
    std::vector<odoo::RecordWriter::Write> writes;
    std::vector<HostDelivery*> deliveries;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        if (!records[i]) {
            out[i] = std::unexpected(records[i].error());
            continue;
        }
        auto* const delivery = documents[i].delivery;
        places.push_back(i);
        writes.push_back({.record = &*records[i], .memory = &delivery->state_});
        if (deliveries.empty() || deliveries.back() != delivery) deliveries.push_back(delivery);
    }
    if (writes.empty()) return out;
    Calls calls(deliveries);
    auto& odoo = deliveries.front()->lane_.odoo;
    auto written = writes.size() == 1 ? std::vector{odoo.write(calls, *writes.front().memory, *writes.front().record)}
                                      : odoo.write_all(calls, writes);
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (written[i]) documents[places[i]].delivery->done_.push_back(written[i]->detail);
        out[places[i]] = std::move(written[i]);
    }
    return out;
}

Answer HostDelivery::write_record(std::string_view flow, const sluice_text* const* documents, std::size_t count) {
    if (const auto refused = refusal("write_record")) return Answer::failed(*refused);
    if (documents == nullptr || count == 0 || count > max_documents)
        return Answer::failed(
            {Failure::rejected, "write_record: takes 1 to " + std::to_string(max_documents) + " documents"});
    std::vector<Document> all;
    for (std::size_t i = 0; i < count; ++i)
        all.push_back(
            {.delivery = this, .text = documents[i] == nullptr ? std::string_view{} : to_view(*documents[i])});
    json::Writer writer;
    std::optional<Error> first_failure;
    if (count > 1) writer.begin_array();
    std::size_t number = 0;
    for (const auto& written : write_documents(flow, all)) {
        ++number;
        write_verdict(writer, written);
        if (written || first_failure) continue;
        first_failure = written.error();
        if (count > 1)
            first_failure->message =
                "document " + std::to_string(number) + " of " + std::to_string(count) + ": " + first_failure->message;
    }
    if (count > 1) writer.end_array();
    Answer answer = first_failure ? Answer::failed(*first_failure) : Answer{};
    answer.body = writer.take();
    return answer;
}

std::vector<Answer> HostDelivery::write_batch(std::string_view flow, const std::vector<HostDelivery*>& deliveries,
                                              const std::vector<std::string_view>& documents) {
    std::vector<Answer> out(deliveries.size());
    std::vector<std::size_t> places;
    std::vector<Document> all;
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
        if (const auto refused = deliveries[i]->refusal("write_batch")) {
            out[i] = Answer::failed(*refused);
            continue;
        }
        places.push_back(i);
        all.push_back({.delivery = deliveries[i], .text = documents[i]});
    }
    const auto written = write_documents(flow, all);
    for (std::size_t i = 0; i < places.size(); ++i) {
        json::Writer writer;
        write_verdict(writer, written[i]);
        auto& answer = out[places[i]];
        if (!written[i]) answer = Answer::failed(written[i].error());
        answer.body = writer.take();
    }
    return out;
}

}  // namespace sluice::host
