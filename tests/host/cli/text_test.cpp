#include <gmock/gmock.h>

#include "host/cli/dry_run_text.hpp"
#include "host/cli/show_text.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

std::string rendered(std::string (*render)(const json::Value&), std::string_view answer) {
    const auto document = json::Document::parse(answer);
    EXPECT_TRUE(document) << document.error().message;
    return render(document->root());
}

TEST(ListText, AlignsItsColumns) {
    EXPECT_EQ(rendered(render_list, R"({"events":[
{"seq":9,"state":"dead","connector":"shop","topic":"orders/create","ordering_key":"6223372036854775807","attempts":12,
 "appended_at_ms":1640995200000,"outcome":"rejected: no product\nwith SKU Ä-1"},
{"seq":10,"state":"ready","connector":"my-shop","topic":"orders/updated","ordering_key":"7","attempts":0,
 "appended_at_ms":1640995261000,"outcome":""}],"next":10})"),
              "SEQ  STATE  CONNECTOR  TOPIC           KEY                  ATTEMPTS  ARRIVED (UTC)        OUTCOME\n"
              "  9  dead   shop       orders/create   6223372036854775807        12  2022-01-01 00:00:00  rejected: no "
              "product with SKU Ä-1\n"
              " 10  ready  my-shop    orders/updated  7                           0  2022-01-01 00:01:01\n"
              "there may be more: --after 10\n");
}

TEST(ListText, NothingIsSaidInAWord) {
    EXPECT_EQ(rendered(render_list, R"({"events":[],"next":null})"), "none\n");
}

TEST(OneLine, CutsBetweenCharactersAndDropsControls) {
    EXPECT_EQ(one_line("abc", 3), "abc");
    EXPECT_EQ(one_line("ääää", 4), "ääää");
    EXPECT_EQ(one_line("äääää", 4), "ä...");
    EXPECT_EQ(one_line("a\x1b[31mb", 20), "a [31mb");
}

TEST(ShowText, TellsWhatToDoAboutADeadLetter) {
    EXPECT_EQ(rendered(render_show, R"({"seq":12,"state":"dead","connector":"shop","event_id":"orders/create:w-1",
"flow":"order","order":"order","ordering_key":"77","topic":"orders/create","revision":"2022-01-01T00:00:00Z","record":"77",
"appended_at_ms":1640995200000,"available_at_ms":1640995200000,"attempts":2,"counted_failures":1,"attempt_unknown":false,
"holds_key":true,"outcome":"rejected: no product with SKU X","error_owner":"sales operations",
"attempt_log":[{"number":1,"started_at_ms":1640995200000,"finished_at_ms":1640995201500,"verdict":"retry","message":"busy"},
{"number":2,"started_at_ms":1640995210000,"finished_at_ms":null,"verdict":"","message":""}],
"notes":["2022-01-01T00:00:09.000Z replayed by admin"],"edits":[],"headers":{"X-Topic":"orders/create"},
"fingerprint":"0f3a5c","payload":"{\"id\": 77}"})"),
              "event 12: dead letter\n"
              "  connector       shop\n"
              "  flow            order\n"
              "  topic           orders/create\n"
              "  event id        orders/create:w-1\n"
              "  ordering key    order 77\n"
              "  revision        2022-01-01T00:00:00Z\n"
              "  record          77\n"
              "  arrived         2022-01-01 00:00:00 UTC\n"
              "  attempts        2, 1 of them counted as failures\n"
              "  outcome         rejected: no product with SKU X\n"
              "what next\n"
              "  sales operations looks after errors of this flow.\n"
              "  What a delivery would do now:  sluice dead-letters replay 12 --dry-run\n"
              "  Where the payload is wrong:    sluice dead-letters edit 12 --set POINTER=JSON --reason TEXT\n"
              "  When the cause is put right:   sluice dead-letters replay 12\n"
              "  All of this cause:             sluice dead-letters replay --group 0f3a5c\n"
              "  To put it aside for good:      sluice dead-letters discard 12 --reason TEXT\n"
              "  Until then later events of order 77 wait for it.\n"
              "attempts\n"
              "  #  STARTED (UTC)           TOOK  VERDICT     MESSAGE\n"
              "  1  2022-01-01 00:00:00  1500 ms  retry       busy\n"
              "  2  2022-01-01 00:00:10           (none yet)\n"
              "notes\n"
              "  2022-01-01T00:00:09.000Z replayed by admin\n"
              "headers\n"
              "  X-Topic: orders/create\n"
              "payload\n"
              "{\"id\": 77}\n");
}

