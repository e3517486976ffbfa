#include "core/review/page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "core/review/page_words.hpp"
#include "core/toml/text.hpp"

namespace sluice::review {
namespace {

using contract::node_at;

std::string joined(const std::vector<std::string>& parts, std::string_view by) {
    return fmt::format("{}", fmt::join(parts, by));
}

std::string text_at(const toml::Node& table, std::string_view key) {
    const toml::Node* node = node_at(table, {key});
    return node == nullptr ? std::string() : node->text;
}

bool is_true(const toml::Node& table, std::string_view key) {
    const toml::Node* node = node_at(table, {key});
    return node != nullptr && node->boolean;
}

class PageMaker {
public:
    explicit PageMaker(const contract::ContractText& text) : text_(text), contract_(text.contract) {}

    Page make() {
        system_ = contract_.external_system.empty() ? contract_.name : contract_.external_system;
        heading(1, fmt::format("Contract: Odoo and {}", system_));
        paragraph(
            fmt::format("Contract {}, version {}{}. The program that moves the records executes the text this page "
                        "was made from: what is written here is what happens.",
                        code(contract_.name), code(contract_.version),
                        contract_.api_version.empty() ? "" : ", for API version " + code(contract_.api_version)));
        overview();
        for (const auto& [name, flow] : contract_.flows) one_flow(flow);
        configuration();
        external_system();
        versions();
        signatures();
        return std::move(page_);
    }

private:
    using Rows = std::vector<std::vector<std::string>>;

    void heading(int level, std::string text) { page_.push_back({Block::Kind::heading, level, std::move(text), {}}); }
    void paragraph(std::string text) { page_.push_back({Block::Kind::paragraph, 0, std::move(text), {}}); }
    void table(Rows rows) { page_.push_back({Block::Kind::table, 0, "", std::move(rows)}); }

    std::string direction(const contract::Flow& flow) const {
        if (flow.document) return fmt::format("Odoo → {}", system_);
        if (flow.webhook || flow.queue || flow.record) return fmt::format("{} → Odoo", system_);
        if (flow.odoo_change) return fmt::format("Odoo → {}", system_);
        return fmt::format("between Odoo and {}", system_);
    }

    static std::string owner(const contract::Flow& flow) {
        return flow.error_owner.empty() ? "nobody is named" : flow.error_owner;
    }

    void overview() {
        heading(2, "What flows");
        Rows rows{{"Flow", "Direction", "Started by", "What it does", "Owner of errors"}};
        for (const auto& [name, flow] : contract_.flows)
            rows.push_back({code(name), direction(flow), joined(trigger_words(flow), "; "), flow.help, owner(flow)});
        table(std::move(rows));
    }

    void one_flow(const contract::Flow& flow) {
        heading(2, fmt::format("Flow {}", code(flow.name)));
        if (!flow.help.empty()) paragraph(flow.help);
        const toml::Node* node = node_at(text_.tree, {"flow", flow.name});
        table(facts(flow, *node));
        if (const toml::Node* document = node_at(*node, {"document"})) {
            heading(3, "What a change becomes");
            return one_document(*document, "");
        }
        if (!flow.record) return paragraph("What a document becomes is decided by the connector's program.");
        heading(3, "What a document becomes");
        one_record(*node_at(*node, {"record"}), "");
        if (const toml::Node* records = node_at(*node, {"records"}))
            for (const toml::Member& named : records->members) one_record(named.value, named.key);
    }

