// Any bytes as JSON: what is taken is what simdjson's own parser takes, and every value of it can be read and found.

#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/json/json.hpp"
#include "core/json/splice.hpp"

namespace {

using sluice::json::Document;
using sluice::json::Kind;
using sluice::json::Value;

void expect(bool holds) {
    if (!holds) std::abort();
}

void read(const Value& value, const Value& root, const std::string& pointer, int& budget) {
    if (--budget < 0) return;
    const auto found = root.at_pointer(pointer);
    expect(found.has_value());
    const auto again = Document::parse(value.raw());
    expect(again && again->root().kind() == value.kind() && again->root().text() == value.text() &&
           again->root().size() == value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
        const bool named = value.kind() == Kind::object;
        // A repeated name leads to the last of them.
        if (named && value.find(value.key(i))->raw().data() != value.at(i).raw().data()) continue;
        std::string token;
        for (const char c : named ? std::string(value.key(i)) : std::to_string(i))
            token += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
        read(value.at(i), root, pointer + "/" + token, budget);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto ours = Document::parse(bytes);
    simdjson::dom::parser parser;
    const auto theirs = parser.parse(simdjson::padded_string(bytes)).error();
    // Its numbers have limits, its depth another one, and it takes a zero with a sign or a number too small as they
    // are.
    const bool comparable = theirs != simdjson::NUMBER_ERROR && theirs != simdjson::DEPTH_ERROR &&
                            (ours || ours.error().message.find("too deep") == std::string::npos);
    if (comparable) expect(ours.has_value() == (theirs == simdjson::SUCCESS));
    if (!ours) return 0;
    int budget = 200;
    read(ours->root(), ours->root(), "", budget);
    if (ours->root().kind() == Kind::object && ours->root().size() > 0) {
        const auto without = sluice::json::remove_at(bytes, "/a");
        if (without) expect(Document::parse(*without).has_value());
    }
    return 0;
}
