// Shopify's side of the journeys between a shop and Odoo. What becomes of which field is the contract's
// (contracts/shopify/shopify.contract.toml); here is only what a table cannot say.

#include <sluice/plugin.hpp>
#include <string>

#include "fulfilment.hpp"
#include "inventory.hpp"
#include "listing.hpp"
#include "settings.hpp"

namespace {

class Shopify : public sluice::BatchConnector {
public:
    explicit Shopify(const sluice::Setup& setup)
        : BatchConnector(setup), settings_(shopify::Settings::parse(configuration())) {}

    void handle(const sluice::Event& event, sluice::Delivery& delivery) override {
        if (event.flow == "order" && event.topic == SLUICE_RECONCILE) {
            shopify::list_orders(event, delivery, settings_);
        } else if (event.flow == "order") {
            // Every topic carries the whole order, and Shopify may deliver them in any order or only one of them: each
            // is an upsert, and the contract's revision (updated_at) keeps a late one from undoing a newer one.
            delivery.write_record("order", event.payload);
        } else if (event.flow == "fulfilment") {
            shopify::send_fulfilment(event, delivery, settings_);
        } else if (event.flow == "stock") {
            shopify::send_stock_level(event, delivery, settings_);
        } else {
            throw sluice::Rejected("this plugin has no flow \"" + std::string(event.flow) + "\"");
        }
    }

    void handle_batch(sluice::Batch& batch) override {
        if (batch.front().event().flow == "order") return sluice::write_records(batch, "order");
        for (auto& item : batch) item.run([&] { handle(item.event(), item.delivery()); });
    }

private:
    shopify::Settings settings_;
};

}  // namespace

SLUICE_PLUGIN(Shopify);
