#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/base/text.hpp"
#include "core/contract/as.hpp"
#include "core/contract/duration_reader.hpp"
#include "core/contract/flow_parser.hpp"
#include "core/contract/template_parser.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {
namespace {

bool is_number(std::string_view text) {
    return !text.empty() && (text.size() == 1 || text[0] != '0') &&
           std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// MAJOR.MINOR.PATCH, with a pre-release after "-" and build metadata after "+" (semver.org 2.0.0).
bool is_semver(std::string_view text) {
    const auto is_suffix = [](std::string_view suffix) {
        if (suffix.empty() || suffix.starts_with('.') || suffix.ends_with('.') ||
            suffix.find("..") != std::string_view::npos)
            return false;
        return std::ranges::all_of(suffix, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.';
        });
    };
    if (const auto plus = text.find('+'); plus != std::string_view::npos) {
        if (!is_suffix(text.substr(plus + 1))) return false;
        text = text.substr(0, plus);
    }
    if (const auto dash = text.find('-'); dash != std::string_view::npos) {
        if (!is_suffix(text.substr(dash + 1))) return false;
        text = text.substr(0, dash);
    }
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    return second != std::string_view::npos && is_number(text.substr(0, first)) &&
           is_number(text.substr(first + 1, second - first - 1)) && is_number(text.substr(second + 1));
}

void read_head(toml::TableReader& root, Contract& contract, toml::Problems& problems) {
    root.need("contract", "the table with `name` and `version`");
    const toml::Node* node = root.table("contract");
    if (node == nullptr) return;
    toml::TableReader head(*node, "contract", problems);
    head.need("name", "the plugin's name");
    contract.name = head.text("name").value_or("");
    if (const toml::Node* name = head.any("name"); name != nullptr && name->kind == toml::Kind::text)
        check_name(contract.name, name->place, problems);
    head.need("version", "a semantic version, like \"1.0.0\"");
    contract.version = head.text("version").value_or("");
    if (const toml::Node* version = head.any("version");
        version != nullptr && version->kind == toml::Kind::text && !is_semver(contract.version))
        head.problem(*version, fmt::format("`{}` is no semantic version (like 1.0.0)", contract.version));
    contract.external_system = head.text("external_system").value_or("");
    contract.api_version = head.text("api_version").value_or("");
    head.finish();
}

Compatibility read_compatibility(const toml::Node& node, toml::Problems& problems) {
    Compatibility compatibility;
    toml::TableReader reader(node, "compatibility", problems);
    if (reader.one_of("before_1", {"minor", "any"}) == 1U) compatibility.before_1 = Compatibility::Before1::any;
    compatibility.notice_ms = read_duration(reader, "notice").value_or(0);
    compatibility.help = reader.text("help").value_or("");
    reader.finish();
    return compatibility;
}

/// The default as a text, whatever of the three types it is written in.
std::optional<std::string> read_default(toml::TableReader& reader, ConfigKey::Type type) {
    const toml::Node* node = reader.any("default");
    if (node == nullptr) return std::nullopt;
    switch (type) {
        case ConfigKey::Type::integer:
            if (node->kind == toml::Kind::integer) return std::to_string(node->integer);
            break;
        case ConfigKey::Type::boolean:
            if (node->kind == toml::Kind::boolean) return node->boolean ? "true" : "false";
            break;
        case ConfigKey::Type::secret:
            reader.problem("default", "a secret has no default");
            return std::nullopt;
        case ConfigKey::Type::text:
            if (node->kind == toml::Kind::text) return node->text;
    }
    constexpr toml::Kind kinds[] = {toml::Kind::text, toml::Kind::integer, toml::Kind::boolean};
    reader.problem(*node, fmt::format("`default` must be {}; found {}",
                                      to_string(kinds[static_cast<std::size_t>(type)]), to_string(node->kind)));
    return std::nullopt;
}

ConfigKey read_config_key(const toml::Member& member, toml::Problems& problems) {
    ConfigKey key;
    key.name = member.key;
    check_name(key.name, member.place, problems);
    toml::TableReader reader(member.value, "config." + key.name, problems);
    static const std::vector<std::string> types{"text", "integer", "boolean", "secret"};
    if (const auto type = reader.one_of("type", types)) {
        key.type = static_cast<ConfigKey::Type>(*type);
    } else if (const toml::Node* written = reader.any("type");
               written != nullptr && nearest(written->text, types) == "secret") {
        // Meant as one: what refers to it is not wrong as well.
        key.type = ConfigKey::Type::secret;
    }
    key.default_value = read_default(reader, key.type);
    key.optional = reader.boolean("optional", false);
    if (key.optional && key.type != ConfigKey::Type::secret)
        reader.problem("optional", "`optional` is for secrets; another key is optional by its `default`");
    for (const toml::Node* choice : reader.texts("choices")) key.choices.push_back(choice->text);
    if (reader.has("choices") && key.type != ConfigKey::Type::text)
        reader.problem("choices", "`choices` needs type = \"text\"");
    if (key.default_value && !key.choices.empty() &&
        std::ranges::find(key.choices, *key.default_value) == key.choices.end())
        reader.problem(*reader.any("default"),
                       fmt::format("`default` must be one of the choices, {}; found `{}`{}", list_names(key.choices),
                                   *key.default_value, did_you_mean(*key.default_value, key.choices)));
    key.help = reader.text("help").value_or("");
    reader.finish();
    return key;
}

Credential read_credential(const toml::Member& member, const std::map<std::string, ConfigKey>& config,
                           toml::Problems& problems) {
    Credential credential;
    check_name(member.key, member.place, problems);
    toml::TableReader reader(member.value, "credential." + member.key, problems);
    credential.header = reader.filled_text("header").value_or(credential.header);
    credential.prefix = reader.text("prefix").value_or(credential.prefix);
    reader.need("secret", "a configuration key of type `secret`");
    if (const auto secret = reader.text("secret")) {
        const std::string wrong = secret_problem(*secret, config);
        if (!wrong.empty()) reader.problem(*reader.any("secret"), wrong);
        credential.secret = *secret;
    }
    reader.finish();
    return credential;
}

}  // namespace