    Rows facts(const contract::Flow& flow, const toml::Node& node) const {
        Rows rows{
            {"Question", "Answer"}, {"Direction", direction(flow)}, {"Trigger", joined(trigger_words(flow), "; ")}};
        triggers(flow, rows);
        if (!flow.needs.empty()) {
            std::vector<std::string> keys;
            for (const auto& key : flow.needs) keys.push_back(code(key));
            rows.push_back({"Runs only with", "the configuration keys " + joined(keys, ", ")});
        }
        std::string order = "one after the other";
        if (!flow.ordering_key.empty())
            order = fmt::format("events with the same {} {}", code(flow.ordering_key), order);
        if (flow.order != flow.name)
            order += fmt::format(", together with other flows of the order {}", code(flow.order));
        rows.push_back({"Order", order});
        if (!flow.revision.empty())
            rows.push_back({"Late documents",
                            fmt::format("one that is older by {} than the last changes nothing", code(flow.revision))});
        if (flow.coalesce_latest) rows.push_back({"Several waiting", "only the newest of one record is delivered"});
        if (flow.batch.max > 1) rows.push_back({"Batches", fmt::format("up to {} at once", flow.batch.max)});
        rows.push_back({"A failure that may pass",
                        fmt::format("tried again up to {} times in all, after {} at first and {} at most",
                                    flow.retry.limit, length_of(flow.retry.base_ms), length_of(flow.retry.cap_ms))});
        if (flow.deadline_ms > 0)
            rows.push_back(
                {"Too late", fmt::format("not delivered {} after its arrival", length_of(flow.deadline_ms))});
        rows.push_back({"An error that stays",
                        fmt::format("the event is kept for a person to decide; later events of the same record {}",
                                    flow.dead_letter_holds_key ? "wait for that" : "go on")});
        rows.push_back({"Owner of errors", owner(flow)});
        if (!flow.odoo_reads.empty()) {
            std::vector<std::string> models;
            for (const auto& model : flow.odoo_reads) models.push_back(code(model));
            rows.push_back({"The program reads also", joined(models, ", ")});
        }
        if (flow.reconcile) rows.push_back({"Reconciliation", joined(reconcile_words(*flow.reconcile), "; ")});
        rows.push_back({"Kept", fmt::format("contents {}, the rest {} after the end",
                                            length_of(flow.retention.payload_ms), length_of(flow.retention.ids_ms))});
        for (const auto& other :
             unsaid(node, {"help",     "error_owner", "needs",       "odoo_reads",  "order",    "ordering_key",
                           "revision", "retry",       "dead_letter", "priority",    "deadline", "coalesce",
                           "batch",    "retention",   "webhook",     "odoo_change", "schedule", "queue",
                           "record",   "records",     "document",    "reconcile"}))
            rows.push_back({"Also", other});
        return rows;
    }

    void triggers(const contract::Flow& flow, Rows& rows) const {
        if (flow.webhook)
            rows.push_back({"Proof of the sender", flow.webhook->signature
                                                       ? fmt::format("a signature (HMAC-SHA256) in the header {}",
                                                                     code(flow.webhook->signature->header))
                                                       : "none"});
        if (flow.webhook || flow.queue) rows.push_back({"Repeats", "known by the event's id and dropped"});
        if (!flow.odoo_change) return;
        std::vector<std::string> fields;
        for (const auto& field : flow.odoo_change->fields) fields.push_back(code(field));
        rows.push_back({"Watched", joined(fields, ", ")});
        if (flow.odoo_change->domain != "[]") rows.push_back({"Of the records", code(flow.odoo_change->domain)});
        rows.push_back({"What was there before", flow.odoo_change->from_the_beginning ? "counts" : "does not count"});
    }

    void one_record(const toml::Node& record, const std::string& name) {
        heading(4, name.empty() ? fmt::format("Odoo record {}", code(text_at(record, "model")))
                                : fmt::format("Record {}: {}", code(name), code(text_at(record, "model"))));
        paragraph(joined(conduct(record), " "));
        fields(record);
        const toml::Node* lines = node_at(record, {"lines"});
        for (std::size_t i = 0; lines != nullptr && i < lines->elements.size(); ++i) one_lines(lines->elements[i]);
    }

