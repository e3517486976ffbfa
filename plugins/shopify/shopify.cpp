// Shopify's side of the journey "a shop's order becomes a quotation". What becomes of which field is the contract's
// (contracts/shopify/shopify.contract.toml); here is only what a table cannot say.

#include <sluice/plugin.hpp>
#include <string>

namespace {

class Shopify : public sluice::Connector {
public:
    using Connector::Connector;

    void handle(const sluice::Event& event, sluice::Delivery& delivery) override {
        if (event.flow != "order")
            throw sluice::Rejected("this plugin has no flow \"" + std::string(event.flow) + "\"");
        // Both topics carry the whole order, and Shopify may deliver them in any order or only one of them: each is an
        // upsert, and the contract's revision (updated_at) keeps a late one from undoing a newer one.
        if (event.topic != "orders/create" && event.topic != "orders/updated")
            throw sluice::Rejected("topic \"" + std::string(event.topic) +
                                   "\" carries no order; flow order takes orders/create and orders/updated");
        delivery.write_record("order", event.payload);
    }
};

}  // namespace

SLUICE_PLUGIN(Shopify);
