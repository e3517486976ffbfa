#include "host/plugins/capture_run.hpp"

#include <fmt/format.h>

#include <map>

#include "core/odoo/capture.hpp"
#include "host/plugins/limits.hpp"

namespace sluice::host {
namespace {

std::string state_prefix(const contract::Flow& flow) {
    return std::string(DeliveryState::capture_prefix) + flow.name + "/";
}

/// Where an event would be in the order of its flow; "" where the document does not say.
std::string ordering_key_of(const contract::Flow& flow, std::string_view document) {
    const auto parsed = json::Document::parse(document);
    return parsed ? json::identity_at(parsed->root(), flow.ordering_key) : std::string();
}

/// What was seen of each record, as connector state "capture/FLOW/ID": {"n": changes, "h": hash, "k": ordering key}.
/// The id has leading zeros, so that names sort as ids do.
class StateMemory final : public odoo::CaptureMemory {
public:
    StateMemory(const Lane& lane, const contract::Flow& flow) : lane_(lane), flow_(flow) {}

    Result<std::optional<odoo::Seen>> recall(std::int64_t id) override {
        const auto found = entry(id);
        if (!found) return std::unexpected(found.error());
        if ((*found)->value.empty()) return std::nullopt;
        return (*found)->seen;
    }
    void remember(std::int64_t id, const odoo::Seen& seen, std::string_view document) override {
        const auto found = entry(id);
        if (!found) return;  // recall() of the same id has failed before
        Entry& slot = **found;
        slot.seen = seen;
        if (!document.empty()) slot.key = ordering_key_of(flow_, document);
        json::Writer out;
        out.begin_object().key("n").integer(seen.changes).key("h").string(seen.hash).key("k").string(slot.key);
        slot.value = out.end_object().take();
        slot.changed = true;
    }
    Result<std::vector<std::int64_t>> known(std::int64_t after, std::int64_t up_to) override {
        std::vector<std::int64_t> ids;
        const auto last = name_of(up_to);
        for (auto from = name_of(after);;) {
            const auto states = lane_.journal.states(lane_.connector.name, from, last, capture_states_page);
            if (!states) return std::unexpected(states.error());
            for (const auto& state : *states) {
                // Those that are gone stay: a record that comes back goes on with its numbers.
                if (!parse(state.value).seen.hash.empty())
                    ids.push_back(std::stoll(state.name.substr(state_prefix(flow_).size())));
            }
            if (states->size() < static_cast<std::size_t>(capture_states_page)) return ids;
            from = states->back().name;
        }
    }

    /// The ordering key a record had when it was seen last.
    std::string last_key(std::int64_t id) {
        const auto found = entry(id);
        return found ? (*found)->key : std::string();
    }
    std::vector<journal::StatePut> puts() const {
        std::vector<journal::StatePut> out;
        for (const auto& [id, entry] : entries_) {
            if (entry.changed)
                out.push_back({.name = name_of(id), .value = entry.value, .expected_version = entry.version});
        }
        return out;
    }

private:
    struct Entry {
        odoo::Seen seen;
        std::string key, value;
        std::int64_t version = 0;
        bool changed = false;
    };

    std::string name_of(std::int64_t id) const { return fmt::format("{}{:019}", state_prefix(flow_), id); }

    static Entry parse(const std::string& value) {
        Entry out{.value = value};
        const auto document = json::Document::parse(value);
        if (!document) return out;
        const auto changes = document->root().find("n"), hash = document->root().find("h"),
                   key = document->root().find("k");
        out.seen = {.changes = changes ? changes->as_int64().value_or(0) : 0,
                    .hash = hash ? std::string(hash->text()) : ""};
        if (key) out.key = std::string(key->text());
        return out;
    }
    Result<Entry*> entry(std::int64_t id) {
        if (const auto known = entries_.find(id); known != entries_.end()) return &known->second;
        const auto read = lane_.journal.get_state(lane_.connector.name, name_of(id));
        if (!read) return std::unexpected(read.error());
        auto made = parse(read->value);
        made.version = read->version;
        return &entries_.emplace(id, std::move(made)).first->second;
    }

    const Lane& lane_;
    const contract::Flow& flow_;
    std::map<std::int64_t, Entry> entries_;
};

odoo::Watch watch_of(const Connector& connector, const contract::OdooChangeTrigger& trigger) {
    return {.model = trigger.model,
            .domain = domain_of(connector, trigger.domain),
            .fields = trigger.fields,
            .optional_fields = trigger.optional_fields,
            .links = trigger.links,
            .only_linked = trigger.only_linked,
            .connector = connector.name,
            .overlap_ms = trigger.overlap_ms,
            .from_the_beginning = trigger.from_the_beginning};
}

class CaptureRun {
public:
    CaptureRun(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim)
        : lane_(lane),
          flow_(flow),
          claim_(claim),
          watch_(watch_of(lane.connector, *flow.odoo_change)),
          cursor_name_(state_prefix(flow) + "cursor"),
          memory_(lane, flow) {}

