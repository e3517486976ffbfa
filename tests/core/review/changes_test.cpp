#include "core/review/changes.hpp"

#include <gmock/gmock.h>

#include "core/review/change_rules.hpp"
#include "tests/core/contract/contract_text.hpp"

namespace sluice::review {
namespace {

using contract::replaced;
using contract::small_contract;
using testing::ElementsAre;
using testing::IsEmpty;

/// The small contract of core/contract's tests with more in it, so that every rule has something to change.
std::string base() {
    std::string text(small_contract);
    text =
        replaced(text, "[flow.order.webhook]",
                 "help = \"h\"\nerror_owner = \"sales\"\nrevision = \"/at\"\ndeadline = \"2h\"\ncoalesce = \"latest\"\n"
                 "needs = [\"product\"]\nretention = { payload = \"30d\", ids = \"60d\" }\n[flow.order.webhook]");
    text =
        replaced(text, "total = {",
                 "note = { from = [\"/note\"], max_length = 10, default = \"-\" }\n"
                 "kind = { from = \"/kind\", map = { a = \"A\" } }\n"
                 "land = { find = { model = \"x.land\", by = { code = { from = \"/land\" } }, on_none = \"empty\" } }\n"
                 "total = {");
    text = replaced(text, "protect =", "requires = [\"/items\"]\nprotect =");
    return text + R"([flow.out]
ordering_key = "/id"
[flow.out.odoo_change]
model = "x.stock"
fields = ["a", "b"]
links = { a_id = "x.a" }
every = "15s"
[flow.out.document]
fields."/a" = { from = "/a" }
fields."/b" = { from = "/b" }
[[flow.out.document.lines]]
target = "/list"
each = "/list"
fields."/x" = { from = "/x" }
[flow.night]
schedule = { cron = "0 6 * * *" }
[flow.bus]
ordering_key = "/id"
[flow.bus.queue]
stream = "ORDERS"
record = "/id"
)";
}

contract::ContractText read(const std::string& text) {
    auto read = contract::read_contract(text, "c.toml");
    if (read) return std::move(*read);
    for (const auto& problem : read.error()) ADD_FAILURE() << problem.to_string() << "\n" << text;
    return {};
}

std::vector<std::string> differences(const std::string& before, const std::string& after) {
    std::vector<std::string> found;
    for (const Change& change : changes(read(before), read(after)))
        found.push_back(std::string(to_string(change.impact)) + " " + change.path + ": " + change.what);
    return found;
}

struct Row {
    const char* what;
    const char* before;  ///< in base(); where it is nothing, `after` is put before [config.key]
    const char* after;
    const char* change;  ///< "impact path"
};

void PrintTo(const Row& row, std::ostream* out) {
    *out << row.what;
}

class TheTable : public testing::TestWithParam<Row> {};

std::string impact_and_path(const std::vector<Change>& found) {
    std::string text;
    for (const Change& change : found)
        text += (text.empty() ? "" : ", ") + std::string(to_string(change.impact)) + " " + change.path;
    return text;
}

TEST_P(TheTable, SaysWhatAChangeMeans) {
    const Row& row = GetParam();
    const std::string before = base();
    const std::string after = replaced(before, row.before, row.after);
    EXPECT_EQ(impact_and_path(changes(read(before), read(after))), row.change);
}

INSTANTIATE_TEST_SUITE_P(
    Contract, TheTable,
    testing::Values(
        Row{"name", "name = \"shop\"", "name = \"store\"", "breaking contract.name"},
        Row{"vendor's API", "version = \"1.2.3\"", "version = \"1.2.3\"\napi_version = \"2\"",
            "compatible contract.api_version"},
        Row{"system", "version = \"1.2.3\"", "version = \"1.2.3\"\nexternal_system = \"S\"",
            "internal contract.external_system"},
        Row{"weaker promise", "[config.key]", "[compatibility]\nbefore_1 = \"any\"\n[config.key]",
            "breaking compatibility.before_1"},
        Row{"longer notice", "[config.key]", "[compatibility]\nnotice = \"90d\"\n[config.key]",
            "compatible compatibility.notice"},
        Row{"limits", "[config.key]", "[limits]\nper_second = 2\n[config.key]", "internal limits.per_second"},
        Row{"key without a default", "[config.key]", "[config.more]\n[config.key]", "breaking config.more"},
        Row{"key with a default", "[config.key]", "[config.more]\ndefault = \"x\"\n[config.key]",
            "compatible config.more"},
        Row{"secret one may go without", "[config.key]",
            "[config.more]\ntype = \"secret\"\noptional = true\n[config.key]", "compatible config.more"},
        Row{"another default", "default = \"SHIP\"", "default = \"POST\"", "breaking config.product.default"},
        Row{"no default any more", "default = \"SHIP\"\n", "", "breaking config.product.default"},
        Row{"help of a key", "default = \"SHIP\"", "default = \"SHIP\"\nhelp = \"h\"", "internal config.product.help"},
        Row{"choices at all", "default = \"SHIP\"", "default = \"SHIP\"\nchoices = [\"SHIP\"]",
            "breaking config.product.choices"},
        Row{"secret may be left out", "type = \"secret\"", "type = \"secret\"\noptional = true",
            "compatible config.key.optional"},
        Row{"credential added", "[credential.api]", "[credential.two]\nsecret = \"key\"\n[credential.api]",
            "compatible credential.two"},
        Row{"credential's header", "secret = \"key\"\n[flow", "secret = \"key\"\nheader = \"X\"\n[flow",
            "internal credential.api.header"}));

INSTANTIATE_TEST_SUITE_P(
    Flow, TheTable,
    testing::Values(
        Row{"flow added", "[flow.night]", "[flow.more]\nordering_key = \"/id\"\n[flow.night]", "compatible flow.more"},
        Row{"flow removed", "[flow.night]\nschedule = { cron = \"0 6 * * *\" }\n", "", "breaking flow.night"},
        Row{"help", "help = \"h\"", "help = \"i\"", "internal flow.order.help"},
        Row{"owner", "\"sales\"", "\"support\"", "compatible flow.order.error_owner"},
        Row{"no owner", "error_owner = \"sales\"\n", "", "compatible flow.order.error_owner"},
        Row{"attempts", "limit = 3", "limit = 4", "compatible flow.order.retry.limit"},
        Row{"back-off", "base_ms = 10", "base_ms = 11", "internal flow.order.retry.base_ms"},
        Row{"held key", "help = \"h\"", "help = \"h\"\ndead_letter = { holds_key = false }",
            "breaking flow.order.dead_letter.holds_key"},
        Row{"priority", "help = \"h\"", "help = \"h\"\npriority = \"low\"", "internal flow.order.priority"},
        Row{"batch", "help = \"h\"", "help = \"h\"\nbatch = { max = 5 }", "internal flow.order.batch"},
        Row{"order", "help = \"h\"", "help = \"h\"\norder = \"all\"", "breaking flow.order.order"},
        Row{"ordering key", "ordering_key = \"/id\"\nretry", "ordering_key = \"/number\"\nretry",
            "breaking flow.order.ordering_key"},
        Row{"no revision", "revision = \"/at\"\n", "", "breaking flow.order.revision"},
        Row{"sooner given up", "deadline = \"2h\"", "deadline = \"1h\"", "breaking flow.order.deadline"},
        Row{"later given up", "deadline = \"2h\"", "deadline = \"3h\"", "compatible flow.order.deadline"},
        Row{"never given up", "deadline = \"2h\"\n", "", "compatible flow.order.deadline"},
        Row{"every event counts", "coalesce = \"latest\"\n", "", "compatible flow.order.coalesce"},
        Row{"needs another key", "needs = [\"product\"]", "needs = [\"product\", \"key\"]",
            "breaking flow.order.needs"},
        Row{"another right", "help = \"h\"", "help = \"h\"\nodoo_reads = [\"x.stock\"]",
            "breaking flow.order.odoo_reads"},
        Row{"kept for less long", "\"30d\"", "\"20d\"", "breaking flow.order.retention.payload"},
        Row{"kept for longer", "\"60d\"", "\"61d\"", "compatible flow.order.retention.ids"},
        Row{"topic added", "[\"orders/create\"]", "[\"orders/create\", \"orders/edited\"]",
            "compatible flow.order.webhook.topics"},
        Row{"topic replaced", "[\"orders/create\"]", "[\"orders/edited\"]",
            "breaking flow.order.webhook.topics, compatible flow.order.webhook.topics"},
        Row{"event id", "{header:X-Id}", "{header:X-Event}", "breaking flow.order.webhook.event_id"},
        Row{"signature", "header = \"X-Sign\"", "header = \"X-Signed\"", "breaking flow.order.webhook.signature"},
        Row{"watched field added", "[\"a\", \"b\"]", "[\"a\", \"b\", \"c\"]", "compatible flow.out.odoo_change.fields"},
        Row{"watched field removed", "[\"a\", \"b\"]", "[\"a\"]", "breaking flow.out.odoo_change.fields"},
        Row{"domain", "every = \"15s\"", "every = \"15s\"\ndomain = [[\"a\", \"=\", 1]]",
            "breaking flow.out.odoo_change.domain"},
        Row{"link added", "{ a_id = \"x.a\" }", "{ a_id = \"x.a\", b_id = \"x.b\" }",
            "compatible flow.out.odoo_change.links.b_id"},
        Row{"polling", "every = \"15s\"", "every = \"30s\"", "internal flow.out.odoo_change.every"},
        Row{"timetable", "0 6 * * *", "0 7 * * *", "compatible flow.night.schedule.cron"},
        Row{"reconciliation", "[flow.order.webhook]", "reconcile = { period = \"1d\" }\n[flow.order.webhook]",
            "compatible flow.order.reconcile"},
        Row{"stream", "\"ORDERS\"", "\"ALL\"", "breaking flow.bus.queue.stream"},
        Row{"trigger added", "[flow.bus]", "[flow.bus]\nschedule = { every = \"1h\" }", "compatible flow.bus.schedule"},
        Row{"trigger removed", "[flow.order.webhook]\ntopics",
            "[flow.order.queue]\nstream = \"S\"\nrecord = \"/id\"\n[flow.gone]\nordering_key = "
            "\"/id\"\n[flow.gone.webhook]\ntopics",
            "breaking flow.order.webhook, compatible flow.order.queue, compatible flow.gone"}));

INSTANTIATE_TEST_SUITE_P(
    Record, TheTable,
    testing::Values(
        Row{"model", "model = \"sale.order\"\n", "model = \"x.order\"\n", "breaking flow.order.record.model"},
        Row{"identity", "\"order_{/id}\"", "\"o_{/id}\"", "breaking flow.order.record.external_id"},
        Row{"adopt", "protect =", "candidates = [{ ref = { from = \"/id\" } }]\nprotect =",
            "breaking flow.order.record.candidates"},
        Row{"removed lines", "protect =", "removed = \"keep\"\nprotect =", "breaking flow.order.record.removed"},
        Row{"less must be there", "requires = [\"/items\"]\n", "", "compatible flow.order.record.requires"},
        Row{"more must be there", "[\"/items\"]", "[\"/items\", \"/x\"]", "breaking flow.order.record.requires"},
        Row{"protection", "values = [\"sale\"]", "values = [\"sale\", \"done\"]", "breaking flow.order.record.protect"},
        Row{"field added", "total = {", "more = { from = \"/more\" }\ntotal = {",
            "compatible flow.order.record.fields.more"},
        Row{"required field added", "total = {", "more = { from = \"/more\", required = true }\ntotal = {",
            "breaking flow.order.record.fields.more"},
        Row{"field removed", "kind = { from = \"/kind\", map = { a = \"A\" } }\n", "",
            "breaking flow.order.record.fields.kind"},
        Row{"another place", "from = [\"/note\"]", "from = [\"/text\"]", "breaking flow.order.record.fields.note.from"},
        Row{"a place more", "from = [\"/note\"]", "from = [\"/note\", \"/text\"]",
            "compatible flow.order.record.fields.note.from"},
        Row{"another source", "kind = { from = \"/kind\", map = { a = \"A\" } }", "kind = { value = \"A\" }",
            "breaking flow.order.record.fields.kind"},
        Row{"required", "digits = 2", "digits = 2, required = true",
            "breaking flow.order.record.fields.total.required"},
        Row{"digits", "digits = 2", "digits = 3", "breaking flow.order.record.fields.total.digits"},
        Row{"type", "as = \"decimal\", digits = 2", "as = \"decimal\", digits = 2, negate = true",
            "breaking flow.order.record.fields.total.negate"},
        Row{"shorter texts", "max_length = 10", "max_length = 9", "breaking flow.order.record.fields.note.max_length"},
        Row{"longer texts", "max_length = 10", "max_length = 11",
            "compatible flow.order.record.fields.note.max_length"},
        Row{"any text", "max_length = 10, ", "", "compatible flow.order.record.fields.note.max_length"},
        Row{"default of a field", "default = \"-\"", "default = \"+\"",
            "breaking flow.order.record.fields.note.default"},
        Row{"value known", "{ a = \"A\" }", "{ a = \"A\", b = \"B\" }",
            "compatible flow.order.record.fields.kind.map.b"},
        Row{"value mapped otherwise", "{ a = \"A\" }", "{ a = \"B\" }", "breaking flow.order.record.fields.kind.map.a"},
        Row{"search", "code = { from = \"/land\" }", "code = { from = \"/country\" }",
            "breaking flow.order.record.fields.land.find.by"},
        Row{"nothing found is refused", ", on_none = \"empty\"", "",
            "breaking flow.order.record.fields.land.find.on_none"},
        Row{"the first of many", "on_none = \"empty\"", "on_none = \"empty\", on_many = \"first\"",
            "compatible flow.order.record.fields.land.find.on_many"},
        Row{"lines added", "[flow.order.records.customer]",
            "[[flow.order.record.lines]]\nfield = \"order_line\"\nmodel = \"sale.order.line\"\nparent = \"order_id\"\n"
            "each = \"/more\"\nexternal_id = \"m_{^/id}_{/id}\"\nfields.qty = { from = \"/qty\", as = \"decimal\" }\n"
            "[flow.order.records.customer]",
            "breaking flow.order.record.lines.order_line[m_{^/id}_{/id}]"},
        Row{"field of lines", "fields.qty = {", "fields.more = { from = \"/more\" }\nfields.qty = {",
            "compatible flow.order.record.lines.order_line[order_{^/id}_{/id}].fields.more"},
        Row{"array of lines", "each = \"/items\"", "each = \"/positions\"",
            "breaking flow.order.record.lines.order_line[order_{^/id}_{/id}].each"},
        Row{"check added", "[[flow.order.record.lines]]",
            "[[flow.order.record.checks]]\nrule = \"r\"\nany = [\"/a\", \"/b\"]\n[[flow.order.record.lines]]",
            "breaking flow.order.record.checks.r"},
        Row{"range", "digits = 2", "digits = 2, max = 10", "breaking flow.order.record.fields.total.max"},
        Row{"pattern", "max_length = 10", "max_length = 10, pattern = \"x*\"",
            "breaking flow.order.record.fields.note.pattern"},
        Row{"made where it is missing", "on_none = \"empty\"",
            "on_none = \"create\", create = { external_id = \"l_{/land}\" }",
            "compatible flow.order.record.fields.land.find.on_none, compatible "
            "flow.order.record.fields.land.find.create"},
        Row{"value sent", "[flow.out.document]\n", "[flow.out.document]\nfields.\"/more\" = { from = \"/b\" }\n",
            "compatible flow.out.document.fields./more"},
        Row{"value sent no more", "fields.\"/a\" = { from = \"/a\" }\n", "", "breaking flow.out.document.fields./a"},
        Row{"value of lines sent", "fields.\"/x\" = { from = \"/x\" }", "fields.\"/x\" = { from = \"/y\" }",
            "breaking flow.out.document.lines./list.fields./x.from"},
        Row{"named record removed",
            "[flow.order.records.other]\nmodel = \"res.partner\"\nexternal_id = \"o_{/email}\"\nfields.name = { from = "
            "\"/name\" }\n",
            "", "breaking flow.order.records.other"}));

TEST(Changes, NothingIsNoChange) {
    EXPECT_THAT(differences(base(), base()), IsEmpty());
}

TEST(Changes, ADefaultThatIsWrittenOutAndAnotherOrderOfMembersAreNone) {
    std::string after =
        replaced(base(), "help = \"h\"", "help = \"h\"\npriority = \"normal\"\ndead_letter = { holds_key = true }");
    after = replaced(after, "{ scheme = \"hmac-sha256-base64\", header = \"X-Sign\", secret = \"key\" }",
                     "{ secret = \"key\", header = \"X-Sign\", scheme = \"hmac-sha256-base64\" }");
    after = replaced(after, "as = \"decimal\", digits = 2", "digits = 2, as = \"decimal\", negate = false");
    after = replaced(after, "version = \"1.2.3\"", "version = \"1.2.4\"");
    EXPECT_THAT(differences(base(), after), IsEmpty());
}

TEST(Changes, SayWhatAndTheMostSeriousFirst) {
    std::string after = replaced(base(), "help = \"h\"", "help = \"i\"");
    after = replaced(after, "limit = 3", "limit = 4");
    after = replaced(after, "digits = 2", "digits = 3");
    EXPECT_THAT(differences(base(), after), ElementsAre("breaking flow.order.record.fields.total.digits: 2 becomes 3",
                                                        "compatible flow.order.retry.limit: 3 becomes 4",
                                                        "internal flow.order.help: \"h\" becomes \"i\""));
}

TEST(Changes, WhatTheTableDoesNotKnowIsBreaking) {
    EXPECT_EQ(rule_of({"flow", "x", "a_key_of_tomorrow"}).added, Impact::breaking);
    EXPECT_EQ(rule_of({"a_table_of_tomorrow"}).changed, Impact::breaking);
}

struct Number {
    const char* before;
    const char* after;
    Impact worst;
    bool honest;
    const char* expected;
    bool any = false;
};

class Versions : public testing::TestWithParam<Number> {};

TEST_P(Versions, SayWhatChanged) {
    const Number& number = GetParam();
    contract::Contract before, after;
    before.version = number.before;
    after.version = number.after;
    if (number.any) before.compatibility.before_1 = contract::Compatibility::Before1::any;
    const auto honesty = judge_version(before, after, {{number.worst, "x", "y", {}, {}}});
    EXPECT_EQ(honesty.honest, number.honest) << number.before << " to " << number.after;
    EXPECT_EQ(honesty.expected, number.expected);
}

INSTANTIATE_TEST_SUITE_P(Numbers, Versions,
                         testing::Values(Number{"1.2.3", "2.0.0", Impact::breaking, true, "2.0.0"},
                                         Number{"1.2.3", "1.3.0", Impact::breaking, false, "2.0.0"},
                                         Number{"1.2.3", "3.0.0", Impact::internal, true, "1.2.4"},
                                         Number{"1.2.3", "1.3.0", Impact::compatible, true, "1.3.0"},
                                         Number{"1.2.3", "1.2.4", Impact::compatible, false, "1.3.0"},
                                         Number{"1.2.3", "1.2.4", Impact::internal, true, "1.2.4"},
                                         Number{"1.2.3", "1.2.3", Impact::internal, false, "1.2.4"},
                                         Number{"1.2.3", "1.1.0", Impact::internal, false, "1.2.4"},
                                         Number{"1.9.0", "1.10.0", Impact::compatible, true, "1.10.0"},
                                         Number{"0.1.0", "0.2.0", Impact::breaking, true, "0.2.0"},
                                         Number{"0.1.0", "0.1.1", Impact::breaking, false, "0.2.0"},
                                         Number{"0.1.0", "0.1.1", Impact::breaking, true, "0.1.1", true},
                                         Number{"0.1.0", "0.1.1", Impact::compatible, true, "0.1.1"},
                                         Number{"0.9.0", "1.0.0", Impact::breaking, true, "0.10.0"},
                                         Number{"2.0.0-rc.1", "2.0.0", Impact::breaking, true, "2.0.0"},
                                         Number{"2.0.0-rc.1", "2.0.0-rc.1", Impact::internal, false, "2.0.0"},
                                         Number{"1.2.3", "2.0.0-rc.1", Impact::breaking, true, "2.0.0"}));

TEST(Versions, WithoutAChangeAnyNumberThatIsNotLowerIsHonest) {
    contract::Contract before, after;
    before.version = after.version = "1.2.3";
    EXPECT_TRUE(judge_version(before, after, {}).honest);
    after.version = "2.0.0";
    EXPECT_TRUE(judge_version(before, after, {}).honest);
    after.version = "1.2.2";
    EXPECT_FALSE(judge_version(before, after, {}).honest);
}

}  // namespace
}  // namespace sluice::review
