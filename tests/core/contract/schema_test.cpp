// contracts/contract.schema.json says what the parser reads, no more and no less.

#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <valijson/adapters/boost_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

namespace json = boost::json;
using testing::IsEmpty;

/// A contract with every kind of table the format has.
constexpr std::string_view everything = R"([contract]
name = "all"
version = "1.0.0"
[compatibility]
notice = "90d"
[limits]
per_second = 1
[config.key]
type = "secret"
[config.text]
default = ""
[credential.api]
secret = "key"
[flow.f]
ordering_key = "/id"
revision = "/r"
retry = { limit = 3 }
dead_letter = { holds_key = true }
batch = { max = 2 }
retention = { payload = "3d" }
[flow.f.webhook]
topics = ["t"]
topic = "{header:T}"
event_id = "{header:I}"
record = "/id"
signature = { scheme = "hmac-sha256-base64", header = "S", secret = "key" }
[flow.f.odoo_change]
model = "x.y"
fields = ["a"]
links = { a_id = "x.a" }
domain = [["a", "=", 1], "|", ["b", "in", ["c"]], ["d", "=", true]]
[flow.f.schedule]
every = "1h"
[flow.f.queue]
stream = "S"
record = "/id"
[flow.f.reconcile]
needs = ["text"]
fields = ["a", "l.a"]
domain = [["a", "=", 1]]
period = "7d"
repair = "missed"
schedule = { cron = "0 3 * * *" }
[[flow.g.document.checks]]
rule = "one of both"
any = ["/a", "/b"]
[flow.g]
ordering_key = "/id"
[flow.g.document]
requires = ["/a"]
fields."/a/b" = { from = "/a", quoted = true, absent = "null" }
fields."/g" = { from = "/g", as = "date", period_cutoff = { closed_until = "{config:text}", late = "first_open_day" } }
[[flow.g.document.lines]]
target = "/c"
each = "/c"
skip_when = { "/a" = "1" }
fields."/d" = { from = "/d" }
[[flow.g.document.lines.lines]]
target = "/e"
each = "/e"
fields."/f" = { from = "/f" }
[[flow.f.record.checks]]
rule = "the lines are the total"
sum = [{ each = "/l", product = ["/p", "/q"] }, "/s/*/p"]
equals = "/total"
tolerance = "0.01"
[flow.f.record]
model = "x.y"
external_id = "r_{/id}"
candidates = [{ "a.b" = { from = "/a" } }]
protect = { field = "state", values = ["a"], action = "{config:choice}" }
[config.choice]
default = "skip"
choices = ["reject", "skip"]
[[flow.f.record.transitions]]
when_present = "/a"
field = "state"
done = ["b"]
calls = { a = "go" }
otherwise = "reject"
[flow.f.record.fields]
a = { from = ["/a", "/b"], map = { a = "b" } }
b = { find = { model = "x.b", by = { a = { from = "/a" } }, on_none = "empty", empty_if = { model = "x.c", by = { a = { value = 1 } } } } }
c = { find_each = { each = "/c", model = "x.c", by = { a = { from = "" } }, none_when = { "/d" = "true" } } }
d = { record = "other" }
f = { from = "/f", min_length = 2, pattern = "[A-Z]+", when = { "/g" = "1" }, unless = { "/h" = "1" } }
g = { from = "/g", as = "decimal", min = 0, max = "10.5" }
h = { from = "/h", as = "datetime", zone = "Europe/Berlin", format = "%d.%m.%Y %H:%M" }
i = { find = { model = "x.i", by = { a = { from = "/i" } }, on_none = "create", create = { external_id = "i_{/i}", fields = { b = { value = 1 } } } } }
j = { hook = "h", arguments = ["/a", "/b"] }
k = { from = "/k", as = "date", period_cutoff = { closed_until = "2025-12-31", late = "reject" } }
e = { percent = { part = "/p", whole = ["/w"], share = ["/l", "/w"], taxes = { each = "/t", rate = "/r", none_when = { "/d" = "true" } } } }
[[flow.f.record.lines]]
field = "l"
model = "x.l"
parent = "r_id"
each = "/l"
external_id = "l_{/id}"
skip_when = { "/a" = "0" }
only_when = { "/a" = "1" }
fields.a = { from = "^/a" }
[flow.f.records.other]
model = "x.o"
external_id = "o_{/id}"
when_present = "/o"
fields.a = { text = "{/a}" }
)";

