// What can be wrong with a document for the other system.

#include <gmock/gmock.h>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> problems_with(const std::string& document) {
    return problems_of(std::string(small_contract) + "[flow.out]\nordering_key = \"/id\"\n[flow.out.document]\n" +
                       document);
}

TEST(DocumentRules, TargetsFormATree) {
    EXPECT_THAT(
        problems_with(
            "[flow.out.document.fields]\n\"/a/b\" = { from = \"/x\" }\n\"/a/c\" = { value = 1, quoted = true }\n"
            "[[flow.out.document.lines]]\ntarget = \"/a/d\"\neach = \"/y\"\n"
            "fields.\"/e\" = { from = \"^/id\", absent = \"null\", when = { \"/z\" = \"1\" } }\n"),
        IsEmpty());
    EXPECT_THAT(problems_with("[flow.out.document.fields]\n\"/a\" = { from = \"/x\" }\n\"/a/c\" = { from = \"/x\" }\n"),
                ElementsAre(HasSubstr("`/a/c` lies within another value of the document")));
    EXPECT_THAT(problems_with("[flow.out.document.fields]\n\"/a/c\" = { from = \"/x\" }\n\"/a\" = { from = \"/x\" }\n"),
                ElementsAre(HasSubstr("`/a` is there already")));
    EXPECT_THAT(problems_with("[flow.out.document.fields]\n\"a\" = { from = \"/x\" }\n"),
                ElementsAre(HasSubstr("`a` is no JSON Pointer, which starts with `/`; did you mean `/a`?")));
}

TEST(DocumentRules, HaveNoReferences) {
    EXPECT_THAT(problems_with("fields.\"/a\" = { find = { model = \"a.b\", by = { x = { from = \"/x\" } } } }\n"),
                ElementsAre(HasSubstr(
                    "`find` has no place in a document: it needs `from`, `value`, `config`, `text` or `hook`")));
    EXPECT_THAT(problems_with("fields.\"/a\" = { from = \"/x\", create_only = true }\n"),
                ElementsAre(HasSubstr("`create_only` does not go with `from`")));
    EXPECT_THAT(problems_of(replaced(small_contract, "[flow.order.record]",
                                     "[flow.order.document]\nfields.\"/a\" = { from = \"/x\" }\n[flow.order.record]")),
                ElementsAre(HasSubstr("not both")));
}

TEST(Clocks, SayWhatIsWrongWithThem) {
    const auto with = [](const std::string& options) {
        return problems_of(replaced(small_contract, "fields.name = { from = \"/name\" }",
                                    "fields.name = { from = \"/name\", " + options + " }"));
    };
    EXPECT_THAT(with("as = \"datetime\", zone = \"Europe/Brussels\", format = \"%d.%m.%Y\""), IsEmpty());
    EXPECT_THAT(with("as = \"datetime\", zone = \"Europe/Brusels\""),
                ElementsAre(HasSubstr("did you mean `Europe/Brussels`?")));
    EXPECT_THAT(with("as = \"datetime\", format = \"%d.%m.%Y\""),
                ElementsAre(HasSubstr("without a `zone` it names no moment")));
    EXPECT_THAT(with("as = \"datetime\", format = \"dd.mm.yyyy\""),
                testing::Contains(HasSubstr("`dd.mm.yyyy` is no format: as strftime has it")));
    EXPECT_THAT(with("zone = \"UTC\""), ElementsAre(HasSubstr("`zone` needs as = \"datetime\" or \"date\"")));
}

TEST(Create, NeedsAnIdentity) {
    const auto with = [](const std::string& find) {
        return problems_of(
            replaced(small_contract, "fields.name = { from = \"/name\" }",
                     "fields.name = { find = { model = \"a.b\", by = { x = { from = \"/x\" } }, " + find + " } }"));
    };
    EXPECT_THAT(with("on_none = \"create\", create = { external_id = \"x_{/x}\" }"), IsEmpty());
    EXPECT_THAT(with("on_none = \"create\""), ElementsAre(HasSubstr("lacks `create`")));
    EXPECT_THAT(with("create = { external_id = \"x_{/x}\" }"),
                ElementsAre(HasSubstr("goes with on_none = \"create\"")));
    EXPECT_THAT(with("on_none = \"create\", create = { external_id = \"x\" }"),
                ElementsAre(HasSubstr("is the same for every document")));
}

}  // namespace
}  // namespace sluice::contract
