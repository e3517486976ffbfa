// What can be wrong with rules about values, found before any document comes.

#include <gmock/gmock.h>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> problems_with_check(const std::string& check) {
    return problems_of(
        replaced(small_contract, "[[flow.order.record.lines]]",
                 "[[flow.order.record.checks]]\nrule = \"r\"\n" + check + "\n[[flow.order.record.lines]]"));
}

std::vector<std::string> problems_with_options(const std::string& options) {
    return problems_of(replaced(small_contract, "fields.name = { from = \"/name\" }",
                                "fields.name = { from = \"/name\", " + options + " }"));
}

TEST(Checks, AreRead) {
    EXPECT_THAT(problems_with_check(
                    "sum = [{ each = \"/items\", product = [\"/qty\", \"^/rate\"], subtract = true, digits = 2 }]\n"
                    "equals = \"/total\"\ntolerance = \"0.01\"\nwhen = { \"/a\" = \"1\" }"),
                IsEmpty());
    EXPECT_THAT(problems_with_check("each = \"/items\"\ncompare = [\"/a\", \"<\", \"^/b\"]"), IsEmpty());
    EXPECT_THAT(problems_with_options("min_length = 2, max_length = 3, pattern = 'a.*'"), IsEmpty());
    EXPECT_THAT(problems_with_options("as = \"decimal\", min = \"0.5\", max = 1"), IsEmpty());
}

TEST(Checks, SayWhatIsWrongWithThem) {
    const auto only = [](const std::vector<std::string>& problems) {
        return problems.size() == 1 ? problems.front() : "there are " + std::to_string(problems.size());
    };
    EXPECT_THAT(only(problems_with_check("each = \"/items\"")),
                HasSubstr("`flow.order.record.checks[0]` says not what must hold: it needs `required`, `any`, `none`, "
                          "`compare` or `sum`"));
    EXPECT_THAT(only(problems_with_check("any = [\"/a\"]\nnone = [\"/b\"]")), HasSubstr("is several rules"));
    EXPECT_THAT(only(problems_with_check("compare = [\"/a\", \"=>\", \"/b\"]")),
                HasSubstr("`=>` is no operator: `=`, `!=`, `<`, `<=`, `>` or `>=`"));
    EXPECT_THAT(only(problems_with_check("compare = [\"/a\", \"<\"]")),
                HasSubstr("`compare` has a JSON Pointer, an operator"));
    EXPECT_THAT(only(problems_with_check("compare = [\"/a\", \"<\", \"b\"]")), HasSubstr("`b` is no decimal number"));
    EXPECT_THAT(only(problems_with_check("as = \"text\"\ncompare = [\"/a\", \"<\", \"b\"]")),
                HasSubstr("`<` needs as = \"decimal\", \"integer\", \"datetime\" or \"date\""));
    EXPECT_THAT(only(problems_with_check("compare = [\"^/a\", \"<\", \"/b\"]")), HasSubstr("only inside lines"));
    EXPECT_THAT(only(problems_with_check("sum = [\"/a\"]")), HasSubstr("lacks `equals`"));
    EXPECT_THAT(only(problems_with_check("sum = [\"/a\"]\nequals = \"/b\"\ntolerance = 0.1")),
                HasSubstr("`tolerance` must be an integer, or a decimal as a string"));
    EXPECT_THAT(only(problems_with_check("sum = [\"/a\"]\nequals = \"/b\"\nat_least = \"0\"")),
                HasSubstr("`at_least` and `equals` are two rules"));
    EXPECT_THAT(only(problems_with_check("sum = [\"/a\"]\nat_least = \"b\"")), HasSubstr("`b` is no decimal number"));
    EXPECT_THAT(only(problems_with_check("required = \"/a\"\ntolerance = 1")),
                HasSubstr("`tolerance` goes with `sum`"));
    EXPECT_THAT(only(problems_with_options("pattern = '(a'")),
                HasSubstr("`(a` is no regular expression (RE2's syntax): missing )"));
    EXPECT_THAT(only(problems_with_options("min_length = 4, max_length = 3")),
                HasSubstr("`min_length` is more than `max_length`"));
    EXPECT_THAT(only(problems_with_options("as = \"decimal\", pattern = 'a'")),
                HasSubstr("`pattern` needs as = \"text\" or \"email\""));
    EXPECT_THAT(only(problems_with_options("min = 1")), HasSubstr("`min` needs as = \"decimal\" or \"integer\""));
}

}  // namespace
}  // namespace sluice::contract
