#include "core/review/contract_tests.hpp"

#include <gmock/gmock.h>

#include <map>

namespace sluice::review {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view small = R"([contract]
name = "test"
version = "1.0.0"
[config.place]
default = "here"
[flow.f]
ordering_key = "/id"
[flow.f.record]
model = "x.record"
external_id = "r_{/id}"
[flow.f.record.fields]
name = { from = "/name", required = true }
amount = { from = "/amount", as = "decimal" }
place = { config = "place" }
active = { from = "/active", as = "boolean" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "r_{^/id}_{/id}"
fields.name = { from = "/name", required = true }
[flow.own]
ordering_key = "/id"
[flow.hooked]
ordering_key = "/id"
[flow.hooked.record]
model = "x.record"
external_id = "r_{/id}"
fields.x = { hook = "code", arguments = "/id" }
)";

using Files = std::map<std::string, std::string>;

Files files() {
    return {{"dir/c.contract.toml", std::string(small)},
            {"dir/one.json", R"({"id":1,"name":"A","amount":"1.50","items":[{"id":5,"name":"five"}]})"}};
}

std::expected<std::vector<TestOutcome>, std::vector<toml::Problem>> run(std::string_view text,
                                                                        const Files& files = review::files()) {
    return run_contract_tests(text, "dir/c.test.toml", [&files](const std::filesystem::path& path) {
        const auto found = files.find(path.string());
        return found == files.end() ? Result<std::string>(fail(Failure::invalid, path.string() + ": is not there"))
                                    : Result<std::string>(found->second);
    });
}

/// "path: expected / got" of every difference of a text with one test.
std::vector<std::string> differences(std::string_view text) {
    const auto outcomes = run(text);
    std::vector<std::string> found;
    if (!outcomes) {
        for (const auto& problem : outcomes.error()) ADD_FAILURE() << problem.to_string();
        return found;
    }
    for (const auto& outcome : *outcomes)
        for (const auto& difference : outcome.differences)
            found.push_back(difference.path + ": " + difference.expected + " / " + difference.got);
    return found;
}

std::vector<std::string> problems(std::string_view text) {
    std::vector<std::string> found;
    const auto outcomes = run(text);
    if (!outcomes)
        for (const auto& problem : outcomes.error()) found.push_back(problem.to_string());
    return found;
}

std::string one_test(std::string_view rest) {
    return "[[test]]\nname = \"t\"\nflow = \"f\"\nfile = \"one.json\"\n" + std::string(rest);
}

TEST(ContractTests, WhatIsSaidOfTheRecordIsSo) {
    EXPECT_THAT(differences(one_test(R"([test.record]
model = "x.record"
external_id = "r_1"
fields = { name = "A", amount = "1.5", place = "here", active = "" }
[[test.record.lines.line_ids]]
external_id = "r_1_5"
fields.name = "five"
)")),
                IsEmpty())
        << "a decimal is compared by value, and \"\" is an empty field";
}

TEST(ContractTests, NamesEveryDifference) {
    EXPECT_THAT(
        differences(one_test(R"(record.external_id = "r_2"
record.fields = { name = "B", amount = 2, other = "x", place = "here" }
record.lines.line_ids = [{ fields.name = "six" }, { external_id = "r_1_6" }]
record.lines.more = []
)")),
        ElementsAre("/external_id: \"r_2\" / \"r_1\"", "/fields/name: \"B\" / \"A\"", "/fields/amount: 2 / 1.50",
                    "/fields/other: \"x\" / nothing", "/lines/line_ids/0/fields/name: \"six\" / \"five\"",
                    "/lines/line_ids/1: a table / nothing", "/lines/more: 0 elements / nothing"));
}

TEST(ContractTests, OfALineMoreThanExpectedIsADifference) {
    EXPECT_THAT(differences(one_test("record.lines.line_ids = []\n")),
                ElementsAre(HasSubstr("/lines/line_ids/0: nothing / {\"external_id\":\"r_1_5\"")));
}

TEST(ContractTests, AWholeRecordHasNoFieldThatIsNotSaid) {
    EXPECT_THAT(
        differences(one_test("whole = true\nrecord.fields = { name = \"A\", amount = \"1.50\", active = \"\" }\n")),
        ElementsAre("/fields/place: nothing / \"here\""));
}

TEST(ContractTests, BrokenRulesAreTheExpectedOnesAndNoOthers) {
    const std::string document =
        "[[test]]\nname = \"t\"\nflow = \"f\"\ndocument = '{\"id\":1,\"items\":[{\"id\":2}]}'\n";
    EXPECT_THAT(differences(document +
                            R"(broken = [{ pointer = "/name" }, { pointer = "/items/0/name", message = "absent" }])"),
                IsEmpty());
    EXPECT_THAT(
        differences(document + R"(broken = [{ pointer = "/name", message = "too long" }, { pointer = "/id" }])"),
        ElementsAre("/name: a broken rule: too long / broken: required, and absent",
                    "/id: a broken rule / no broken rule",
                    "/items/0/name: no broken rule / broken: required, and absent"));
    EXPECT_THAT(differences(document + "record = {}"),
                ElementsAre("/name: no broken rule / broken: required, and absent",
                            "/items/0/name: no broken rule / broken: required, and absent"));
    EXPECT_THAT(differences(one_test("broken = [{ pointer = \"/name\" }]")),
                ElementsAre(": 1 broken rules / no broken rule"));
}

TEST(ContractTests, OfADocumentForTheOtherSystem) {
    auto with = files();
    with["dir/c.contract.toml"] = std::string(small) + R"([flow.out]
ordering_key = "/id"
[flow.out.document.fields]
"/order/name" = { from = "/name", required = true }
[[flow.out.document.lines]]
target = "/order/lines"
each = "/items"
fields."/amount" = { from = "/amount", as = "decimal" }
)";
    const auto outcomes = run(R"([[test]]
name = "sent"
flow = "out"
document = '{"id":1,"name":"A","items":[{"amount":2.50}]}'
record.order = { name = "A", lines = [{ amount = "2.5" }] }
[[test]]
name = "broken"
flow = "out"
document = '{"id":1,"name":false}'
broken = [{ pointer = "/name" }]
)",
                              with);
    ASSERT_TRUE(outcomes) << outcomes.error().front().to_string();
    for (const auto& outcome : *outcomes) EXPECT_TRUE(outcome.ok()) << outcome.name;
}

TEST(ContractTests, ConfigurationAndChangesOfTheDocument) {
    EXPECT_THAT(differences(R"([config]
place = "there"
[[test]]
name = "the file's own"
flow = "f"
file = "one.json"
record.fields.place = "there"
[[test]]
name = "the test's own, and another document"
flow = "f"
file = "one.json"
config.place = "elsewhere"
change = { "/name" = "B", "/amount" = 3, "/items" = { json = "[]" } }
record = { fields = { place = "elsewhere", name = "B", amount = 3 }, lines = { line_ids = [] } }
)"),
                IsEmpty());
}

TEST(ContractTests, AWholeRecordAsTryPrintsIt) {
    auto with = files();
    with["dir/r.json"] =
        R"({"flow":"f","record":{"model":"x.record","external_id":"r_1","candidates":[],"adopt":false,"create_only":false,
"fields":{"amount":1.5,"name":"A","place":"here","active":true},"lines":[{"field":"line_ids","model":"x.line",
"removed":"unlink","lines":[{"external_id":"r_1_5","fields":{"name":"five"}}]}]},"sources":{}})";
    const auto outcomes = run(one_test("record_file = \"r.json\"\n"), with);
    ASSERT_TRUE(outcomes) << outcomes.error().front().to_string();
    ASSERT_EQ(outcomes->at(0).differences.size(), 1U);
    EXPECT_EQ(outcomes->at(0).differences[0].path, "/fields/active");
    EXPECT_EQ(outcomes->at(0).differences[0].got, "empty");
}

