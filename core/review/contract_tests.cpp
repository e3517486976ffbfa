#include "core/review/contract_tests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "core/base/text.hpp"
#include "core/contract/extension.hpp"
#include "core/json/splice.hpp"
#include "core/mapping/mapping.hpp"
#include "core/review/explanation.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::review {
namespace {

constexpr std::string_view test_ending = ".test.toml", contract_ending = ".contract.toml";

struct Test {
    std::string name;
    int line = 0;
    const contract::Flow* flow = nullptr;
    std::string document;
    mapping::Config config;
    std::map<std::string, std::string> hooks;  ///< what the plugin's code would answer
    const toml::Node* record = nullptr;        ///< of these three one is set
    std::string whole_record;
    std::vector<ExpectedBroken> broken;
    bool whole = false;
};

class TestFile {
public:
    TestFile(const std::filesystem::path& file, const ReadFile& read)
        : file_(file), read_(read), problems_(file.string()) {}

    std::expected<std::vector<TestOutcome>, std::vector<toml::Problem>> run(std::string_view text) {
        const auto tree = toml::parse(text, file_.string());
        if (!tree) return std::unexpected(std::vector{tree.error()});
        std::vector<Test> tests;
        read_root(*tree, tests);
        auto problems = problems_.take();
        problems.insert(problems.end(), contract_problems_.begin(), contract_problems_.end());
        if (!problems.empty()) return std::unexpected(std::move(problems));
        std::vector<TestOutcome> outcomes;
        for (const Test& test : tests) outcomes.push_back({test.name, test.line, differences(test)});
        return outcomes;
    }

private:
    void read_root(const toml::Node& tree, std::vector<Test>& tests) {
        toml::TableReader root(tree, "", problems_);
        read_the_contract(root);
        mapping::Config config;
        if (contract_) config = default_config(contract_->contract);
        if (const toml::Node* table = root.table("config")) read_config(*table, config);
        root.need("test", "the tests, each a table [[test]]");
        if (const toml::Node* array = root.array("test"))
            for (std::size_t i = 0; i < array->elements.size(); ++i)
                tests.push_back(read_test(array->elements[i], fmt::format("test[{}]", i), config));
        root.finish();
    }

    void read_the_contract(toml::TableReader& root) {
        auto name = root.filled_text("contract");
        if (!name) {
            const std::string own = file_.filename().string();
            if (root.has("contract")) return;
            if (!own.ends_with(test_ending)) {
                root.need("contract", "the path of the contract's file");
                return;
            }
            name = own.substr(0, own.size() - test_ending.size()) + std::string(contract_ending);
        }
        const auto path = file_.parent_path() / *name;
        const auto text = read_(path);
        if (!text) {
            problems_.add(root.place("contract"), text.error().message);
            return;
        }
        const auto extension = root.filled_text("extension");
        const auto extension_path = file_.parent_path() / extension.value_or("");
        const auto more = extension ? read_(extension_path) : Result<std::string>("");
        if (!more) {
            problems_.add(root.place("extension"), more.error().message);
            return;
        }
        auto contract = extension
                            ? contract::read_extended_contract(*text, path.string(), *more, extension_path.string())
                            : contract::read_contract(*text, path.string());
        if (contract)
            contract_ = std::move(*contract);
        else
            contract_problems_ = std::move(contract.error());
    }

    void read_config(const toml::Node& table, mapping::Config& config) {
        for (const toml::Member& member : table.members) {
            const auto text = scalar(member.value);
            if (!text) {
                problems_.add(member.value.place,
                              fmt::format("`{}` must be a string, an integer or a boolean", member.key));
                continue;
            }
            if (contract_ && !contract_->contract.config.contains(member.key))
                problems_.add(member.place, fmt::format("there is no configuration key `{}`{}", member.key,
                                                        did_you_mean(member.key, names(contract_->contract.config))));
            config.insert_or_assign(member.key, *text);
        }
    }