    /// Sentences: how a record is known, found, guarded.
    static std::vector<std::string> conduct(const toml::Node& record) {
        std::vector<std::string> out{fmt::format("Known by the id {}.", code(text_at(record, "external_id")))};
        if (const toml::Node* candidates = node_at(record, {"candidates"}))
            for (const toml::Node& keys : candidates->elements)
                out.push_back(fmt::format("Found also by {}{}.", search_words(keys),
                                          is_true(record, "adopt") ? "; what is found so is this record" : ""));
        if (is_true(record, "create_only")) out.emplace_back("An existing one is used as it is and never changed.");
        if (const toml::Node* present = node_at(record, {"when_present"}))
            out.push_back(fmt::format("Only where {} is there.", code(present->text)));
        if (const toml::Node* differs = node_at(record, {"when_differs"}))
            out.push_back(fmt::format("Only where these differ: {}.", codes(*differs)));
        if (const toml::Node* needed = node_at(record, {"requires"}))
            out.push_back(fmt::format("Refused without {}.", codes(*needed)));
        checks(record, out);
        if (const toml::Node* guard = node_at(record, {"protect"}))
            out.push_back(fmt::format("Not changed any more where {} is one of {}: {}.", code(text_at(*guard, "field")),
                                      node_at(*guard, {"values"}) ? codes(*node_at(*guard, {"values"})) : "",
                                      action(text_at(*guard, "action"))));
        if (const toml::Node* steps = node_at(record, {"transitions"}))
            for (const toml::Node& step : steps->elements)
                out.push_back(fmt::format("Where {} is there, {} is brought to {}; where that is not possible: {}.",
                                          code(text_at(step, "when_present")), code(text_at(step, "field")),
                                          node_at(step, {"done"}) ? codes(*node_at(step, {"done"})) : "",
                                          action(text_at(step, "otherwise"))));
        if (record.find("lines") != nullptr)
            out.push_back(fmt::format("Lines the document no longer has are {} in Odoo.",
                                      text_at(record, "removed") == "keep" ? "kept" : "removed"));
        for (const auto& other : unsaid(
                 record, {"model", "external_id", "candidates", "adopt", "create_only", "when_present", "when_differs",
                          "requires", "checks", "protect", "transitions", "removed", "lines", "fields"}))
            out.push_back(other + ".");
        return out;
    }

    static void checks(const toml::Node& table, std::vector<std::string>& out) {
        const toml::Node* all = node_at(table, {"checks"});
        if (all == nullptr) return;
        std::vector<std::string> rules;
        for (const toml::Node& check : all->elements) rules.push_back(text_at(check, "rule"));
        out.push_back(fmt::format("Refused unless {}.", joined(rules, ", and ")));
    }

    /// The document for the other system, or the lines of one: an array below `target`.
    void one_document(const toml::Node& node, const std::string& target) {
        std::vector<std::string> out;
        if (!target.empty()) {
            heading(4, fmt::format("Array {}, one for each of {}", code(target), code(text_at(node, "each"))));
            line_conditions(node, out);
        }
        if (const toml::Node* needed = node_at(node, {"requires"}))
            out.push_back(fmt::format("Refused without {}.", codes(*needed)));
        checks(node, out);
        for (const auto& other :
             unsaid(node, {"target", "each", "fields", "lines", "skip_when", "only_when", "requires", "checks"}))
            out.push_back(other + ".");
        if (!out.empty()) paragraph(joined(out, " "));
        fields(node, "Sent as");
        if (const toml::Node* lines = node_at(node, {"lines"}))
            for (const toml::Node& each : lines->elements) one_document(each, target + text_at(each, "target"));
    }

    static void line_conditions(const toml::Node& lines, std::vector<std::string>& out) {
        for (const auto& [key, words, between] :
             {std::tuple{"only_when", "Only where", " and "}, std::tuple{"skip_when", "Not where", " or "}}) {
            const toml::Node* table = node_at(lines, {key});
            if (table == nullptr) continue;
            std::vector<std::string> parts;
            for (const toml::Member& member : table->members)
                parts.push_back(fmt::format("{} is {}", code(member.key), code(member.value.text)));
            out.push_back(fmt::format("{} {}.", words, joined(parts, between)));
        }
    }

    static std::string action(const std::string& word) {
        if (word == "reject") return "a person decides";
        if (word == "skip") return "it is left as it is, and that is recorded";
        return "as " + code(word) + " says";
    }

