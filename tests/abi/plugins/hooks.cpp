// A connector whose contract names hooks: one that computes, one that fails in every way there is.

#include <sluice/plugin.hpp>
#include <stdexcept>
#include <string>

namespace {

std::string joined(std::string_view arguments) {
    return arguments == "[null,null]" ? "" : "of " + std::string(arguments);
}

std::string odd(std::string_view arguments) {
    if (arguments == R"(["throw"])") throw std::runtime_error("no comment is good enough");
    if (arguments == R"(["refuse"])") throw sluice::Rejected("it is refused");
    if (arguments == R"(["seven"])") throw 7;
    if (arguments == R"(["bytes"])") return "\xff";
    return "";
}

class Hooks : public sluice::Connector {
public:
    using Connector::Connector;
    static constexpr sluice::MappingHook mapping_hooks[] = {{"joined", joined}, {"odd", odd}};

    void handle(const sluice::Event& event, sluice::Delivery& delivery) override {
        delivery.explain(delivery.map(event.flow, event.payload));
    }
};

}  // namespace

SLUICE_PLUGIN(Hooks);
