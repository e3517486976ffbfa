#include "core/contract/trigger_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/as.hpp"
#include "core/contract/config_reference.hpp"
#include "core/contract/duration_reader.hpp"
#include "core/contract/field_parser.hpp"
#include "core/json/json.hpp"
#include "core/schedule/cron.hpp"

namespace sluice::contract {
namespace {

Signature read_signature(const toml::Node& node, const std::string& path,
                         const std::map<std::string, ConfigKey>& config, toml::Problems& problems) {
    Signature signature;
    toml::TableReader reader(node, path, problems);
    reader.need("scheme", "\"hmac-sha256-base64\"");
    reader.one_of("scheme", {"hmac-sha256-base64"});
    reader.need("header", "the name of the header that carries it");
    signature.header = reader.filled_text("header").value_or("");
    reader.need("secret", "a configuration key of type `secret`");
    if (const auto secret = reader.text("secret")) {
        const std::string wrong = secret_problem(*secret, config);
        if (!wrong.empty()) reader.problem(*reader.any("secret"), wrong);
        signature.secret = *secret;
    }
    reader.finish();
    return signature;
}

}  // namespace

WebhookTrigger parse_webhook(const toml::Node& node, const std::string& flow,
                             const std::map<std::string, ConfigKey>& config, std::map<std::string, std::string>& topics,
                             toml::Problems& problems) {
    WebhookTrigger webhook;
    toml::TableReader reader(node, "flow." + flow + ".webhook", problems);
    reader.need("topics", "the topics that start the flow");
    for (const toml::Node* topic : reader.texts("topics")) {
        const auto [taken, fresh] = topics.emplace(topic->text, flow);
        if (!fresh)
            reader.problem(*topic,
                           fmt::format("the topic `{}` starts the flow `{}` already", topic->text, taken->second));
        webhook.topics.push_back(topic->text);
    }
    const TemplatePlace place{.config = config, .inside_lines = false, .headers = true};
    reader.need("topic", "a template, like \"{header:X-Topic}\"");
    webhook.topic = read_template(reader, "topic", place);
    reader.need("event_id", "a template that is the same for every repeat of one event");
    webhook.event_id = read_template(reader, "event_id", place);
    webhook.revision_tie = read_template(reader, "revision_tie", place);
    reader.need("record", "the JSON Pointer of the record's own id");
    webhook.record = read_pointer(reader, "record", false);
    if (const toml::Node* signature = reader.table("signature"))
        webhook.signature = read_signature(*signature, reader.path() + ".signature", config, problems);
    reader.finish();
    return webhook;
}

namespace {

/// The names of Odoo fields under `key`.
std::vector<std::string> read_field_names(toml::TableReader& reader, std::string_view key) {
    std::vector<std::string> names;
    for (const toml::Node* node : reader.texts(key)) {
        if (!is_odoo_name(node->text, false))
            reader.problem(*node, fmt::format("`{}` is no name of an Odoo field", node->text));
        names.push_back(node->text);
    }
    return names;
}

/// Writes a domain as JSON, in which the text "{config:KEY}" is left for the connector's value.
class DomainWriter {
public:
    DomainWriter(const std::map<std::string, ConfigKey>& config, toml::TableReader& reader)
        : config_(config), reader_(reader) {}