    void one_lines(const toml::Node& lines) {
        heading(4, fmt::format("Lines {} ({}), one for each of {}", code(text_at(lines, "field")),
                               code(text_at(lines, "model")), code(text_at(lines, "each"))));
        std::vector<std::string> out{fmt::format("Known by the id {}.", code(text_at(lines, "external_id")))};
        line_conditions(lines, out);
        if (const toml::Node* zero = node_at(lines, {"skip_when_zero"}))
            out.push_back(fmt::format("Not where {} would be zero.", code(zero->text)));
        for (const auto& other : unsaid(lines, {"field", "model", "parent", "each", "external_id", "fields",
                                                "only_when", "skip_when", "skip_when_zero"}))
            out.push_back(other + ".");
        paragraph(joined(out, " "));
        fields(lines);
    }

    void fields(const toml::Node& record, const std::string& target = "Odoo field") {
        const toml::Node* rules = node_at(record, {"fields"});
        if (rules == nullptr) return;
        Rows rows{{target, "Comes from", "Rule"}};
        for (const toml::Member& rule : rules->members)
            rows.push_back({code(rule.key), source_words(rule.value), demand_words(rule.value)});
        table(std::move(rows));
    }

    void configuration() {
        if (contract_.config.empty()) return;
        heading(2, "Configuration keys");
        static constexpr std::string_view types[] = {"text", "integer", "yes or no", "secret"};
        Rows rows{{"Key", "Type", "Default", "Meaning"}};
        for (const auto& [name, key] : contract_.config) {
            std::string type(types[static_cast<std::size_t>(key.type)]);
            if (!key.choices.empty()) type = joined(key.choices, " or ");
            const auto usual = key.default_value ? (key.default_value->empty() ? "(empty)" : code(*key.default_value))
                               : key.optional    ? std::string("may be left out")
                                                 : std::string("must be given");
            rows.push_back({code(name), std::move(type), usual, key.help});
        }
        table(std::move(rows));
    }

    void external_system() {
        const auto& limits = contract_.limits;
        std::vector<std::string> parts;
        const auto limit = [&parts](const std::optional<std::int64_t>& number, std::string_view of) {
            if (number) parts.push_back(fmt::format("{} {}", *number, of));
        };
        limit(limits.per_second, "calls a second");
        limit(limits.per_minute, "calls a minute");
        limit(limits.per_day, "calls a day");
        limit(limits.concurrent, "calls at one time");
        if (parts.empty() && contract_.credentials.empty()) return;
        heading(2, fmt::format("Calls to {}", system_));
        if (!parts.empty()) paragraph(fmt::format("At most {}.", joined(parts, ", ")));
        for (const auto& [name, credential] : contract_.credentials)
            paragraph(fmt::format("The secret {} goes into the header {}; the connector's program never sees it.",
                                  code(credential.secret), code(credential.header)));
    }

    void versions() {
        heading(2, "How this contract may change");
        const auto& promise = contract_.compatibility;
        if (!promise.help.empty()) paragraph(promise.help);
        const bool early = contract_.version.starts_with("0.");
        const std::string breaking = !early                                                      ? "the first number"
                                     : promise.before_1 == contract::Compatibility::Before1::any ? "any of the numbers"
                                                                                                 : "the second number";
        table({{"Change", "Raises"},
               {"What was right before may not be now: a field, a flow, a key or a promise that is gone or another one",
                breaking},
               {"More is accepted or done, nothing that was right is wrong",
                early ? "the third number" : "the second number"},
               {"Words, and when and how often", "the third number"}});
        if (promise.notice_ms > 0)
            paragraph(
                fmt::format("The first kind is announced {} before it takes effect.", length_of(promise.notice_ms)));
    }

    void signatures() {
        heading(2, "Agreed");
        Rows rows{{fmt::format("For {}", system_)}, {"For Odoo"}};
        for (const auto& [name, flow] : contract_.flows) {
            const std::string role = "Owner of errors: " + flow.error_owner;
            if (!flow.error_owner.empty() && std::ranges::find(rows, std::vector{role}) == rows.end())
                rows.push_back({role});
        }
        page_.push_back({Block::Kind::signatures, 0, "", std::move(rows)});
    }

    const contract::ContractText& text_;
    const contract::Contract& contract_;
    std::string system_;
    Page page_;
};

}  // namespace

Page make_page(const contract::ContractText& text) {
    return PageMaker(text).make();
}

}  // namespace sluice::review
