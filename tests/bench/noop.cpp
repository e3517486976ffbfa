// A plugin that does nothing: what is left is what Sluice itself costs.

#include <sluice/plugin.hpp>

namespace {

class Noop : public sluice::Connector {
public:
    using Connector::Connector;
    void handle(const sluice::Event&, sluice::Delivery&) override {}
};

}  // namespace

SLUICE_PLUGIN(Noop);
