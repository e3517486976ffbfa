#include "host/contracts/account_check.hpp"

#include <gmock/gmock.h>

#include <map>

#include "host/contracts/contract_report.hpp"
#include "host/contracts/odoo_lists.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// Answers by "model.method", rights by "model.operation".
class Answers final : public odoo::Caller {
public:
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view) override {
        auto name = std::string(model) + "." + std::string(method);
        if (method == "check_access_rights" || method == "has_access") {
            for (const auto* operation : {"read", "write", "create", "unlink"})
                if (args.find("\"" + std::string(operation) + "\"") != std::string_view::npos)
                    return json::Document::parse(denied.contains(std::string(model) + "." + operation) ? "false"
                                                                                                       : "true");
        }
        if (method == "has_group") name += std::string(args);
        const auto found = answers.find(name);
        if (found != answers.end()) return json::Document::parse(found->second);
        if (method == "fields_get") return json::Document::parse("{}");
        return fail(Failure::rejected, "no " + name);
    }
    std::map<std::string, std::string> answers;
    std::set<std::string> denied;
};

contract::Flow watching() {
    contract::Flow flow{.name = "stock", .order = "stock", .ordering_key = "/id"};
    flow.odoo_change = contract::OdooChangeTrigger{.model = "stock.quant", .fields = {"quantity"}};
    flow.odoo_reads = {"stock.move"};
    return flow;
}

class AccountCheck : public testing::Test {
protected:
    AccountCheck() {
        odoo.answers["res.users.search_read"] = R"([{"id":7,"name":"Sluice"}])";
        for (const auto* model : {"stock.quant", "stock.move", "ir.model.data"})
            for (const auto* operation : {"write", "create", "unlink"})
                odoo.denied.insert(std::string(model) + "." + operation);
    }
    AccountReport check(int version = 17) {
        return check_account({.database = "shop", .login = "svc"}, odoo,
                             {.major = version, .text = std::to_string(version) + ".0"},
                             {{.connector = "shop", .flow = &flow}}, now_ms);
    }
    static constexpr std::int64_t now_ms = 1'767'225'600'000;  // 2026-01-01
    Answers odoo;
    contract::Flow flow = watching();
};

TEST_F(AccountCheck, ItSaysWhichProtocolIsSpoken) {
    const auto spoken = [&](odoo::ProtocolName configured, int version) {
        return check_account({.database = "shop", .login = "svc", .protocol = configured}, odoo,
                             {.major = version, .text = ""}, {}, now_ms)
            .protocol;
    };
    EXPECT_EQ(spoken(odoo::ProtocolName::automatic, 19), "json2");
    EXPECT_EQ(spoken(odoo::ProtocolName::automatic, 17), "jsonrpc");
    EXPECT_EQ(spoken(odoo::ProtocolName::json2, 17), "json2");
    EXPECT_EQ(spoken(odoo::ProtocolName::web_session, 19), "web_session");
}

TEST_F(AccountCheck, AnAccountWithJustItsRightsHasNothingToBeSaidOf) {
    const auto report = check();
    EXPECT_FALSE(report.error);
    EXPECT_THAT(report.lacking, IsEmpty());
    EXPECT_THAT(report.warnings, IsEmpty());
    const auto text = to_text(report);
    EXPECT_THAT(text, HasSubstr("Odoo 17.0, database shop, jsonrpc, user svc (Sluice, id 7)"));
    EXPECT_THAT(text, HasSubstr("API keys of this Odoo do not expire"));
    EXPECT_THAT(text, HasSubstr("shop stock: may do what it needs"));
}

TEST_F(AccountCheck, WhatItMayNotIsSaidByFlow) {
    odoo.denied.insert("stock.move.read");
    const auto report = check();
    ASSERT_EQ(report.lacking.size(), 1U);
    EXPECT_EQ(report.lacking[0].model, "stock.move");
    EXPECT_THAT(to_text(report), HasSubstr("shop stock: LACKS stock.move: read"));
}

TEST_F(AccountCheck, AnAdministratorAndMoreThanIsNeededAreWarnedOf) {
    odoo.denied.erase("stock.quant.unlink");
    odoo.answers[R"(res.users.has_group["base.group_system"])"] = "true";
    EXPECT_THAT(check().warnings, ElementsAre(HasSubstr("Administration / Settings"),
                                              "it may more than the contracts need: unlink stock.quant"));
}

TEST_F(AccountCheck, From18OnKeysMayExpireAndAUsersGroupIsAskedOfTheUser) {
    odoo.answers["res.users.apikeys.search_read"] =
        R"([{"name":"sluice","expiration_date":"2026-01-05 10:00:00"},{"name":"old","expiration_date":false}])";
    odoo.answers[R"(res.users.has_group[[7],"base.group_erp_manager"])"] = "true";
    const auto report = check(18);
    EXPECT_THAT(to_text(report), HasSubstr("key `sluice`: expires at 2026-01-05 10:00:00 UTC"));
    EXPECT_THAT(to_text(report), HasSubstr("key `old`: does not expire"));
    EXPECT_THAT(report.warnings, ElementsAre(HasSubstr("the key `sluice` expires at"), HasSubstr("Access Rights")));
}

TEST(Rights, AreATableAndACsv) {
    const auto flow = watching();
    const auto needs = rights_of({{.connector = "shop", .flow = &flow}}, recorded_fields().of(17));
    EXPECT_THAT(rights_table(needs), HasSubstr("stock.quant    x     -      -       -\n"));
    EXPECT_EQ(
        rights_csv(needs),
        "id,name,model_id,group_id/id,perm_read,perm_write,perm_create,perm_unlink\n"
        "__import__.sluice_access_ir_model_data,sluice ir.model.data,ir.model.data,__import__.sluice_group,1,0,0,0\n"
        "__import__.sluice_access_stock_move,sluice stock.move,stock.move,__import__.sluice_group,1,0,0,0\n"
        "__import__.sluice_access_stock_quant,sluice stock.quant,stock.quant,__import__.sluice_group,1,0,0,0\n");
    EXPECT_EQ(group_csv(), "id,name\n__import__.sluice_group,Sluice\n");
}

TEST(ContractReport, AgainstAVersionNobodyRecordedNamesThoseThereAre) {
    contract::Contract contract{.name = "shop", .version = "1.0.0"};
    const CheckedContract checked{
        .connector = "", .contract = &contract, .file = "shop.toml", .is_on = [](const auto&) { return true; }};
    const auto report = check_recorded(checked, 12);
    ASSERT_FALSE(report);
    EXPECT_THAT(report.error().message, HasSubstr("no lists of Odoo 12, only of `16`, `17`, `18` or `19`"));
    const auto fine = check_recorded(checked, 19);
    ASSERT_TRUE(fine);
    EXPECT_TRUE(is_fine(*fine));
    EXPECT_THAT(to_text({*fine}),
                HasSubstr("shop 1.0.0 against the lists recorded of Odoo 19: fine\n0 errors, 0 warnings\n"));
    EXPECT_THAT(to_json({*fine}), HasSubstr(R"("errors":0,"warnings":0)"));
}

}  // namespace
}  // namespace sluice::host
