// A connector that is done with every event at once: what a test looks at is how the events came here.

#include <sluice/plugin.hpp>

namespace {

class Bus : public sluice::Connector {
public:
    explicit Bus(const sluice::Setup& setup) : Connector(setup) {}
    void handle(const sluice::Event&, sluice::Delivery& delivery) override { delivery.explain("seen"); }
};

}  // namespace

SLUICE_PLUGIN(Bus);