TEST(ShowText, ShowsWhatTheMappingMadeAndEachPayload) {
    const auto text = rendered(render_show, R"({"seq":12,"state":"dead","attempts":1,
"mapping":{"broken":[{"pointer":"/line_items/0/sku","message":"required, and absent"},{"pointer":"","message":"no JSON"}]},
"edits":[{"at_ms":1640995200000,"who":"ann","reason":"a typo","payload":"{\"a\":2}"},
         {"at_ms":1640995201000,"who":"bob","reason":"again","payload":"{\"a\":3}"}],"payload":"{\"a\":1}"})");
    EXPECT_THAT(text, testing::EndsWith("broken rules\n"
                                        "  /line_items/0/sku: required, and absent\n"
                                        "  no JSON\n"
                                        "payload edited 2022-01-01 00:00:00 UTC by ann: a typo\n{\"a\":2}\n"
                                        "payload edited 2022-01-01 00:00:01 UTC by bob: again (this one is delivered)\n"
                                        "{\"a\":3}\n"
                                        "payload as it came\n{\"a\":1}\n"));
    EXPECT_THAT(
        rendered(render_show, R"({"seq":1,"state":"done","mapping":{"record":{"model":"sale.order"}},
"contents_erased":true})"),
        testing::EndsWith("mapped now, with the plugin and configuration that run, to\n{\"model\":\"sale.order\"}\n"
                          "payload was erased: it is kept as long as its flow's retention says\n"));
    EXPECT_THAT(rendered(render_show, R"({"seq":1,"state":"ready","contents_erased":false,
"contents_problem":"its key is not given"})"),
                testing::EndsWith("payload cannot be read: its key is not given\n"));
}

TEST(ShowText, WhatCannotBeDeliveredCanOnlyBeDiscarded) {
    const auto text = rendered(render_show, R"({"seq":12,"state":"dead","attempts":0,"payload":"x"})");
    EXPECT_THAT(text, testing::HasSubstr("sluice dead-letters discard 12"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("replay")));
}

TEST(GroupsText, IsALineACause) {
    EXPECT_EQ(
        rendered(render_groups_table, R"({"groups":[
{"count":10000,"holding":9000,"fingerprint":"0f3a5c","connector":"shop","flow":"order","first_at_ms":1640995200000,
 "last_at_ms":1640995261000,"first":7,"class":"rejected","message":"no product\nwith SKU 'A-1'"},
{"count":3,"holding":0,"fingerprint":"77aa","connector":"shop","flow":"stock","first_at_ms":1640995200000,
 "last_at_ms":1640995200000,"first":12,"class":"","message":"odd"}]})"),
        "COUNT  HOLDING  GROUP   CONNECTOR  FLOW   FIRST (UTC)          LAST (UTC)           OLDEST  CAUSE\n"
        "10000     9000  0f3a5c  shop       order  2022-01-01 00:00:00  2022-01-01 00:01:01       7  rejected: no "
        "product with SKU 'A-1'\n"
        "    3        0  77aa    shop       stock  2022-01-01 00:00:00  2022-01-01 00:00:00      12  odd\n");
    EXPECT_EQ(rendered(render_groups_table, R"({"groups":[]})"), "none\n");
}

TEST(DryRunText, ShowsWhatWouldBeCalledAndHowItDiffers) {
    EXPECT_EQ(rendered(render_dry_run, R"json({"seq":12,"ends":"stopped","outcome":"","class":"","message":"",
"stopped_because":"what comes after sale.order.action_cancel depends on what Odoo makes of it","calls":[
{"system":"odoo","model":"sale.order","method":"write","args":[[7]],"kwargs":{},"assumed":false,"differences":[
 {"record":"sale.order 7 (S1)","field":"note","now":"old","then":"new"},
 {"record":"sale.order 7 (S1)","field":"qty","now":1.50,"then":2}],"notes":[]},
{"system":"odoo","model":"sale.order","method":"action_cancel","args":[[7]],"kwargs":{},"assumed":true,"differences":[],
 "notes":["what action_cancel changes is Odoo's to say"]}],
"made_up_ids":[],"reads":4,"emitted":[],"states":[]})json"),
              "event 12, dry run: followed up to here: what comes after sale.order.action_cancel depends on what Odoo "
              "makes of it\n"
              "1. sale.order.write\n"
              "   RECORD             FIELD  NOW   THEN\n"
              "   sale.order 7 (S1)  note   old   new\n"
              "                      qty    1.50  2\n"
              "2. sale.order.action_cancel\n"
              "   [[7]] {}\n"
              "   note: what action_cancel changes is Odoo's to say\n"
              "nothing was written; 4 reads went through\n"
              "calls after the first assume that those before them did what they say\n");
    EXPECT_EQ(rendered(render_dry_run, R"({"seq":3,"ends":"done","outcome":"handled","calls":[
{"system":"http","method":"POST","url":"https://shop/x","body":"{}","differences":[],"notes":[]}],
"made_up_ids":[{"id":9000000001,"record":"new res.partner x"}],"reads":0,
"emitted":[{"flow":"stock","topic":"level","ordering_key":"A","payload":"{}"}]})"),
              "event 3, dry run: would be done: handled\n1. POST https://shop/x\n   {}\n"
              "9000000001 stands for the id of new res.partner x\n"
              "would append: flow stock level of A: {}\nnothing was written; 0 reads went through\n");
}

TEST(ResumedText, SaysWhatWasEndedAndWhatWasNot) {
    EXPECT_EQ(
        rendered(render_resumed, R"({"connector":"shop","flow":"order","done":"resumed","ended":["a"],"still":["b"]})"),
        "shop order resumed\na\nb\n");
}

