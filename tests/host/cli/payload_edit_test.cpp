#include "host/cli/payload_edit.hpp"

#include <gmock/gmock.h>

namespace sluice::host {
namespace {

std::string body(const PayloadEdit& edit) {
    const auto made = edit_body(edit);
    return made ? *made : made.error().message;
}

TEST(PayloadEdit, ValuesKeepTheirBytes) {
    EXPECT_EQ(body({.set = {"/id=820982911946154508", "/price= 1.50", R"(/name="\u00e9")"},
                    .remove = {"/note"},
                    .reason = "a \"typo\"",
                    .replay = true}),
              R"({"reason":"a \"typo\"","replay":true,"set":[{"pointer":"/id","value":820982911946154508},)"
              R"({"pointer":"/price","value": 1.50},{"pointer":"/name","value":"\u00e9"}],"remove":["/note"]})");
    EXPECT_EQ(body({.payload = "{ \"a\" : 1 }\n", .reason = "r"}),
              R"({"reason":"r","replay":false,"payload":"{ \"a\" : 1 }\n"})");
}

TEST(PayloadEdit, APointerMayHoldAnEqualsSign) {
    EXPECT_EQ(body({.set = {R"(/a=b="x=1")"}, .reason = "r"}),
              R"({"reason":"r","replay":false,"set":[{"pointer":"/a=b","value":"x=1"}],"remove":[]})");
}

TEST(PayloadEdit, SaysWhatWouldBeRight) {
    EXPECT_EQ(body({.set = {"/sku=A-1"}, .reason = "r"}),
              R"(--set /sku=A-1: `A-1` is no JSON; a text stands in quotes: '/sku="A-1"')");
    EXPECT_EQ(body({.set = {"/sku"}, .reason = "r"}),
              R"(--set /sku: right would be POINTER=JSON, such as '/line_items/0/sku="A-1"')");
    EXPECT_EQ(body({.reason = "r"}), "say what to change: --set POINTER=JSON, --remove POINTER or --payload FILE");
    EXPECT_EQ(body({.set = {"/a=1"}, .payload = "{}", .reason = "r"}),
              "--payload is the whole payload: it goes with neither --set nor --remove");
    EXPECT_EQ(body({.payload = "\xFF", .reason = "r"}), "the payload is no UTF-8");
}

}  // namespace
}  // namespace sluice::host
