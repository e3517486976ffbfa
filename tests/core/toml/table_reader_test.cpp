#include "core/toml/table_reader.hpp"

#include <gmock/gmock.h>

namespace sluice::toml {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// What a reading of a text finds wrong.
template <class Function>
std::vector<std::string> problems_of(std::string_view text, Function read) {
    const auto tree = parse(text, "a.toml");
    if (!tree) return {tree.error().to_string()};
    Problems problems("a.toml");
    TableReader reader(*tree, "", problems);
    read(reader);
    reader.finish();
    std::vector<std::string> texts;
    for (const auto& problem : problems.take()) texts.push_back(problem.to_string());
    return texts;
}

TEST(TableReader, ReadsWhatIsThereAndAnswersNothingForWhatIsNot) {
    EXPECT_THAT(problems_of("name = \"N\"\nlanes = 3\non = true\nlist = [\"a\", \"b\"]\n",
                            [](TableReader& reader) {
                                EXPECT_EQ(reader.text("name"), "N");
                                EXPECT_EQ(reader.integer("lanes", 1, 9), 3);
                                EXPECT_TRUE(reader.boolean("on", false));
                                EXPECT_EQ(reader.texts("list").size(), 2U);
                                EXPECT_FALSE(reader.text("absent"));
                                EXPECT_TRUE(reader.boolean("absent", true));
                            }),
                IsEmpty());
}

TEST(TableReader, SaysWhereAValueIsOfAnotherTypeAndWhatItMustBe) {
    EXPECT_THAT(problems_of("lanes = 0\nname = 5\n",
                            [](TableReader& reader) {
                                EXPECT_FALSE(reader.integer("lanes", 1, 9));
                                EXPECT_FALSE(reader.text("name"));
                            }),
                ElementsAre("a.toml:1:9: `lanes` must be an integer from 1 to 9; found 0",
                            "a.toml:2:8: `name` must be a string; found an integer"));
}

TEST(TableReader, ReportsWhatNobodyAskedForWithTheNearestKey) {
    EXPECT_THAT(problems_of("nmae = \"N\"\n", [](TableReader& reader) { EXPECT_FALSE(reader.text("name")); }),
                ElementsAre("a.toml:1:1: unknown key `nmae`; did you mean `name`?"));
}

TEST(TableReader, ReportsEveryProblemAndWhatIsMissing) {
    EXPECT_THAT(problems_of("level = \"loudd\"\n",
                            [](TableReader& reader) {
                                EXPECT_FALSE(reader.one_of("level", {"low", "loud"}));
                                reader.need("name", "a name");
                            }),
                ElementsAre("a.toml:1:1: `name` is missing: a name",
                            "a.toml:1:9: `level` must be `low` or `loud`; found `loudd`; did you mean `loud`?"));
}

TEST(Tree, SaysWhereATextIsNoToml) {
    EXPECT_THAT(problems_of("name = ", [](TableReader&) {}),
                ElementsAre(testing::StartsWith("a.toml:1:8: not valid TOML: ")));
}

}  // namespace
}  // namespace sluice::toml
