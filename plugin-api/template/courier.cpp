// A parcel that the warehouse has packed is booked with a courier: once, whatever is repeated or lost on the way. What
// starts it, how it is signed and how often it is tried again is the contract's (courier.contract.toml).

#include <sluice/plugin.hpp>
#include <string>
#include <string_view>

namespace {

/// A text of the configuration, which is a JSON object. Enough for one without escapes, like a URL; a connector that
/// reads more, or looks into documents, brings a JSON library.
std::string text_of(std::string_view configuration, std::string_view key) {
    const std::string before = "\"" + std::string(key) + "\":\"";
    const auto found = configuration.find(before);
    if (found == std::string_view::npos)
        throw sluice::Rejected("the configuration has no text `" + std::string(key) + "`");
    const auto text = configuration.substr(found + before.size());
    const auto end = text.find_first_of("\"\\");
    if (end == std::string_view::npos || text[end] == '\\')
        throw sluice::Rejected("`" + std::string(key) + "` must have no quotes, backslashes or control characters");
    return std::string(text.substr(0, end));
}

class Courier : public sluice::Connector {
public:
    /// What is thrown here pauses the connector, and the operator reads it.
    explicit Courier(const sluice::Setup& setup)
        : Connector(setup), parcels_url_(text_of(setup.configuration(), "api_url") + "/parcels") {}

    void handle(const sluice::Event& event, sluice::Delivery& delivery) override {
        const std::string parcel(event.record);
        const std::string booked_by = "booked-by/" + parcel;
        if (!delivery.state(booked_by).empty()) {
            delivery.explain("parcel " + parcel + " was booked before");
            return;
        }
        // A failure throws, and what leaves handle() is the verdict. Where no answer came the same request goes out
        // again, and its key, the same on every attempt, keeps the courier from booking twice.
        delivery.http("courier")
            .post(parcels_url_, event.payload)
            .header("Idempotency-Key", delivery.effect_key("book"))
            .send();
        delivery.put_state(booked_by, event.event_id);  // commits with the acknowledgement, or not at all
        delivery.explain("booked parcel " + parcel);
    }

private:
    std::string parcels_url_;
};

}  // namespace

SLUICE_PLUGIN(Courier);
