// The shipped contracts against every version that was recorded.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/contract_check/check.hpp"
#include "tests/core/contract_check/lists.hpp"

namespace sluice::contract_check::test {
namespace {

std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

const std::filesystem::path contracts = std::filesystem::path(SLUICE_SOURCE_DIR) / "contracts";

class Shipped : public testing::TestWithParam<int> {
protected:
    const RecordedLists lists = RecordedLists::parse(read(contracts / "odoo/fields.json")).value();
    const odoo::VersionNames table = odoo::VersionNames::parse(read(contracts / "odoo/version_names.json")).value();
};

TEST_P(Shipped, EveryContractFits) {
    int checked = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(contracts)) {
        const auto name = entry.path().filename().string();
        if (!name.ends_with(".contract.toml")) continue;
        const auto contract = contract::parse_contract(read(entry.path()), name);
        ASSERT_TRUE(contract) << name;
        EXPECT_THAT(texts(check(*contract, name, {.lists = lists.of(GetParam()), .recorded = lists, .names = table},
                                [](const contract::Flow&) { return true; })),
                    testing::IsEmpty());
        ++checked;
    }
    EXPECT_GT(checked, 0);
}

TEST_P(Shipped, EveryEntryOfTheNamesIsWhatTheListsSay) {
    const auto document = json::Document::parse(read(contracts / "odoo/version_names.json"));
    ASSERT_TRUE(document);
    for (std::size_t i = 0; i < document->root().size(); ++i) {
        const auto entry = document->root().at(i);
        const auto since = *entry.find("since")->as_int64();
        const auto model = std::string(entry.find("model")->text());
        const auto* facts = lists.of(GetParam()).find(model);
        ASSERT_NE(facts, nullptr) << model;
        const bool is_new = GetParam() >= since;
        EXPECT_TRUE(facts->fields.contains(entry.find(is_new ? "to" : "from")->text())) << model;
        EXPECT_FALSE(facts->fields.contains(entry.find(is_new ? "from" : "to")->text())) << model;
    }
}

INSTANTIATE_TEST_SUITE_P(Odoo, Shipped, testing::Values(16, 17, 18, 19));

}  // namespace
}  // namespace sluice::contract_check::test