TEST(ContractTests, SaysAllThatIsWrongWithAFileAtOnce) {
    EXPECT_THAT(
        problems(R"([config]
plaice = "x"
[[test]]
name = "a"
flow = "g"
file = "none.json"
record = {}
[[test]]
name = "b"
flow = "own"
document = "{"
broken = []
[[test]]
flow = "f"
file = "one.json"
change = { "/gone" = 1 }
recrod = {}
)"),
        ElementsAre(HasSubstr("c.test.toml:2:1: there is no configuration key `plaice`; did you mean `place`?"),
                    HasSubstr("c.test.toml:5:8: there is no flow `g`"),
                    HasSubstr("c.test.toml:6:8: dir/none.json: is not there"),
                    HasSubstr("c.test.toml:10:8: the flow `own` declares no record and no document"),
                    HasSubstr("c.test.toml:11:12:"), HasSubstr("c.test.toml:12:1: `broken` is empty"),
                    HasSubstr("c.test.toml:13:1: `test[2]` lacks `name`"),
                    HasSubstr("c.test.toml:13:1: `test[2]` needs one of `record`"), HasSubstr("c.test.toml:16:12:"),
                    HasSubstr("c.test.toml:17:1: unknown key `recrod` in `test[2]`; did you mean `record`?")));
}

TEST(ContractTests, AWrongContractIsReportedWithItsOwnPlaces) {
    auto with = files();
    with["dir/c.contract.toml"] = "[contract]\nname = \"test\"\nversion = \"1.0.0\"\nnmae = 1\n";
    const auto outcomes = run(one_test("record = {}\n"), with);
    ASSERT_FALSE(outcomes);
    EXPECT_THAT(outcomes.error().front().to_string(),
                HasSubstr("dir/c.contract.toml:4:1: unknown key `nmae` in `contract`; did you mean `name`?"));
}

TEST(ContractTests, SayWhatThePluginsCodeAnswers) {
    const std::string test = "[[test]]\nname = \"t\"\nflow = \"hooked\"\ndocument = '{\"id\": 7}'\n";
    EXPECT_THAT(differences(test + "hooks.code = \"seven\"\nrecord.fields.x = \"seven\"\n"), IsEmpty());
    EXPECT_THAT(
        differences(test + "broken = [{ pointer = \"/id\", message = \"the test does not say what it answers\" }]"),
        IsEmpty());
    const auto wrong = run(test + "hooks.cod = \"seven\"\nrecord.fields.x = \"seven\"\n");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().front().message, HasSubstr("has no hook `cod`; did you mean `code`?"));
}

}  // namespace
}  // namespace sluice::review
