// Any flow over any document: the rules of a flow f, a line "---", and the document. The outcome is the same twice, and
// a broken rule points into the document.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"

namespace {

constexpr std::string_view head = R"([contract]
name = "fuzz"
version = "1.0.0"
[config.place]
default = "here"
[config.policy]
default = "skip"
choices = ["reject", "skip"]
[config.many]
default = "first"
choices = ["reject", "first"]
[flow.f]
ordering_key = "/id"
)";
constexpr std::string_view separator = "\n---\n";

using namespace sluice;

void expect(bool holds) {
    if (!holds) std::abort();
}

std::string outcome(const contract::Flow& flow, const json::Value& document, const mapping::Config& config) {
    std::vector<mapping::Broken> broken;
    std::string text;
    if (flow.document) {
        auto written = mapping::map_document(flow, document, config);
        if (written) {
            expect(json::Document::parse(*written).has_value());
            text += *written;
        } else {
            broken = std::move(written.error());
            expect(!broken.empty());
        }
    } else {
        auto record = mapping::map_record(flow, document, config);
        if (record) {
            const std::string written = mapping::to_json(*record);
            expect(json::Document::parse(written).has_value());
            for (const auto& field : record->fields) text += field.pointer.text();
            text += written;
        } else {
            broken = std::move(record.error());
            expect(!broken.empty());
        }
    }
    for (const auto& one : broken) {
        expect(one.pointer.empty() || one.pointer.front() == '/');
        expect(!one.message.empty());
    }
    return broken.empty() ? text : mapping::to_string(broken);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = bytes.find(separator);
    if (end == std::string_view::npos) return 0;
    const auto document = json::Document::parse(bytes.substr(end + separator.size()));
    if (!document) return 0;
    const auto contract =
        contract::parse_contract(std::string(head).append(bytes.substr(0, end)), "fuzz.contract.toml");
    if (!contract) return 0;
    const contract::Flow& flow = contract->flows.at("f");
    const mapping::Config config{{"place", "here"}, {"policy", "skip"}, {"many", "first"}};
    expect(outcome(flow, document->root(), config) == outcome(flow, document->root(), config));
    return 0;
}