    static std::optional<std::string> scalar(const toml::Node& node) {
        if (node.kind == toml::Kind::text) return node.text;
        if (node.kind == toml::Kind::integer) return std::to_string(node.integer);
        if (node.kind == toml::Kind::boolean) return node.boolean ? "true" : "false";
        return std::nullopt;
    }

    template <class Map>
    static std::vector<std::string> names(const Map& map) {
        std::vector<std::string> found;
        for (const auto& [name, value] : map) found.push_back(name);
        return found;
    }

    Test read_test(const toml::Node& node, const std::string& path, mapping::Config config) {
        Test test;
        test.line = node.place.line;
        toml::TableReader reader(node, path, problems_);
        reader.need("name", "what it shows, in a few words");
        test.name = reader.filled_text("name").value_or("");
        test.config = std::move(config);
        if (const toml::Node* table = reader.table("config")) read_config(*table, test.config);
        read_flow(reader, test);
        if (const toml::Node* table = reader.table("hooks")) read_hooks(*table, test);
        read_document(reader, test);
        read_expectation(reader, test);
        reader.finish();
        return test;
    }

    void read_flow(toml::TableReader& reader, Test& test) {
        reader.need("flow", "the flow that takes the document");
        const auto name = reader.filled_text("flow");
        if (!name || !contract_) return;
        const auto& flows = contract_->contract.flows;
        const auto flow = flows.find(*name);
        if (flow == flows.end())
            problems_.add(reader.place("flow"),
                          fmt::format("there is no flow `{}`{}", *name, did_you_mean(*name, names(flows))));
        else if (!flow->second.record && !flow->second.document)
            problems_.add(
                reader.place("flow"),
                fmt::format("the flow `{}` declares no record and no document: its plugin maps by itself", *name));
        else
            test.flow = &flow->second;
    }

    void read_hooks(const toml::Node& table, Test& test) {
        std::vector<std::string> known;
        if (test.flow != nullptr)
            for (const auto& hook : test.flow->hooks) known.push_back(hook.name);
        for (const toml::Member& member : table.members) {
            if (test.flow != nullptr && std::ranges::find(known, member.key) == known.end())
                problems_.add(member.place, fmt::format("the flow `{}` has no hook `{}`{}", test.flow->name, member.key,
                                                        did_you_mean(member.key, known)));
            if (toml::expect_kind(member.value, toml::Kind::text, "what a hook answers", problems_))
                test.hooks[member.key] = member.value.text;
        }
    }

    void read_document(toml::TableReader& reader, Test& test) {
        const auto document = reader.text("document");
        const auto name = reader.filled_text("file");
        if (reader.has("document") == reader.has("file")) {
            reader.problem(reader.node(), fmt::format("`{}` needs either `document` (JSON) or `file`", reader.path()));
            return;
        }
        if (document) test.document = *document;
        if (name) test.document = file_text(*name, reader.place("file"));
        if (const auto parsed = json::Document::parse(test.document);
            !parsed && (document || (name && !test.document.empty())))
            problems_.add(reader.place(document ? "document" : "file"), parsed.error().message);
        if (const toml::Node* changes = reader.table("change"))
            for (const toml::Member& change : changes->members) apply_change(change, test.document);
    }

    void apply_change(const toml::Member& change, std::string& document) {
        if (document.empty()) return;
        std::string value;
        if (change.value.kind == toml::Kind::text)
            value = json::quote(change.value.text);
        else if (const auto text = scalar(change.value))
            value = *text;
        else if (change.value.kind == toml::Kind::table && change.value.members.size() == 1 &&
                 change.value.members[0].key == "json" && change.value.members[0].value.kind == toml::Kind::text)
            value = change.value.members[0].value.text;
        else
            return problems_.add(change.value.place,
                                 "a change is a string, an integer, a boolean or { json = \"...\" }");
        auto changed = json::replace_at(document, change.key, value);
        if (changed)
            document = std::move(*changed);
        else
            problems_.add(change.place, changed.error().message);
    }