std::expected<Contract, std::vector<Problem>> parse_contract(std::string_view toml, std::string_view file) {
    const auto tree = toml::parse(toml, file);
    if (!tree) return std::unexpected(std::vector{tree.error()});
    return parse_contract(*tree, {std::string(file)});
}

std::expected<Contract, std::vector<Problem>> parse_contract(const toml::Node& tree, std::vector<std::string> files) {
    toml::Problems problems(std::move(files));
    Contract contract;
    toml::TableReader root(tree, "", problems);
    read_head(root, contract, problems);
    if (const toml::Node* compatibility = root.table("compatibility"))
        contract.compatibility = read_compatibility(*compatibility, problems);
    if (const toml::Node* limits = root.table("limits"))
        contract.limits = read_limits({*limits, "limits", problems}, 1);
    if (const toml::Node* config = root.table("config"))
        for (const toml::Member& member : config->members)
            contract.config.emplace(member.key, read_config_key(member, problems));
    if (const toml::Node* credentials = root.table("credential"))
        for (const toml::Member& member : credentials->members)
            contract.credentials.emplace(member.key, read_credential(member, contract.config, problems));
    std::map<std::string, std::string> topics;
    if (const toml::Node* flows = root.table("flow"))
        for (const toml::Member& member : flows->members) {
            check_name(member.key, member.place, problems);
            contract.flows.emplace(member.key, parse_flow(member.value, member.key, contract.config, topics, problems));
        }
    root.finish();
    if (!problems.empty()) return std::unexpected(problems.take());
    return contract;
}

}  // namespace sluice::contract