    std::string write(const toml::Node& domain) {
        out_.begin_array();
        for (const toml::Node& term : domain.elements) {
            if (term.kind == toml::Kind::text) {
                static const std::vector<std::string> operators{"&", "|", "!"};
                if (std::ranges::find(operators, term.text) == operators.end())
                    reader_.problem(
                        term, fmt::format("`{}` is no operator of a domain: {}", term.text, list_names(operators)));
                out_.string(term.text);
            } else if (term.kind == toml::Kind::array && term.elements.size() == 3 &&
                       term.elements[0].kind == toml::Kind::text && term.elements[1].kind == toml::Kind::text) {
                value(term);
            } else {
                reader_.problem(term,
                                "a term of a domain is [field, operator, value], like [\"state\", \"=\", \"done\"]");
                out_.null();
            }
        }
        return out_.end_array().take();
    }

private:
    void value(const toml::Node& node) {
        switch (node.kind) {
            case toml::Kind::text:
                check_config(node);
                out_.string(node.text);
                break;
            case toml::Kind::integer:
                out_.integer(node.integer);
                break;
            case toml::Kind::boolean:
                out_.boolean(node.boolean);
                break;
            case toml::Kind::array:
                out_.begin_array();
                for (const toml::Node& element : node.elements) value(element);
                out_.end_array();
                break;
            default:
                reader_.problem(node, fmt::format("a value of a domain must be a string, an integer, a boolean or an "
                                                  "array of them; found {}",
                                                  toml::to_string(node.kind)));
                out_.null();
        }
    }
    void check_config(const toml::Node& node) {
        if (!node.text.starts_with("{config:")) return;
        const auto key = config_reference(node.text);
        const std::string wrong = key ? config_problem(*key, config_) : "`}` is missing";
        if (!wrong.empty()) reader_.problem(node, fmt::format("`{}`: {}", node.text, wrong));
    }

    const std::map<std::string, ConfigKey>& config_;
    toml::TableReader& reader_;
    json::Writer out_;
};

}  // namespace

std::string read_domain(const toml::Node& domain, const std::map<std::string, ConfigKey>& config,
                        toml::TableReader& reader) {
    return DomainWriter(config, reader).write(domain);
}

OdooChangeTrigger parse_odoo_change(const toml::Node& node, const std::string& flow,
                                    const std::map<std::string, ConfigKey>& config, toml::Problems& problems) {
    OdooChangeTrigger trigger;
    toml::TableReader reader(node, "flow." + flow + ".odoo_change", problems);
    trigger.model = read_model(reader, "model");
    if (const toml::Node* domain = reader.array("domain")) trigger.domain = read_domain(*domain, config, reader);
    reader.need("fields", "the fields whose change counts");
    trigger.fields = read_field_names(reader, "fields");
    trigger.optional_fields = read_field_names(reader, "optional_fields");
    if (const toml::Node* links = reader.table("links"))
        for (const toml::Member& link : links->members) {
            if (!is_odoo_name(link.key, false))
                problems.add(link.place, fmt::format("`{}` is no name of an Odoo field", link.key));
            if (expect_kind(link.value, toml::Kind::text, "the model of a link", problems)) {
                if (!is_odoo_name(link.value.text, true))
                    reader.problem(link.value, fmt::format("`{}` is no name of an Odoo model", link.value.text));
                trigger.links.emplace_back(link.key, link.value.text);
            }
        }
    trigger.only_linked = reader.boolean("only_linked", false);
    if (trigger.only_linked && trigger.links.empty())
        reader.problem("only_linked", "`only_linked` passes over records without their `links`, and there are none");
    trigger.from_the_beginning = reader.one_of("start", {"now", "everything"}) == 1U;
    trigger.every_ms = read_duration(reader, "every").value_or(trigger.every_ms);
    trigger.overlap_ms = read_duration(reader, "overlap").value_or(trigger.overlap_ms);
    trigger.sweep_ms = read_duration(reader, "sweep").value_or(trigger.sweep_ms);
    reader.finish();
    return trigger;
}

ScheduleTrigger parse_schedule(const toml::Node& node, const std::string& path, toml::Problems& problems) {
    ScheduleTrigger trigger;
    toml::TableReader reader(node, path, problems);
    trigger.cron = reader.text("cron").value_or("");
    trigger.every_ms = read_duration(reader, "every").value_or(0);
    trigger.zone = reader.text("zone").value_or(trigger.zone);
    if (reader.has("cron") == reader.has("every"))
        reader.problem(node,
                       fmt::format("`{}` needs either `cron` (\"0 6 * * MON\") or `every` (\"15m\")", reader.path()));
    if (reader.has("zone") && !reader.has("cron")) reader.problem("zone", "`zone` goes with `cron`");
    if (!trigger.cron.empty())
        if (const auto cron = schedule::Cron::parse(trigger.cron, trigger.zone); !cron)
            reader.problem(*reader.any("cron"), cron.error());
    trigger.skips_missed = reader.one_of("missed", {"once", "skip"}) == 1U;
    reader.finish();
    return trigger;
}

}  // namespace sluice::contract