    delivery::Verdict run() {
        const auto kept = lane_.journal.get_state(lane_.connector.name, cursor_name_);
        if (!kept) return failed(kept.error());
        auto cursor = kept->value.empty() ? odoo::CaptureCursor() : odoo::CaptureCursor::parse(kept->value);
        if (!cursor) return failed({Failure::rejected, "the state " + cursor_name_ + " is no cursor"});
        const auto before = cursor->to_text();

        const bool sweeping = claim_.event.topic == sweep_topic;
        bool more = true;
        for (int page = 0; more && page < capture_pages; ++page) {
            if (lane_.stopping.load(std::memory_order_relaxed)) return failed({Failure::cancelled, "the host stops"});
            const auto read = sweeping
                                  ? odoo::sweep(lane_.odoo.caller(), watch_, *cursor, memory_)
                                  : odoo::poll(lane_.odoo.caller(), watch_, *cursor, memory_, lane_.clock.now_ms());
            if (!read) return failed(read.error());
            for (const auto& change : read->changes) emit(change);
            more = read->more;
        }
        if (more) emit_continuation();
        delivery::Verdict verdict;
        verdict.outcome = fmt::format("{} changes{}", changes_, more ? ", and more to read" : "");
        verdict.emitted = std::move(emitted_);
        verdict.state = memory_.puts();
        if (cursor->to_text() != before)
            verdict.state.push_back(
                {.name = cursor_name_, .value = cursor->to_text(), .expected_version = kept->version});
        if (sweeping && !more)
            verdict.state.push_back({.name = last_sweep_state(flow_.name),
                                     .value = std::to_string(claim_.event.occurred_at_ms),
                                     .expected_version = journal::StatePut::any_version});
        return verdict;
    }

private:
    void emit(const odoo::Change& change) {
        ++changes_;
        journal::NewEvent event{
            .connector = lane_.connector.name,
            .event_id = fmt::format("{}:{}:{}:{}", change_topic, flow_.name, change.id, change.number),
            .flow = flow_.name,
            .order = flow_.order,
            .topic = std::string(change_topic),
            .record = fmt::format("{},{}", watch_.model, change.id),
            .payload = change.document,
            .headers = "{}",
            .occurred_at_ms = lane_.clock.now_ms(),
            .coalesce = flow_.coalesce_latest};
        event.ordering_key = change.gone ? memory_.last_key(change.id) : ordering_key_of(flow_, change.document);
        if (event.ordering_key.empty()) {
            event.dead_letter_reason = fmt::format("the ordering key of flow `{}` should be at {}, and there is none",
                                                   flow_.name, flow_.ordering_key);
            event.ordering_key = event.event_id;  // nobody's: it holds up nothing
        }
        emitted_.push_back(std::move(event));
    }

    /// {"root": the first event's id, "part": 2}: the id of each part is the root's and its number.
    void emit_continuation() {
        std::string root = claim_.event.event_id;
        std::int64_t part = 1;
        if (const auto payload = json::Document::parse(claim_.payload)) {
            const auto said = payload->root().find("root"), number = payload->root().find("part");
            if (said && number) {
                root = std::string(said->text());
                part = number->as_int64().value_or(1);
            }
        }
        ++part;
        json::Writer payload;
        payload.begin_object().key("root").string(root).key("part").integer(part).end_object();
        emitted_.push_back({.connector = lane_.connector.name,
                            .event_id = fmt::format("{}#{}", root, part),
                            .flow = flow_.name,
                            .order = std::string(capture_order),
                            .ordering_key = flow_.name,
                            .topic = claim_.event.topic,
                            .payload = payload.take(),
                            .headers = "{}",
                            .occurred_at_ms = lane_.clock.now_ms()});
    }

    delivery::Verdict failed(Error error) const { return failed_on_odoo(lane_, std::move(error)); }

    const Lane& lane_;
    const contract::Flow& flow_;
    const journal::Claim& claim_;
    const odoo::Watch watch_;
    const std::string cursor_name_;
    StateMemory memory_;
    std::vector<journal::NewEvent> emitted_;
    int changes_ = 0;
};

}  // namespace

delivery::Verdict failed_on_odoo(const Lane& lane, Error error) {
    delivery::Verdict verdict;
    const bool in_doubt = error.failure == Failure::retry || error.failure == Failure::unknown;
    if (error.disconnected && in_doubt) verdict.outage = !lane.odoo.probe() && !lane.stopping.load();
    verdict.error = std::move(error);
    return verdict;
}

std::string domain_of(const Connector& connector, std::string domain) {
    for (const auto& [key, value] : connector.config) {
        const auto place = json::quote("{config:" + key + "}");
        const auto declared = connector.plugin->contract.config.find(key);
        const bool is_text = declared == connector.plugin->contract.config.end() ||
                             declared->second.type == contract::ConfigKey::Type::text;
        const auto with = is_text ? json::quote(value) : value;
        for (auto at = domain.find(place); at != std::string::npos; at = domain.find(place, at + with.size()))
            domain.replace(at, place.size(), with);
    }
    return domain;
}

std::string last_sweep_state(std::string_view flow) {
    return fmt::format("{}{}/swept", DeliveryState::capture_prefix, flow);
}

bool is_capture(const journal::EventSummary& event) {
    return event.order == capture_order && (event.topic == poll_topic || event.topic == sweep_topic);
}

delivery::Verdict run_capture(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim) {
    return CaptureRun(lane, flow, claim).run();
}

}  // namespace sluice::host
