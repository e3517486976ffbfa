// A connector that takes batches: each event's topic says how it ends.

#include <sluice/plugin.hpp>
#include <stdexcept>
#include <string>

namespace {

class Batches : public sluice::BatchConnector {
public:
    using BatchConnector::BatchConnector;

    void handle(const sluice::Event&, sluice::Delivery& delivery) override { delivery.explain("alone"); }

    void handle_batch(sluice::Batch& batch) override {
        if (batch.front().event().topic == "together") return sluice::write_records(batch, "partner");
        std::string thrown;
        for (auto& item : batch) {
            const std::string topic(item.event().topic);
            if (topic == "write") {
                item.run([&] { item.delivery().write_record(item.event().flow, item.event().payload); });
            } else if (topic == "boom") {
                item.run([] { throw std::runtime_error("boom"); });
            } else if (topic == "refused") {
                item.fail(sluice::Rejected("the vendor does not want it"));
            } else if (topic == "refused-then-fine") {
                item.fail(sluice::Rejected("the vendor does not want it"));
                item.run([] {});
            } else if (topic != "fine") {
                thrown = topic;
            }
        }
        if (thrown == "throttled") throw sluice::RateLimited("slow down", 5'000);
        if (thrown == "odd") throw 7;
    }
};

}  // namespace

SLUICE_PLUGIN(Batches);
