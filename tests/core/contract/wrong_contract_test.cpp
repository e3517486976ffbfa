// One thing wrong at a time, and the exact words about it.

#include <gmock/gmock.h>

#include <ostream>

#include "core/contract/contract.hpp"
#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;

struct Wrong {
    std::string_view name, what, with, problem;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
    *out << wrong.with;
}

std::string name_of(const testing::TestParamInfo<Wrong>& wrong) {
    return std::string(wrong.param.name);
}

class WrongContract : public testing::TestWithParam<Wrong> {};

TEST_P(WrongContract, IsRefusedWithItsPlaceAndWhatWouldBeRight) {
    EXPECT_THAT(problems_of(replaced(small_contract, GetParam().what, GetParam().with)),
                ElementsAre(std::string(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Head, WrongContract,
    testing::Values(
        Wrong{"Syntax", "name = \"shop\"",
              "name = ", "c.toml:2:8: not valid TOML: Error while parsing key-value pair: expected value, saw '\\n'"},
        Wrong{"TopLevelKey", "[config.key]", "[configs.x]\n[config.key]",
              "c.toml:4:2: unknown key `configs`; did you mean `config`?"},
        Wrong{"NothingNear", "version =", "banana = 1\nversion =",
              "c.toml:3:1: unknown key `banana` in `contract`; known here: `name`, `version`, `external_system` or "
              "`api_version`"},
        Wrong{"MissingName", "name = \"shop\"\n", "", "c.toml:1:1: `contract` lacks `name`: the plugin's name"},
        Wrong{"WrongType", "name = \"shop\"", "name = 5", "c.toml:2:8: `name` must be a string; found an integer"},
        Wrong{"Name", "name = \"shop\"", "name = \"My Shop\"",
              "c.toml:2:8: `My Shop` is no name: use lower-case letters, digits, `_` and `-`"},
        Wrong{"Version", "1.2.3", "01.2.3", "c.toml:3:11: `01.2.3` is no semantic version (like 1.0.0)"},
        Wrong{"ConfigType", "type = \"secret\"", "type = \"secrets\"",
              "c.toml:5:8: `type` must be `text`, `integer`, `boolean` or `secret`; found `secrets`; did you mean "
              "`secret`?"},
        Wrong{"LimitUnknown", "[config.key]", "[limits]\nper_secnd = 5\n[config.key]",
              "c.toml:5:1: unknown key `per_secnd` in `limits`; did you mean `per_second`?"},
        Wrong{"LimitOfNone", "[config.key]", "[limits]\nconcurrent = 0\n[config.key]",
              "c.toml:5:14: `concurrent` must be an integer from 1 to 10000; found 0"},
        Wrong{"SecretDefault", "type = \"secret\"", "type = \"secret\"\ndefault = \"x\"",
              "c.toml:6:1: a secret has no default"},
        Wrong{"DefaultType", "default = \"SHIP\"", "default = 5",
              "c.toml:7:11: `default` must be a string; found an integer"},
        Wrong{
            "DefaultNoChoice", "default = \"skip\"", "default = \"skp\"",
            "c.toml:9:11: `default` must be one of the choices, `reject` or `skip`; found `skp`; did you mean `skip`?"},
        Wrong{"CredentialSecret", "secret = \"key\"\n[flow", "secret = \"kee\"\n[flow",
              "c.toml:12:10: there is no configuration key `kee`; did you mean `key`?"},
        Wrong{"CredentialNotSecret", "secret = \"key\"\n[flow", "secret = \"product\"\n[flow",
              "c.toml:12:10: the configuration key `product` must be of type `secret`"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Flow, WrongContract,
    testing::Values(
        Wrong{"OrderingKeyMissing", "ordering_key = \"/id\"\n", "",
              "c.toml:13:1: `flow.order` lacks `ordering_key`: the JSON Pointer of what must be handled in order, like "
              "the record's id"},
        Wrong{"OrderingKeyNoPointer", "ordering_key = \"/id\"", "ordering_key = \"id\"",
              "c.toml:14:16: `id` is no JSON Pointer, which starts with `/`; did you mean `/id`?"},
        Wrong{"PointerEscape", "ordering_key = \"/id\"", "ordering_key = \"/a~2\"",
              "c.toml:14:16: `/a~2` is no JSON Pointer: `~` is written `~0`, and `/` within a name `~1`"},
        Wrong{"PointerWildcard", "ordering_key = \"/id\"", "ordering_key = \"/a/*/b\"",
              "c.toml:14:16: `/a/*/b`: `*` (every element) sums decimals and has no meaning here"},
        Wrong{"RequiresNoMember", "external_id = \"order_{/id}\"\n",
              "external_id = \"order_{/id}\"\nrequires = [\"/items/*\"]\n",
              "c.toml:25:13: `/items/*` names no member of its elements"},
        Wrong{"RetryZero", "base_ms = 10", "base_ms = 0",
              "c.toml:15:21: `base_ms` must be an integer from 1 to 604800000; found 0"},
        Wrong{"RetryBaseOverCap", "base_ms = 10", "base_ms = 30",
              "c.toml:15:11: `base_ms` (30) must not be more than `cap_ms` (20)"},
        Wrong{"RetryType", "limit = 3", "limit = \"3\"",
              "c.toml:15:46: `limit` must be an integer from 1 to 1000; found a string"},
        Wrong{"Priority", "[flow.order.webhook]", "priority = \"urgent\"\n[flow.order.webhook]",
              "c.toml:16:12: `priority` must be `high`, `normal` or `low`; found `urgent`"},
        Wrong{
            "Deadline", "[flow.order.webhook]", "deadline = \"soon\"\n[flow.order.webhook]",
            "c.toml:16:12: `deadline`: duration `soon`: a number must stand where `soon` begins; right would be whole "
            "days, hours, minutes and seconds, such as `30s`, `15m`, `1h30m` or `2d`"},
        Wrong{"OdooReads", "[flow.order.webhook]", "odoo_reads = [\"stock.move\", \"a b\"]\n[flow.order.webhook]",
              "c.toml:16:29: `a b` is no name of an Odoo model"},
        Wrong{"Coalesce", "[flow.order.webhook]", "coalesce = \"last\"\n[flow.order.webhook]",
              "c.toml:16:12: `coalesce` must be `latest`; found `last`"},
        Wrong{"BatchWithoutMax", "[flow.order.webhook]", "batch = { wait = \"2s\" }\n[flow.order.webhook]",
              "c.toml:16:9: `flow.order.batch` lacks `max`: how many events at most, 2 to 1000"},
        Wrong{"BatchMax", "[flow.order.webhook]", "batch = { max = 1 }\n[flow.order.webhook]",
              "c.toml:16:17: `max` must be an integer from 2 to 1000; found 1"},
        Wrong{"BatchWait", "[flow.order.webhook]", "batch = { max = 2, wait = \"8d\" }\n[flow.order.webhook]",
              "c.toml:16:20: `wait` must be at most 7d"},
        Wrong{"RetentionIds", "[flow.order.webhook]",
              "[flow.order.retention]\npayload = \"1d\"\nids = \"71h\"\n[flow.order.webhook]",
              "c.toml:18:1: `ids` (71h) must be at least 3d: a sender may repeat an event that long, and without its "
              "id the "
              "repeat would be a new one"},
        Wrong{"RetentionPayloadLonger", "[flow.order.webhook]",
              "[flow.order.retention]\npayload = \"91d\"\n[flow.order.webhook]",
              "c.toml:17:1: `payload` (91d) must not be kept longer than `ids` (90d)"},
        Wrong{"RetentionIdsBelowPayload", "[flow.order.webhook]",
              "[flow.order.retention]\nids = \"30d\"\n[flow.order.webhook]",
              "c.toml:17:1: `payload` (90d) must not be kept longer than `ids` (30d)"},
        Wrong{"TopicsMissing", "topics = [\"orders/create\"]\n", "",
              "c.toml:16:1: `flow.order.webhook` lacks `topics`: the topics that start the flow"},
        Wrong{"TopicsEmpty", "topics = [\"orders/create\"]", "topics = []", "c.toml:17:10: `topics` is empty"},
        Wrong{"TopicsType", "topics = [\"orders/create\"]", "topics = \"orders/create\"",
              "c.toml:17:10: `topics` must be an array of strings; found a string"},
        Wrong{"TopicTwice", "topics = [\"orders/create\"]", "topics = [\"a\", \"a\"]",
              "c.toml:17:16: the topic `a` starts the flow `order` already"},
        Wrong{"EventIdMissing", "event_id = \"{header:X-Id}\"\n", "",
              "c.toml:16:1: `flow.order.webhook` lacks `event_id`: a template that is the same for every repeat of one "
              "event"},
        Wrong{"TemplateOpen", "{header:X-Id}", "{header:X-Id",
              "c.toml:19:12: `{header:X-Id`: the `{` at byte 1 is never closed; a brace itself is written `{{`"},
        Wrong{"TemplateClose", "{header:X-Id}", "X-Id}",
              "c.toml:19:12: `X-Id}`: a `}` without its `{` at byte 5; a brace itself is written `}}`"},
        Wrong{"TemplateKind", "{header:X-Id}", "{haeder:X-Id}",
              "c.toml:19:12: `{haeder:X-Id}` is no place: write a JSON Pointer (`{/id}`), `{header:NAME}`, "
              "`{config:KEY}` or `{hash:/a,/b}`; "
              "did you mean `header`?"},
        Wrong{"TemplateSecret", "{header:X-Id}", "{config:key}",
              "c.toml:19:12: the configuration key `key` is a secret and cannot be used as a value"},
        Wrong{"TemplateHash", "{header:X-Id}", "{hash:/a,b}",
              "c.toml:19:12: `b` is no JSON Pointer, which starts with `/`; did you mean `/b`?"},
        Wrong{"Scheme", "\"hmac-sha256-base64\"", "\"hmac-sha256\"",
              "c.toml:21:24: `scheme` must be `hmac-sha256-base64`; found `hmac-sha256`"},
        Wrong{"SignatureSecret", "secret = \"key\" }", "secret = \"product\" }",
              "c.toml:21:74: the configuration key `product` must be of type `secret`"}),
    name_of);

INSTANTIATE_TEST_SUITE_P(
    Record, WrongContract,
    testing::Values(
        Wrong{"Model", "model = \"sale.order\"", "model = \"sale order\"",
              "c.toml:23:9: `sale order` is no name of an Odoo model"},
        Wrong{"HeaderInRecord", "order_{/id}", "order_{header:X}",
              "c.toml:24:15: `{header:X}`: headers are known only in the `topic` and `event_id` of a `webhook` or "
              "`queue`"},
        Wrong{"ConstantId", "order_{/id}", "order",
              "c.toml:24:15: `external_id` is the same for every document: put the document's own id into it, like "
              "{/id}"},
        Wrong{"RootOutsideLines", "order_{/id}", "order_{^/id}",
              "c.toml:24:15: `^/id`: `^` (the document's root) has a meaning only inside lines"},
        Wrong{
            "Action", "{config:policy}", "skipp",
            "c.toml:25:58: `action` must be `reject` or `skip` or `{config:KEY}`; found `skipp`; did you mean `skip`?"},
        Wrong{"ActionKey", "{config:policy}", "{config:product}",
              "c.toml:25:58: the configuration key `product` needs choices = [\"reject\", \"skip\"]"},
        Wrong{"Reference", "record = \"customer\"", "record = \"custommer\"",
              "c.toml:27:25: there is no record `custommer`; did you mean `customer`?"},
        Wrong{"OrReference", "record = \"customer\"", "record = \"customer\", or = \"othr\"",
              "c.toml:27:42: there is no record `othr`; did you mean `other`?"},
        Wrong{"TwoSources", "record = \"customer\"", "record = \"customer\", from = \"/a\"",
              "c.toml:27:37: `flow.order.record.fields.partner_id` has more than one source: keep `record` or `from`"},
        Wrong{"NoSource", "record = \"customer\"", "required = true",
              "c.toml:27:14: `flow.order.record.fields.partner_id` says not where its value comes from: it needs "
              "`from`, `value`, `config`, "
              "`text`, `hook`, `find`, `find_each`, `record`, `percent` or `rest`"},
        Wrong{"RuleType", "{ record = \"customer\" }", "\"/a\"",
              "c.toml:27:14: `flow.order.record.fields.partner_id` must be a table; found a string"},
        Wrong{"OptionOfRecord", "record = \"customer\"", "record = \"customer\", digits = 2",
              "c.toml:27:37: `digits` does not go with `record`, only `or`, `required`, `when`, `unless` or "
              "`create_only`"},
        Wrong{
            "As", "as = \"decimal\", digits = 2", "as = \"decimals\"",
            "c.toml:28:33: `as` must be `text`, `integer`, `decimal`, `datetime`, `email`, `boolean` or `date`; found "
            "`decimals`; did you mean `decimal`?"},
        Wrong{"DigitsOfText", "as = \"decimal\", digits", "digits", "c.toml:28:28: `digits` needs as = \"decimal\""},
        Wrong{"Rounding", "digits = 2", "digits = 2, rounding = \"half-up\"",
              "c.toml:28:67: `rounding` must be `half_even`, `half_up`, `down` or `up`; found `half-up`; did you mean "
              "`half_up`?"},
        Wrong{"WildcardOfText", "from = \"/total\", as = \"decimal\", digits = 2", "from = \"/a/*/b\"",
              "c.toml:28:18: `/a/*/b`: `*` sums decimals, so the rule needs as = \"decimal\""},
        Wrong{"ConstantDecimal", "from = \"/total\", as = \"decimal\", digits = 2", "value = \"1,5\", as = \"decimal\"",
              "c.toml:28:19: `value`: `1,5` is no decimal number (like 12.50)"},
        Wrong{"ConstantFloat", "from = \"/total\", as = \"decimal\", digits = 2", "value = 1.5",
              "c.toml:28:19: `value` must be a string, an integer or a boolean; found a float (write a decimal as a "
              "string, with as = \"decimal\")"},
        Wrong{"Default", "digits = 2", "default = \"none\"",
              "c.toml:28:54: `default`: `none` is no decimal number (like 12.50)"},
        Wrong{"ConfigKey", "from = \"/total\", as = \"decimal\", digits = 2", "config = \"produkt\"",
              "c.toml:28:20: there is no configuration key `produkt`; did you mean `product`?"},
        Wrong{"FindWithoutBy", "from = \"/total\", as = \"decimal\", digits = 2", "find = { model = \"a.b\" }",
              "c.toml:28:18: `flow.order.record.fields.total.find` lacks `by`: the fields to search by"},
        Wrong{"OnNone", "from = \"/total\", as = \"decimal\", digits = 2",
              "find = { model = \"a.b\", by = { x = { from = \"/x\" } }, on_none = \"emty\" }",
              "c.toml:28:75: `on_none` must be `reject`, `empty` or `create`; found `emty`; did you mean `empty`?"},
        Wrong{"SearchKeySource", "from = \"/total\", as = \"decimal\", digits = 2",
              "find = { model = \"a.b\", by = { x = { record = \"customer\" } } }",
              "c.toml:28:48: `record` cannot be a search key: it needs `from`, `value`, `config`, `text` or `hook`"},
        Wrong{"RatioDigits", "from = \"/total\", as = \"decimal\", digits = 2",
              "percent = { part = \"/a\", whole = \"/b\", digits = 13 }",
              "c.toml:28:59: `digits` must be an integer from 0 to 12; found 13"},
        Wrong{"ShareOfOne", "from = \"/total\", as = \"decimal\", digits = 2",
              "percent = { part = \"/a\", whole = \"/b\", share = [\"/c\"] }",
              "c.toml:28:50: `share` takes two pointers: what is left, and what there was"},
        Wrong{"EmptyIfAlone", "from = \"/total\", as = \"decimal\", digits = 2",
              "find = { model = \"a.b\", by = { x = { from = \"/x\" } }, empty_if = { model = \"a.b\", by = { x = { "
              "from = "
              "\"/x\" } } } }",
              "c.toml:28:65: `empty_if` goes with on_none = \"empty\""},
        Wrong{"SkipWhenNumber", "each = \"/items\"", "each = \"/items\"\nskip_when = { \"/left\" = 0 }",
              "c.toml:34:25: `skip_when` compares with a text, also a number or a boolean: \"/left\" = \"0\""},
        Wrong{"SkipWhenNoPointer", "each = \"/items\"", "each = \"/items\"\nskip_when = { left = \"0\" }",
              "c.toml:34:13: `left` is no JSON Pointer, which starts with `/`; did you mean `/left`?"},
        Wrong{"OnlyWhenNumber", "each = \"/items\"", "each = \"/items\"\nonly_when = { \"/gift\" = true }",
              "c.toml:34:25: `only_when` compares with a text, also a number or a boolean: \"/gift\" = \"0\""},
        Wrong{"OnlyWhenEmpty", "each = \"/items\"", "each = \"/items\"\nonly_when = {}",
              "c.toml:34:13: `only_when` is empty"},
        Wrong{"FindEachWithoutArray", "from = \"/total\", as = \"decimal\", digits = 2",
              "find_each = { model = \"a.b\", by = { x = { from = \"/x\" } } }",
              "c.toml:28:23: `flow.order.record.fields.total.find_each` lacks `each`: the JSON Pointer of an array"},
        Wrong{"FindEachMayNotBeEmpty", "from = \"/total\", as = \"decimal\", digits = 2",
              "find_each = { each = \"/a\", model = \"a.b\", by = { x = { from = \"/x\" } }, on_none = \"empty\" }",
              "c.toml:28:83: unknown key `on_none` in `flow.order.record.fields.total.find_each`; known here: `each`, "
              "`model`, `by`, `on_many` or `none_when`"},
        Wrong{"FindEachOption", "from = \"/total\", as = \"decimal\", digits = 2",
              "find_each = { each = \"/a\", model = \"a.b\", by = { x = { from = \"/x\" } } }, required = true",
              "c.toml:28:85: `required` does not go with `find_each`, only `when`, `unless` or `create_only`"},
        Wrong{"FindEachNoneWhen", "from = \"/total\", as = \"decimal\", digits = 2",
              "find_each = { each = \"/a\", none_when = { \"^/x\" = \"1\" }, model = \"a.b\", by = { x = { from = "
              "\"^/x\" } } }",
              "c.toml:28:50: `^/x`: `^` (the document's root) has a meaning only inside lines"},
        Wrong{"ShiftOfText", "as = \"decimal\", digits = 2", "shift = 2",
              "c.toml:28:28: `shift` needs as = \"decimal\""},
        Wrong{"ShiftTooFar", "digits = 2", "shift = 13",
              "c.toml:28:52: `shift` must be an integer from -12 to 12; found 13"},
        Wrong{"CreateOnlySearchKey", "from = \"/total\", as = \"decimal\", digits = 2",
              "find = { model = \"a.b\", by = { x = { from = \"/x\", create_only = true } } }",
              "c.toml:28:61: `create_only` is for fields, and this is a search key"},
        Wrong{"RestWithoutPercent", "from = \"/total\", as = \"decimal\", digits = 2",
              "rest = { part = \"/a\", whole = \"/b\" }",
              "c.toml:28:1: no `percent` of this record has the same `part`, `whole`, `digits` and currency as this "
              "`rest`"},
        Wrong{"MapToDecimal", "digits = 2", "map = { a = \"1\" }",
              "c.toml:28:44: `map` does not go with as = \"decimal\""},
        Wrong{"LinesEach", "each = \"/items\"", "each = \"^/items\"",
              "c.toml:33:8: `^/items`: `^` (the document's root) has a meaning only inside lines"},
        Wrong{"LinesParent", "parent = \"order_id\"\n", "",
              "c.toml:29:1: `flow.order.record.lines[0]` lacks `parent`: the name of an Odoo field"},
        Wrong{"SkipWhenZeroField", "each = \"/items\"", "each = \"/items\"\nskip_when_zero = \"qtty\"",
              "c.toml:34:18: there is no field `qtty` in these lines; did you mean `qty`?"},
        Wrong{"OneRecordHasNoCondition", "protect =", "when_present = \"/id\"\nprotect =",
              "c.toml:25:1: `when_present` is for named records: a flow's own record always exists"},
        Wrong{"WhenDiffers", "external_id = \"o_{/email}\"", "external_id = \"o_{/email}\"\nwhen_differs = [\"/a\"]",
              "c.toml:43:1: `when_differs` compares two JSON Pointers; found 1"},
        Wrong{"Removed", "protect =", "removed = \"delete\"\nprotect =",
              "c.toml:25:11: `removed` must be `unlink` or `keep`; found `delete`"},
        Wrong{"Circle",
              "external_id = \"c_{/email}\"\nfields.name = { from = \"/name\" }\n[flow.order.records.other]\nmodel = "
              "\"res.partner\"\n",
              "external_id = \"c_{/email}\"\nfields.parent_id = { record = \"other\" "
              "}\n[flow.order.records.other]\nmodel = "
              "\"res.partner\"\nfields.child_id = { record = \"customer\" }\n",
              "c.toml:36:21: records refer to each other in a circle: customer -> other -> customer"}),
    name_of);

constexpr std::string_view after_protect = "action = \"{config:policy}\" }\n";
constexpr std::string_view transition = R"([[flow.order.record.transitions]]
when_present = "/gone"
field = "state"
done = ["cancel"]
calls = { draft = "action_cancel" }
otherwise = "{config:policy}"
)";

class WrongTransition : public testing::TestWithParam<Wrong> {};

TEST_P(WrongTransition, IsRefusedWithItsPlaceAndWhatWouldBeRight) {
    const std::string right =
        replaced(small_contract, after_protect, std::string(after_protect) + std::string(transition));
    EXPECT_THAT(problems_of(right), ElementsAre());
    EXPECT_THAT(problems_of(replaced(right, GetParam().what, GetParam().with)),
                ElementsAre(std::string(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Record, WrongTransition,
    testing::Values(Wrong{"WhenPresent", "when_present = \"/gone\"\n", "",
                          "c.toml:26:1: `flow.order.record.transitions[0]` lacks `when_present`: the JSON Pointer of "
                          "what asks for it"},
                    Wrong{"Done", "done = [\"cancel\"]", "done = []", "c.toml:29:8: `done` is empty"},
                    Wrong{"Calls", "calls = { draft = \"action_cancel\" }\n", "",
                          "c.toml:26:1: `flow.order.record.transitions[0]` lacks `calls`: the method that leads on "
                          "from each value: { "
                          "draft = \"action_cancel\" }"},
                    Wrong{"PrivateMethod", "\"action_cancel\"", "\"_action_cancel\"",
                          "c.toml:30:19: `_action_cancel` is no name of a public Odoo method"},
                    Wrong{"CallWhenDone", "draft = \"action_cancel\"", "cancel = \"action_cancel\"",
                          "c.toml:30:20: `cancel` is in `done` already: nothing leads on from it"},
                    Wrong{"Otherwise", "otherwise = \"{config:policy}\"", "otherwise = \"ignore\"",
                          "c.toml:31:13: `otherwise` must be `reject` or `skip` or `{config:KEY}`; found `ignore`"},
                    Wrong{"OtherwiseKey", "otherwise = \"{config:policy}\"", "otherwise = \"{config:product}\"",
                          "c.toml:31:13: the configuration key `product` needs choices = [\"reject\", \"skip\"]"},
                    Wrong{"CreateOnly", "external_id = \"order_{/id}\"",
                          "external_id = \"order_{/id}\"\ncreate_only = true",
                          "c.toml:27:21: `transitions` do not go with `create_only`, which leaves a record as it is"}),
    name_of);

TEST(Contract, ATopicStartsOneFlowOnly) {
    const std::string second = R"([flow.second]
ordering_key = "/id"
webhook = { topics = ["orders/create"], topic = "t{/a}", event_id = "{/id}", record = "/id" }
)";
    EXPECT_THAT(problems_of(std::string(small_contract) + second),
                ElementsAre("c.toml:46:23: the topic `orders/create` starts the flow `order` already"));
}

TEST(Contract, LinesOfOneFieldHaveOneModel) {
    const std::string second = R"([[flow.order.record.lines]]
field = "order_line"
model = "sale.order.lines"
parent = "order_id"
each = "/items"
external_id = "x_{/id}"
fields.qty = { from = "/qty" }
)";
    EXPECT_THAT(problems_of(std::string(small_contract) + second),
                ElementsAre("c.toml:44:1: lines of `order_line` must all have the same `model` and `parent`"));
}

}  // namespace
}  // namespace sluice::contract
