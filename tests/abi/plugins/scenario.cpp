// A connector whose events say what it does: the topic is the scenario. What it saw it explains, so that a test reads
// it in the verdict.

#include <sluice/plugin.hpp>
#include <stdexcept>
#include <string>

namespace {

class Scenario : public sluice::Connector {
public:
    explicit Scenario(const sluice::Setup& setup) : Connector(setup) {
        setup.log(sluice::LogLevel::debug, "made");
        if (configuration().find("\"refuse\"") != std::string::npos) throw sluice::Auth("mode is refuse");
        if (configuration().find("\"throw\"") != std::string::npos) throw std::runtime_error("mode is throw");
    }

    void handle(const sluice::Event& event, sluice::Delivery& delivery) override {
        const std::string topic(event.topic);
        if (topic == "configuration") {
            delivery.explain(configuration());
        } else if (topic == "event") {
            delivery.explain(std::string(event.event_id) + "|" + std::string(event.flow) + "|" +
                             std::string(event.ordering_key) + "|" + std::string(event.revision) + "|" +
                             std::string(event.record) + "|" + std::string(event.headers) + "|" +
                             std::to_string(event.attempt) + "|" + (event.attempt_unknown ? "unknown" : "known") + "|" +
                             std::to_string(event.deadline_ms - delivery.now_ms()));
        } else if (topic == "write") {
            delivery.write_record("partner", event.payload);
        } else if (topic == "write-three") {
            const std::string_view documents[] = {event.payload, "{\"id\":2}", event.payload};
            try {
                delivery.write_records("partner", documents);
            } catch (const sluice::Invalid& failure) {
                delivery.explain(failure.details().body + " " + failure.what());
            }
        } else if (topic == "map") {
            delivery.explain(delivery.map("partner", event.payload));
        } else if (topic == "map-outward") {
            delivery.explain(delivery.map("outward", event.payload));
        } else if (topic == "map-unmapped") {
            delivery.map("note", event.payload);
        } else if (topic == "map-unknown") {
            delivery.map("partnr", event.payload);
        } else if (topic == "odoo") {
            delivery.explain(delivery.odoo("res.partner", "write", event.payload));
        } else if (topic == "odoo-twice") {
            delivery.odoo("res.partner", "write", event.payload);
            delivery.odoo("res.partner", "write", event.payload);
        } else if (topic == "http" || topic == "http-plain") {
            const auto url = topic == "http" ? "https://api.example.com/parcels?key=hidden" : "http://api.example.com/";
            const auto reply =
                delivery.http("courier").post(url, event.payload).header("X-Step", "book \"1\"").timeout(700).send();
            delivery.explain(std::to_string(reply.status) + " " + reply.headers + " " + reply.body);
        } else if (topic == "http-get") {
            delivery.http().get("https://api.example.com").send();
        } else if (topic == "http-picture") {
            delivery.http("courier").get("https://api.example.com").send();
            delivery.http().get("https://pictures.example.com").send();
        } else if (topic == "http-after-picture") {
            delivery.http().get("https://pictures.example.com").send();
            delivery.http("courier").get("https://api.example.com").send();
        } else if (topic == "http-caught") {
            try {
                delivery.http().get("https://api.example.com").send();
            } catch (const sluice::HandlingFailure& failure) {
                delivery.explain(std::to_string(failure.status()) + " " +
                                 std::to_string(failure.details().http_status) + " " + failure.details().body);
            }
        } else if (topic == "http-throttled") {
            delivery.http().get("https://api.example.com").send();
            throw sluice::RateLimited("its answer says so", 5'000);
        } else if (topic == "http-credential") {
            delivery.http("curier").get("https://api.example.com").send();
        } else if (topic == "effect-key") {
            delivery.explain(delivery.effect_key("book") + " " + delivery.effect_key("ship", 20));
        } else if (topic == "effect-key-short") {
            delivery.effect_key("book", 4);
        } else if (topic == "state") {
            const auto before = delivery.state("cursor");
            delivery.put_state("cursor", event.payload);
            delivery.explain(before + " -> " + delivery.state("cursor"));
        } else if (topic == "state-reserved") {
            delivery.put_state("id/partner_1", "7");
        } else if (topic == "state-then-fail") {
            delivery.put_state("cursor", event.payload);
            throw sluice::Retry("not yet");
        } else if (topic == "emit") {
            delivery.emit("note", {.flow = "note", .topic = "made", .ordering_key = "k1", .payload = event.payload});
        } else if (topic == "emit-twice") {
            for (int count = 0; count < 2; ++count)
                delivery.emit("note", {.flow = "note", .ordering_key = "k1", .payload = event.payload});
        } else if (topic == "emit-no-json") {
            delivery.emit("note", {.flow = "note", .ordering_key = "k1", .payload = "{"});
        } else if (topic == "emit-keyed") {
            delivery.emit("note", {.flow = "note", .ordering_key = event.payload, .payload = "{}"});
        } else if (topic == SLUICE_RECONCILE) {
            delivery.list_page(event.payload, "/documents", "page 2");
        } else if (topic == "list-unasked") {
            delivery.list_page("[]", "", "");
        } else if (topic == "throw-std") {
            throw std::runtime_error("boom");
        } else if (topic == "throw-int") {
            throw 7;
        } else if (topic == "throw-rate") {
            throw sluice::RateLimited("slow down", 5'000);
        } else if (topic == "throw-auth") {
            throw sluice::Auth("key revoked");
        } else if (topic == "throw-cancelled") {
            throw sluice::Cancelled("asked to stop");
        } else if (topic == "throw-unheard-of") {
            throw sluice::HandlingFailure({.status = 277, .message = "a code of tomorrow"});
        } else if (topic == "stopping") {
            delivery.odoo("res.partner", "write", event.payload);
            delivery.explain(delivery.stopping() ? "stopping" : "working");
            if (delivery.stopping()) delivery.odoo("res.partner", "write", event.payload);
        }
    }
};

}  // namespace

SLUICE_PLUGIN(Scenario);