    void read_expectation(toml::TableReader& reader, Test& test) {
        test.record = reader.table("record");
        test.whole = reader.boolean("whole", false);
        const auto file = reader.filled_text("record_file");
        const toml::Node* broken = reader.array("broken");
        const auto count = static_cast<int>(reader.has("record")) + static_cast<int>(reader.has("record_file")) +
                           static_cast<int>(reader.has("broken"));
        if (count != 1)
            reader.problem(reader.node(), fmt::format("`{}` needs one of `record`, `record_file` and `broken`: what "
                                                      "comes out",
                                                      reader.path()));
        if (test.whole && !reader.has("record")) reader.problem("whole", "`whole` goes with `record`");
        if (file) {
            test.whole_record = file_text(*file, reader.place("record_file"));
            if (const auto parsed = json::Document::parse(test.whole_record); !parsed && !test.whole_record.empty())
                problems_.add(reader.place("record_file"), parsed.error().message);
        }
        if (broken == nullptr) return;
        if (broken->elements.empty()) reader.problem("broken", "`broken` is empty: then say which `record` comes out");
        for (std::size_t i = 0; i < broken->elements.size(); ++i) {
            toml::TableReader rule(broken->elements[i], fmt::format("{}.broken[{}]", reader.path(), i), problems_);
            rule.need("pointer", "the JSON Pointer in the document");
            test.broken.push_back({rule.text("pointer").value_or(""), rule.text("message").value_or("")});
            rule.finish();
        }
    }

    /// "" where it cannot be read, which is then a problem.
    std::string file_text(const std::string& name, toml::Place place) {
        auto text = read_(file_.parent_path() / name);
        if (text) return std::move(*text);
        problems_.add(place, text.error().message);
        return "";
    }

    /// The record, or the document for the other system, as JSON.
    static std::expected<std::string, std::vector<mapping::Broken>> outcome(const Test& test,
                                                                            const json::Value& document) {
        const mapping::Hooks hooks = [&test](const std::string& name,
                                             const std::string&) -> std::expected<std::string, std::string> {
            const auto answer = test.hooks.find(name);
            if (answer != test.hooks.end()) return answer->second;
            return std::unexpected(fmt::format("the test does not say what it answers (hooks.{} = \"...\")", name));
        };
        if (test.flow->document) return mapping::map_document(*test.flow, document, test.config, hooks);
        const auto record = mapping::map_record(*test.flow, document, test.config, hooks);
        if (!record) return std::unexpected(record.error());
        return mapping::to_json(*record);
    }

    static std::vector<Difference> differences(const Test& test) {
        const auto document = json::Document::parse(test.document);
        if (!document) return {{"", "a document", document.error().message}};
        const auto out = outcome(test, document->root());
        if (!test.broken.empty()) {
            if (out) return {{"", fmt::format("{} broken rules", test.broken.size()), "no broken rule"}};
            return compare(test.broken, out.error());
        }
        if (!out) {
            std::vector<Difference> found;
            for (const auto& broken : out.error())
                found.push_back({broken.pointer, "no broken rule", "broken: " + broken.message});
            return found;
        }
        const auto got = json::Document::parse(*out);
        if (!got) return {{"", "a record or a document", got.error().message}};
        if (test.record != nullptr) return compare(*test.record, got->root(), test.whole);
        const auto expected = json::Document::parse(test.whole_record);
        if (!expected) return {{"", "a record", expected.error().message}};
        // `sluice contract try --json` has it beside its sources.
        const bool with_sources = expected->root().find("sources").has_value();
        const auto inner =
            with_sources ? expected->root().find(test.flow->document ? "document" : "record") : std::nullopt;
        return compare(inner ? *inner : expected->root(), got->root());
    }

    const std::filesystem::path& file_;
    const ReadFile& read_;
    toml::Problems problems_;
    std::optional<contract::ContractText> contract_;
    std::vector<toml::Problem> contract_problems_;
};

}  // namespace

std::expected<std::vector<TestOutcome>, std::vector<toml::Problem>> run_contract_tests(
    std::string_view text, const std::filesystem::path& file, const ReadFile& read) {
    return TestFile(file, read).run(text);
}

}  // namespace sluice::review