TEST(StatusText, SaysWhatIsPausedAndWhatRetentionDid) {
    const auto text = rendered(render_status_table, R"({"version":"0.1.0","started_at_ms":1640995200000,"connectors":[
{"name":"shop","state":"paused","pauses":[{"flow":"","who":"admin","reason":"migration","at_ms":1640995200000},
 {"flow":"order","who":"admin","reason":"stock take","at_ms":1640995201000}]}],
"retention":{"ended_at_ms":1640995261000,"payloads_erased":12,"events_erased":3,
"clock_doubted_ahead_ms":86400000,"problem":"disk full"}})");
    EXPECT_THAT(
        text, testing::EndsWith(
                  "shop is paused since 2022-01-01 00:00:00 UTC by admin: migration; sluice resume shop lets it go on\n"
                  "shop order is paused since 2022-01-01 00:00:01 UTC by admin: stock take; sluice resume shop order "
                  "lets it go on\n"
                  "retention looked through the journal until 2022-01-01 00:01:01 UTC: payloads of 12 events erased, 3 "
                  "events whole\n"
                  "the clock jumped ahead by 24 hours; nothing is erased by it until it has stayed so for a day\n"
                  "retention failed and is tried again: disk full\n"));
}

TEST(StatusText, SaysWhyAConnectorIsPausedAndWhatWasRefused) {
    EXPECT_EQ(
        rendered(render_status_table,
                 R"({"version":"0.1.0","started_at_ms":1640995200000,"stopping":false,"connectors":[
{"name":"shop","state":"paused","paused_because":"Odoo refused the key","plugin":"shopify","plugin_version":"0.1.0","odoo":"main",
"lanes":4,"running":0,"events":{"ready":1,"waiting":0,"claimed":0,"done":20,"dead":2,"discarded":0},
"calls":{"rate_limit_group":"","limit":0,"ceiling":0,"running":0,"waiting":0,"closed_until_ms":1640995230000,"closed_because":"it asked to wait"},
"webhooks":{"accepted":23,"duplicates":4,"unreadable":0,"refused":{"signature":3,"backlog":0}}}],
"odoo":[{"name":"main","limit":3,"ceiling":8,"running":2,"waiting":1,"closed_until_ms":null,"closed_because":""}],"other_requests":{}})"),
        "sluice 0.1.0, since 2022-01-01 00:00:00 UTC\n"
        "CONNECTOR  STATE   PLUGIN         ODOO  READY  WAITING  CLAIMED  DONE  DEAD  DISCARDED  ACCEPTED  REPEATS\n"
        "shop       paused  shopify 0.1.0  main      1        0        0    20     2          0        23        4\n"
        "shop is paused: Odoo refused the key; when that is put right: sluice resume shop\n"
        "shop calls its external system again at 2022-01-01 00:00:30 UTC: it asked to wait\n"
        "shop refused webhooks: signature 3\n"
        "Odoo main gets 3 of 8 calls at a time; 2 under way, 1 waiting\n");
}

TEST(StatusText, SaysThatAnExternalSystemDoesNotAnswer) {
    const auto text = [](const std::string& half_open) {
        return rendered(render_status_table, R"({"version":"0.1.0","started_at_ms":1640995200000,"stopping":false,
"connectors":[{"name":"shop","state":"external outage","events":{},"webhooks":{},
"calls":{"closed_until_ms":null,"outage_because":"GET https://shop: no\nanswer","outage_half_open":)" +
                                                 half_open + "}}]}");
    };
    EXPECT_THAT(text("false"), testing::EndsWith("shop: its external system does not answer, what calls it waits: GET "
                                                 "https://shop: no answer\n"));
    EXPECT_THAT(text("true"), testing::HasSubstr("waits for one event that tries: GET"));
}

TEST(StatusText, SaysOfEachQueueWhetherItIsRead) {
    const auto text =
        rendered(render_status_table, R"({"version":"0.1.0","started_at_ms":1640995200000,"stopping":false,
"connectors":[{"name":"shop","state":"running","events":{},"webhooks":{},"queues":[
{"flow":"order","stream":"ORDERS","consumer":"odoo","connected":true,"since_ms":1640995200000,"problem":"",
 "waits_for":"backlog","received":12,"duplicates":3,"unreadable":1},
{"flow":"stock","stream":"STOCK","consumer":"odoo","connected":false,"since_ms":1640995261000,
 "problem":"there is no\nstream STOCK","waits_for":"","received":0,"duplicates":0,"unreadable":0}]}]})");
    EXPECT_THAT(
        text,
        testing::EndsWith(
            "shop, queue of order: connected to stream ORDERS as odoo since 2022-01-01 00:00:00 UTC; received 12, "
            "repeats 3, unreadable 1; waits for the backlog\n"
            "shop, queue of stock: NOT connected to stream STOCK as odoo since 2022-01-01 00:01:01 UTC; received 0, "
            "repeats 0, unreadable 0; there is no stream STOCK\n"));
}

}  // namespace
}  // namespace sluice::host