json::value to_json(const toml::Node& node) {
    switch (node.kind) {
        case toml::Kind::text:
            return json::string(node.text);
        case toml::Kind::integer:
            return node.integer;
        case toml::Kind::boolean:
            return node.boolean;
        case toml::Kind::array: {
            json::array array;
            for (const toml::Node& element : node.elements) array.push_back(to_json(element));
            return array;
        }
        case toml::Kind::table: {
            json::object object;
            for (const toml::Member& member : node.members) object[member.key] = to_json(member.value);
            return object;
        }
        default:
            return nullptr;
    }
}

toml::Node tree_of(std::string_view text) {
    auto tree = toml::parse(text, "c.toml");
    if (!tree) {
        ADD_FAILURE() << tree.error().to_string();
        return {};
    }
    return std::move(*tree);
}

/// What is wrong with a document, each with its place.
std::vector<std::string> validate(const std::string& schema_file, const json::value& document) {
    const json::value text = json::parse(read_source_file(schema_file));
    valijson::Schema schema;
    valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
    parser.populateSchema(valijson::adapters::BoostJsonAdapter(text), schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    std::vector<std::string> found;
    if (validator.validate(schema, valijson::adapters::BoostJsonAdapter(document), &results)) return found;
    valijson::ValidationResults::Error error;
    while (results.popError(error)) {
        std::string place;
        for (const auto& part : error.context) place += part;
        found.push_back(place + ": " + error.description);
    }
    if (found.empty()) found.emplace_back("not valid");
    return found;
}

constexpr const char* contract_schema = "contracts/contract.schema.json";
constexpr const char* bogus = "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq";

void add_bogus_keys(toml::Node& node) {
    for (toml::Member& member : node.members) add_bogus_keys(member.value);
    for (toml::Node& element : node.elements) add_bogus_keys(element);
    if (node.kind == toml::Kind::table)
        node.members.push_back({bogus, node.place, {.kind = toml::Kind::text, .text = "x", .place = node.place}});
}

/// The path of every table: the keys the parser reads there. It says so itself of a key that resembles none.
std::map<std::string, std::set<std::string>> keys_the_parser_reads() {
    toml::Node tree = tree_of(everything);
    add_bogus_keys(tree);
    std::map<std::string, std::set<std::string>> found;
    const auto contract = parse_contract(tree, {"c.toml"});
    if (contract) return found;
    static const std::regex message("unknown key `q+`(?: in `([^`]+)`)?; known here: (.*)"), name("`([^`]+)`");
    for (const Problem& problem : contract.error()) {
        std::smatch match;
        if (!std::regex_match(problem.message, match, message)) continue;
        const std::string list = match[2];
        auto& keys = found[match[1]];
        for (std::sregex_iterator at(list.begin(), list.end(), name), end; at != end; ++at) keys.insert((*at)[1]);
    }
    return found;
}

/// Walks the schema along a contract.
class SchemaWalk {
public:
    explicit SchemaWalk(const json::object& root) : root_(root) {}

    void walk(const toml::Node& node, const json::object& schema, const std::string& path) {
        const json::object& here = resolved(schema);
        if (node.kind == toml::Kind::array && here.contains("items")) {
            for (std::size_t i = 0; i < node.elements.size(); ++i)
                walk(node.elements[i], here.at("items").as_object(), path + "[" + std::to_string(i) + "]");
        }
        if (node.kind != toml::Kind::table) return;
        if (const auto* alternatives = here.if_contains("anyOf"))
            for (const auto& one : alternatives->as_array())
                if (resolved(one.as_object()).contains("properties")) return walk(node, one.as_object(), path);
        const auto* properties = here.if_contains("properties");
        if (properties != nullptr)
            for (const auto& property : properties->as_object()) keys[path].insert(property.key());
        for (const toml::Member& member : node.members) {
            const json::value* next = properties == nullptr ? nullptr : properties->as_object().if_contains(member.key);
            if (next == nullptr && here.contains("patternProperties"))
                next = &here.at("patternProperties").as_object().begin()->value();
            if (next == nullptr) next = here.if_contains("additionalProperties");
            if (next != nullptr && next->is_object())
                walk(member.value, next->as_object(), path.empty() ? member.key : path + "." + member.key);
        }
    }

    std::map<std::string, std::set<std::string>> keys;
    std::set<std::string> definitions;  ///< that were met

private:
    const json::object& resolved(const json::object& schema) {
        const json::value* reference = schema.if_contains("$ref");
        if (reference == nullptr && schema.contains("allOf"))
            reference = schema.at("allOf").as_array().at(0).as_object().if_contains("$ref");
        if (reference == nullptr) return schema;
        const std::string name(
            std::string_view(reference->as_string()).substr(std::string_view("#/definitions/").size()));
        definitions.insert(name);
        return resolved(root_.at("definitions").as_object().at(name).as_object());
    }

    const json::object& root_;
};

TEST(ContractSchema, HasEveryKeyTheParserReadsAndNoOther) {
    ASSERT_THAT(problems_of(everything), IsEmpty());
    const json::value schema = json::parse(read_source_file(contract_schema));
    SchemaWalk walk(schema.as_object());
    walk.walk(tree_of(everything), schema.as_object(), "");
    auto read = keys_the_parser_reads();
    for (const auto& [path, keys] : walk.keys)
        EXPECT_EQ(keys, read[path]) << "in the schema and read at `" << path << "`";
    for (const auto& [path, keys] : read) EXPECT_TRUE(walk.keys.contains(path)) << path << " is not in the schema";
    for (const auto& definition : schema.at("definitions").as_object())
        if (definition.value().as_object().contains("properties")) {
            EXPECT_TRUE(walk.definitions.contains(definition.key()))
                << definition.key() << ": the contract of this test has none, so nothing holds it to the parser";
        }
}

TEST(ContractSchema, TakesWhatTheParserTakes) {
    EXPECT_THAT(validate(contract_schema, to_json(tree_of(everything))), IsEmpty());
    EXPECT_THAT(validate(contract_schema, to_json(tree_of(small_contract))), IsEmpty());
}

TEST(ContractSchema, RefusesWhatTheParserRefuses) {
    const std::pair<const char*, const char*> slips[] = {
        {"name = \"shop\"", "nmae = \"shop\""},
        {"version = \"1.2.3\"", "version = \"one\""},
        {"type = \"secret\"", "type = \"password\""},
        {"limit = 3", "limit = \"three\""},
        {"limit = 3", "limit = 0"},
        {"topics = [\"orders/create\"]", "topics = []"},
        {"record = \"/id\"\n", "record = \"id\"\n"},
        {"as = \"decimal\", digits = 2", "as = \"float\""},
        {"{ from = \"/total\"", "{ from = \"/total\", value = 1"},
        {"total = { from = \"/total\", ", "total = { "},
        {"action = \"{config:policy}\"", "action = \"ignore\""},
        {"parent = \"order_id\"\n", ""},
    };
    for (const auto& [right, wrong] : slips) {
        const std::string text = replaced(small_contract, right, wrong);
        EXPECT_FALSE(problems_of(text).empty()) << wrong;
        EXPECT_FALSE(validate(contract_schema, to_json(tree_of(text))).empty()) << wrong;
    }
}

TEST(ContractSchema, TakesTheShippedContractsAndTheirTests) {
    int contracts = 0, tests = 0;
    const std::filesystem::path folder = std::filesystem::path(SLUICE_SOURCE_DIR) / "contracts";
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const bool is_contract = name.ends_with(".contract.toml"), is_test = name.ends_with(".test.toml");
        if (!is_contract && !is_test) continue;
        ++(is_contract ? contracts : tests);
        const auto text = read_source_file(entry.path().lexically_relative(SLUICE_SOURCE_DIR).string());
        EXPECT_THAT(validate(is_contract ? contract_schema : "contracts/test.schema.json", to_json(tree_of(text))),
                    IsEmpty())
            << name;
    }
    EXPECT_GE(contracts, 1);
    EXPECT_GE(tests, 1);
}

}  // namespace
}  // namespace sluice::contract
