#include "host/contracts/account_check.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "core/base/timestamp.hpp"
#include "core/contract_check/live.hpp"
#include "core/odoo/protocol.hpp"
#include "host/contracts/odoo_lists.hpp"

namespace sluice::host {
namespace {

using contract_check::Access;
using contract_check::FieldLists;
using contract_check::Needs;

constexpr int first_with_key_expiry = 18, first_with_has_group_of_a_user = 18;
/// A key that ends sooner is worth a warning.
constexpr std::int64_t soon_ms = 14LL * 24 * 60 * 60 * 1'000;
constexpr std::array groups{
    std::pair{"base.group_system", "Administration / Settings: it may change everything"},
    std::pair{"base.group_erp_manager", "Administration / Access Rights: it may give itself any right"}};

std::string words(const Access& access) {
    std::vector<std::string_view> words;
    if (access.read) words.emplace_back("read");
    if (access.write) words.emplace_back("write");
    if (access.create) words.emplace_back("create");
    if (access.unlink) words.emplace_back("unlink");
    return fmt::format("{}", fmt::join(words, ", "));
}

/// What `one` has and `other` has not.
Access beyond(const Access& one, const Access& other) {
    return {.read = one.read && !other.read,
            .write = one.write && !other.write,
            .create = one.create && !other.create,
            .unlink = one.unlink && !other.unlink};
}

std::string text_of(const json::Value& row, std::string_view key) {
    const auto found = row.find(key);
    return found && found->kind() == json::Kind::string ? std::string(found->text()) : std::string();
}

Result<void> ask_user(odoo::Caller& odoo, AccountReport& report) {
    const auto rows =
        odoo.call("res.users", "search_read", fmt::format(R"([[["login","=",{}]]])", json::quote(report.login)),
                  R"({"fields":["name"]})");
    if (!rows) return std::unexpected(rows.error());
    if (rows->root().size() == 0) return {};
    const auto row = rows->root().at(0);
    const auto id = row.find("id");
    report.uid = id ? id->as_int64().value_or(0) : 0;
    report.name = text_of(row, "name");
    return {};
}

void ask_keys(odoo::Caller& odoo, int version, std::int64_t now_ms, AccountReport& report) {
    report.keys_may_expire = version >= first_with_key_expiry;
    if (!report.keys_may_expire) return;
    const auto rows = odoo.call("res.users.apikeys", "search_read", "[[]]", R"({"fields":["name","expiration_date"]})");
    for (std::size_t i = 0; rows && i < rows->root().size(); ++i) {
        const auto row = rows->root().at(i);
        report.keys.push_back({.name = text_of(row, "name"), .expires = text_of(row, "expiration_date")});
        const auto& key = report.keys.back();
        // Both are texts of one form, so that they compare as times.
        if (!key.expires.empty() && key.expires < format_odoo_datetime(now_ms + soon_ms))
            report.warnings.push_back(
                fmt::format("the key `{}` expires at {} UTC: make a new one before", key.name, key.expires));
    }
}

void ask_groups(odoo::Caller& odoo, int version, AccountReport& report) {
    for (const auto& [group, means] : groups) {
        const auto name = json::quote(group);
        const auto args = version >= first_with_has_group_of_a_user ? fmt::format("[[{}],{}]", report.uid, name)
                                                                    : fmt::format("[{}]", name);
        const auto has = odoo.call("res.users", "has_group", args, "{}");
        if (has && has->root().is_true())
            report.warnings.push_back(
                fmt::format("the account is in the group {}; take a user of its own with the rights "
                            "`sluice odoo rights` prints",
                            means));
    }
}

void compare(const std::vector<EnabledFlow>& flows, const FieldLists& lists, AccountReport& report) {
    for (const auto& [connector, flow] : flows) {
        report.flows.push_back(connector + " " + flow->name);
        for (const auto& [model, needed] : contract_check::needs_of(*flow, lists)) {
            const auto* facts = lists.find(model);
            const auto lacking = words(facts != nullptr && facts->may ? beyond(needed, *facts->may) : Access());
            if (facts == nullptr)
                report.lacking.push_back({connector, flow->name, model, "the model is not there"});
            else if (!lacking.empty())
                report.lacking.push_back({connector, flow->name, model, lacking});
        }
    }
    std::vector<std::string> more;
    for (const auto& [model, needed] : rights_of(flows, lists)) {
        const auto* facts = lists.find(model);
        const auto excess = words(facts != nullptr && facts->may ? beyond(*facts->may, needed) : Access());
        if (!excess.empty()) more.push_back(fmt::format("{} {}", excess, model));
    }
    if (!more.empty())
        report.warnings.push_back(fmt::format("it may more than the contracts need: {}", fmt::join(more, "; ")));
}

}  // namespace

Needs rights_of(const std::vector<EnabledFlow>& flows, const FieldLists& lists) {
    Needs needs{{"ir.model.data", {.read = true}}};
    for (const auto& one : flows) contract_check::add(needs, contract_check::needs_of(*one.flow, lists));
    return needs;
}

std::string rights_table(const Needs& needs) {
    std::size_t width = 5;
    for (const auto& [model, access] : needs) width = std::max(width, model.size());
    auto out = fmt::format("{:<{}}  READ  WRITE  CREATE  UNLINK\n", "MODEL", width);
    const auto mark = [](bool is) { return is ? "x" : "-"; };
    for (const auto& [model, access] : needs)
        out += fmt::format("{:<{}}  {:<4}  {:<5}  {:<6}  {}\n", model, width, mark(access.read), mark(access.write),
                           mark(access.create), mark(access.unlink));
    return out;
}

std::string group_csv() {
    return "id,name\n__import__.sluice_group,Sluice\n";
}

std::string rights_csv(const Needs& needs) {
    std::string out = "id,name,model_id,group_id/id,perm_read,perm_write,perm_create,perm_unlink\n";
    for (const auto& [model, access] : needs) {
        auto id = model;
        std::ranges::replace(id, '.', '_');
        out += fmt::format("__import__.sluice_access_{},sluice {},{},__import__.sluice_group,{:d},{:d},{:d},{:d}\n", id,
                           model, model, access.read, access.write, access.create, access.unlink);
    }
    return out;
}

AccountReport check_account(const odoo::Account& account, odoo::Caller& caller, const odoo::ServerVersion& version,
                            const std::vector<EnabledFlow>& flows, std::int64_t now_ms) {
    AccountReport report{.odoo = "",
                         .database = account.database,
                         .login = account.login,
                         .protocol = std::string(odoo::name_of(odoo::choose_protocol(account.protocol, version.major))),
                         .version = version.text};
    if (const auto asked = ask_user(caller, report); !asked) {
        report.error = asked.error();
        return report;
    }
    FieldLists lists{.version = version.major, .source = "Odoo " + version.text, .models = {}};
    std::vector<const contract::Flow*> all;
    for (const auto& one : flows) all.push_back(one.flow);
    if (const auto asked = contract_check::ask_needed(caller, all, recorded_fields().of(version.major), lists);
        !asked) {
        report.error = asked.error();
        return report;
    }
    ask_keys(caller, version.major, now_ms, report);
    ask_groups(caller, version.major, report);
    compare(flows, lists, report);
    return report;
}

std::string to_text(const AccountReport& report) {
    auto out =
        fmt::format("odoo.{}: Odoo {}, database {}, {}, user {}{}\n", report.odoo,
                    report.version.empty() ? "(version unknown)" : report.version, report.database, report.protocol,
                    report.login, report.uid == 0 ? "" : fmt::format(" ({}, id {})", report.name, report.uid));
    if (report.error) return out + fmt::format("  cannot be asked: {}\n", report.error->message);
    if (!report.keys_may_expire) out += "  API keys of this Odoo do not expire\n";
    for (const auto& key : report.keys)
        out += fmt::format("  key `{}`: {}\n", key.name,
                           key.expires.empty() ? "does not expire" : "expires at " + key.expires + " UTC");
    for (const auto& flow : report.flows) {
        bool lacks = false;
        for (const auto& one : report.lacking) {
            if (one.connector + " " + one.flow != flow) continue;
            lacks = true;
            out += fmt::format("  {}: LACKS {}: {}\n", flow, one.model, one.what);
        }
        if (!lacks) out += fmt::format("  {}: may do what it needs\n", flow);
    }
    for (const auto& warning : report.warnings) out += fmt::format("  warning: {}\n", warning);
    return out;
}

void write_json(json::Writer& out, const AccountReport& report) {
    out.begin_object().key("odoo").string(report.odoo).key("version").string(report.version);
    out.key("database").string(report.database).key("protocol").string(report.protocol);
    out.key("login").string(report.login).key("uid").integer(report.uid).key("name").string(report.name);
    out.key("error").string(report.error ? report.error->message : "");
    out.key("keys_may_expire").boolean(report.keys_may_expire).key("keys").begin_array();
    for (const auto& key : report.keys)
        out.begin_object().key("name").string(key.name).key("expires").string(key.expires).end_object();
    out.end_array().key("flows").begin_array();
    for (const auto& flow : report.flows) out.string(flow);
    out.end_array().key("lacking").begin_array();
    for (const auto& one : report.lacking)
        out.begin_object()
            .key("connector")
            .string(one.connector)
            .key("flow")
            .string(one.flow)
            .key("model")
            .string(one.model)
            .key("what")
            .string(one.what)
            .end_object();
    out.end_array().key("warnings").begin_array();
    for (const auto& warning : report.warnings) out.string(warning);
    out.end_array().end_object();
}

}  // namespace sluice::host
