#include "host/cli/payload_edit.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

struct Assignment {
    std::string pointer, value;
};

/// A pointer may hold "=" too: what comes after the right one is JSON.
Result<Assignment> read_assignment(const std::string& text) {
    for (auto at = text.find('='); at != std::string::npos; at = text.find('=', at + 1)) {
        const auto value = text.substr(at + 1);
        if (json::Document::parse(value)) return Assignment{.pointer = text.substr(0, at), .value = value};
    }
    const auto at = text.find('=');
    if (at == std::string::npos)
        return fail(Failure::invalid,
                    fmt::format("--set {}: right would be POINTER=JSON, such as '/line_items/0/sku=\"A-1\"'", text));
    return fail(Failure::invalid, fmt::format("--set {0}: `{1}` is no JSON; a text stands in quotes: '{2}=\"{1}\"'",
                                              text, text.substr(at + 1), text.substr(0, at)));
}

}  // namespace

Result<std::string> edit_body(const PayloadEdit& edit) {
    if (!edit.payload.empty() && (!edit.set.empty() || !edit.remove.empty()))
        return fail(Failure::invalid, "--payload is the whole payload: it goes with neither --set nor --remove");
    if (edit.payload.empty() && edit.set.empty() && edit.remove.empty())
        return fail(Failure::invalid, "say what to change: --set POINTER=JSON, --remove POINTER or --payload FILE");
    json::Writer body;
    body.begin_object().key("reason").string(edit.reason).key("replay").boolean(edit.replay);
    if (!edit.payload.empty()) {
        if (!is_utf8(edit.payload)) return fail(Failure::invalid, "the payload is no UTF-8");
        return body.key("payload").string(edit.payload).end_object().take();
    }
    body.key("set").begin_array();
    for (const auto& text : edit.set) {
        const auto one = read_assignment(text);
        if (!one) return std::unexpected(one.error());
        body.begin_object().key("pointer").string(one->pointer).key("value").raw(one->value).end_object();
    }
    body.end_array().key("remove").begin_array();
    for (const auto& pointer : edit.remove) body.string(pointer);
    return body.end_array().end_object().take();
}

}  // namespace sluice::host
