#include "tests/simulators/odoo/domain.hpp"

#include <gtest/gtest.h>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/seed.hpp"

namespace sluice::sim {
namespace {

constexpr Micros kNow = 1'795'000'000'549'124;  // 2026-11-18 .549124

class DomainTest : public ::testing::Test {
protected:
    DomainTest() : database(17, "odoo", [] { return kNow; }) {
        install_base(database);
        first =
            orm::create(env, "res.partner", {{"name", "Anna"}, {"email", "ANNA@Example.com"}, {"is_company", true}});
        second = orm::create(env, "res.partner", {{"name", "Bert"}, {"parent_id", first}, {"city", "Gent"}});
        third = orm::create(env, "res.partner", {{"name", "Cleo_x"}, {"active", false}});
    }

    Ids find(std::string_view domain) {
        json::array full = json::parse(domain).as_array();
        full.push_back(json::array{"id", "in", to_array({first, second, third})});
        return orm::search(env, "res.partner", full, {0, -1, "id"});
    }
    std::string error(std::string_view domain) {
        try {
            orm::search(env, "res.partner", json::parse(domain));
        } catch (const OdooError& raised) {
            return raised.name;
        }
        return "none";
    }

    Database database;
    Env env{database, kSuperuser, {}};
    std::int64_t first = 0, second = 0, third = 0;
};

TEST_F(DomainTest, ComparesTextsAndCase) {
    EXPECT_EQ(find(R"([["name", "=", "Anna"]])"), Ids{first});
    EXPECT_EQ(find(R"([["name", "ilike", "ANN"]])"), Ids{first});
    EXPECT_EQ(find(R"([["name", "like", "ANN"]])"), Ids{});
    EXPECT_EQ(find(R"([["name", "=like", "B_rt"]])"), Ids{second});
    EXPECT_EQ(find(R"([["email_normalized", "=", "anna@example.com"]])"), Ids{first});
}

TEST_F(DomainTest, NegationsIncludeEmptyColumns) {
    EXPECT_EQ(find(R"([["city", "!=", "Gent"]])"), Ids{first});
    EXPECT_EQ(find(R"([["city", "not in", ["Gent"]]])"), Ids{first});
    EXPECT_EQ(find(R"([["city", "not ilike", "gen"]])"), Ids{first});
    EXPECT_EQ(find(R"([["city", "=", false]])"), Ids{first});
}

TEST_F(DomainTest, PolishNotation) {
    EXPECT_EQ(find(R"(["|", ["name", "=", "Anna"], ["name", "=", "Bert"]])"), (Ids{first, second}));
    EXPECT_EQ(find(R"(["!", "|", ["name", "=", "Anna"], ["city", "=", "Gent"]])"), Ids{});
    EXPECT_EQ(find(R"([[1, "=", 1]])"), (Ids{first, second}));
    EXPECT_EQ(find(R"([[0, "=", 1]])"), Ids{});
}

TEST_F(DomainTest, RelationsByIdByNameAndByPath) {
    EXPECT_EQ(find(R"([["parent_id.name", "=", "Anna"]])"), Ids{second});
    EXPECT_EQ(find(R"([["parent_id", "=", "Anna"]])"), Ids{second});
    EXPECT_EQ(find(R"([["child_ids.city", "=", "Gent"]])"), Ids{first});
    EXPECT_EQ(find(R"([["child_ids", "=", false]])"), Ids{second});
    EXPECT_EQ(find("[[\"id\", \"child_of\", " + std::to_string(first) + "]]"), (Ids{first, second}));
    EXPECT_EQ(find(R"([["child_ids", "any", [["city", "=", "Gent"]]]])"), Ids{first});
}

TEST_F(DomainTest, ArchivedRecordsAreLeftOutUnlessAskedFor) {
    EXPECT_EQ(find(R"([["active", "=", false]])"), Ids{third});
    env = env.with_context("active_test", false);
    EXPECT_EQ(find("[]"), (Ids{first, second, third}));
}

TEST_F(DomainTest, WireSecondsAgainstMicroseconds) {
    const auto second_text = wire_datetime(stamp_text(kNow));
    const auto with = [&](std::string_view op, const std::string& value) {
        return !find("[[\"write_date\", \"" + std::string(op) + "\", \"" + value + "\"]]").empty();
    };
    EXPECT_TRUE(with(">", second_text));  // FACTS section 5: the column has microseconds
    EXPECT_FALSE(with("=", second_text));
    EXPECT_FALSE(with("<=", second_text));
    EXPECT_TRUE(with("=", stamp_text(kNow)));
    EXPECT_TRUE(with(">=", replace_all(second_text, " ", "T") + "Z"));
    EXPECT_FALSE(with(">", second_text.substr(0, 10)));  // a date alone means its last second
}

TEST_F(DomainTest, Errors) {
    EXPECT_EQ(error(R"("nonsense")"), "builtins.AssertionError");
    EXPECT_EQ(error(R"([["name", "="]])"), "builtins.ValueError");
    EXPECT_EQ(error(R"([["name", "~~", 1]])"), "builtins.ValueError");
    EXPECT_EQ(error(R"([["nofield", "=", 1]])"), "builtins.ValueError");
    EXPECT_EQ(error(R"([["write_date", ">", 12]])"), "psycopg2.errors.DatetimeFieldOverflow");
    EXPECT_EQ(error(R"([["id", "=", "abc"]])"), "psycopg2.errors.InvalidTextRepresentation");
    EXPECT_EQ(error(R"([["avatar_128", "!=", false]])"), kNotClaimed);
}

}  // namespace
}  // namespace sluice::sim
