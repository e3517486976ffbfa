#include "core/odoo/version_names.hpp"

#include <gmock/gmock.h>

#include "tests/core/odoo/records.hpp"

namespace sluice::odoo {
namespace {

VersionNames table() {
    return VersionNames::parse(R"([
{"model":"sale.order.line","from":"tax_id","to":"tax_ids","since":19},
{"model":"res.partner","from":"phone","to":"telephone","since":19},
{"model":"res.partner","from":"zip","to":"postcode","since":19,"note":"not the same"}])")
        .value();
}

std::vector<std::string> names_of(const std::vector<mapping::Field>& fields) {
    std::vector<std::string> names;
    for (const auto& field : fields) names.push_back(field.name);
    return names;
}

TEST(VersionNames, EitherNameBecomesTheVersionsOwn) {
    const auto names = table();
    EXPECT_EQ(names.in_version("sale.order.line", "tax_id", 18), "tax_id");
    EXPECT_EQ(names.in_version("sale.order.line", "tax_id", 19), "tax_ids");
    EXPECT_EQ(names.in_version("sale.order.line", "tax_ids", 18), "tax_id");
    EXPECT_EQ(names.in_version("sale.order.line", "tax_ids", 20), "tax_ids");
    EXPECT_EQ(names.in_version("account.move.line", "tax_id", 19), "tax_id") << "another model's";
    EXPECT_EQ(names.in_version("res.partner", "zip", 19), "zip") << "not quite the same: for messages only";
    ASSERT_NE(names.find("res.partner", "postcode"), nullptr);
}

TEST(VersionNames, ARecordIsRenamedInItsLinesKeysAndReferences) {
    auto record = test::order({.lines = {{"1", "PEN", "2", "10.50", "0", {"0.21"}}}});
    auto partner = std::make_shared<mapping::MappedRecord>(test::customer("ann@example.com"));
    mapping::SearchKeys keys;
    keys.emplace_back("parent_id.phone", std::string("1"));
    keys.emplace_back("phone", std::string("2"));
    partner->candidates.clear();
    partner->candidates.push_back(keys);
    partner->fields.push_back({.name = "phone", .value = std::string("2"), .pointer = ""});
    record.fields = {
        {.name = "partner_id", .value = std::shared_ptr<const mapping::MappedRecord>(partner), .pointer = ""},
        {.name = "partner_invoice_id", .value = std::shared_ptr<const mapping::MappedRecord>(partner), .pointer = ""}};
    const auto names = table();
    ASSERT_TRUE(names.concern(record));

    const auto renamed = names.in_version(record, 19);
    EXPECT_THAT(names_of(renamed.lines.at(0).lines.at(0).fields),
                testing::AllOf(testing::Contains("tax_ids"), testing::Not(testing::Contains("tax_id"))));
    const auto& one = std::get<std::shared_ptr<const mapping::MappedRecord>>(renamed.fields.at(0).value);
    const auto& two = std::get<std::shared_ptr<const mapping::MappedRecord>>(renamed.fields.at(1).value);
    EXPECT_EQ(one, two) << "one record stays one";
    EXPECT_THAT(names_of(one->fields), testing::Contains("telephone"));
    EXPECT_EQ(one->candidates.at(0).at(0).first, "parent_id.phone") << "a step in another model is not known here";
    EXPECT_EQ(one->candidates.at(0).at(1).first, "telephone");
    EXPECT_THAT(names_of(partner->fields), testing::Contains("phone")) << "what was mapped stays as it was";
    EXPECT_THAT(names_of(names.in_version(record, 17).lines.at(0).lines.at(0).fields), testing::Contains("tax_id"));
}

TEST(VersionNames, ARecordWithoutAModelOfTheTableNeedsNoVersion) {
    EXPECT_FALSE(VersionNames().concern(test::order({})));
    mapping::MappedRecord other{.model = "res.country", .external_id = "x"};
    EXPECT_FALSE(table().concern(other));
}

TEST(VersionNames, AnEntryThatLacksSomethingIsNamed) {
    const auto wrong = VersionNames::parse(R"([{"model":"a","from":"b","to":"c"}])");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().message, testing::HasSubstr("entry 0 lacks"));
}

}  // namespace
}  // namespace sluice::odoo
