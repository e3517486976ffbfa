// Loading: what is a plugin, and what the operator reads where a file is none.

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

#include "host/plugins/plugin.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace fs = std::filesystem;

const fs::path plugins = SLUICE_TEST_PLUGINS;

/// A directory of its own, gone afterwards.
class Directory {
public:
    Directory() {
        std::string pattern = (fs::temp_directory_path() / "sluice-plugins-XXXXXX").string();
        path = mkdtemp(pattern.data());
    }
    ~Directory() { fs::remove_all(path); }
    fs::path path;
};

std::string refusal(const fs::path& file) {
    const auto loaded = load_plugin(file);
    if (loaded) return "loaded";
    EXPECT_EQ(loaded.error().failure, Failure::invalid);
    EXPECT_THAT(loaded.error().message, StartsWith(file.string() + ": "));
    return loaded.error().message;
}

TEST(LoadPlugin, TakesNameVersionAndContractFromTheFile) {
    const auto plugin = load_plugin(plugins / "scenario.so");
    ASSERT_TRUE(plugin) << plugin.error().message;
    EXPECT_EQ((*plugin)->name, "scenario");
    EXPECT_EQ((*plugin)->version, "1.2.3");
    EXPECT_EQ((*plugin)->contract.flows.count("partner"), 1U);
    EXPECT_EQ((*plugin)->table->abi_major, 0U);
}

TEST(LoadPlugin, TheShopifyPluginCarriesAContractWithoutProblems) {
    const auto plugin = load_plugin(SLUICE_SHOPIFY_PLUGIN);
    ASSERT_TRUE(plugin) << plugin.error().message;
    EXPECT_EQ((*plugin)->name, "shopify");
    ASSERT_EQ((*plugin)->contract.flows.count("order"), 1U);
    EXPECT_TRUE((*plugin)->contract.flows.at("order").webhook);
}

TEST(LoadPlugin, IsNeverUnloaded) {
    const sluice_plugin* table = nullptr;
    {
        const auto plugin = load_plugin(plugins / "pure_c.so");
        ASSERT_TRUE(plugin) << plugin.error().message;
        table = (*plugin)->table;
    }
    EXPECT_EQ(table->struct_size, sizeof(sluice_plugin)) << "a table in unmapped memory would crash here";
    EXPECT_EQ(load_plugin(plugins / "pure_c.so").value()->table, table);
}

TEST(LoadPlugin, SaysWhatIsWrongWithATable) {
    EXPECT_THAT(refusal(plugins / "wrong_major.so"), HasSubstr("built for ABI 1.0, this host has 0.0"));
    EXPECT_THAT(refusal(plugins / "wrong_minor.so"), HasSubstr("needs a host of ABI 0.1 or newer"));
    EXPECT_THAT(refusal(plugins / "wrong_small_struct.so"), HasSubstr("does not reach `destroy`"));
    EXPECT_THAT(refusal(plugins / "wrong_no_symbol.so"), HasSubstr("does not export sluice_plugin_v0"));
    EXPECT_THAT(refusal(plugins / "wrong_null_table.so"), HasSubstr("answered NULL"));
    EXPECT_THAT(refusal(plugins / "wrong_null_handle.so"), HasSubstr("must not be NULL"));
    EXPECT_THAT(refusal(plugins / "wrong_bad_name.so"), HasSubstr("lower-case"));
    EXPECT_THAT(refusal(plugins / "wrong_other_contract.so"), HasSubstr("\"wrong\" and its contract \"right\""));
}

TEST(LoadPlugin, ListsEveryProblemOfAContract) {
    const auto message = refusal(plugins / "wrong_bad_contract.so");
    EXPECT_THAT(message, HasSubstr("wrong.contract.toml:"));
    EXPECT_THAT(message, HasSubstr("retyr"));
    EXPECT_THAT(message, HasSubstr("flow.other"));
}

TEST(LoadPlugin, AHookThatThePluginDoesNotHaveIsSaidWithItsLine) {
    EXPECT_THAT(refusal(plugins / "wrong_no_hook.so"),
                HasSubstr("wrong.contract.toml:13:20: the plugin's code has no hook `shotu`; did you mean `shout`?"));
    EXPECT_THAT(refusal(plugins / "wrong_small_hooks.so"), HasSubstr("of its mapping_hooks/1 is too small"));
    const auto plugin = load_plugin(plugins / "hooks.so");
    ASSERT_TRUE(plugin) << plugin.error().message;
    EXPECT_EQ((*plugin)->hooks("joined", "[1]"), "of [1]");
    EXPECT_EQ((*plugin)->hooks("none", "[1]"), std::unexpected<std::string>("the plugin has no such hook"));
    const auto without = load_plugin(plugins / "scenario.so");
    ASSERT_TRUE(without) << without.error().message;
    EXPECT_FALSE((*without)->hooks) << "of a plugin from before there were hooks";
}

TEST(LoadPlugin, AFileThatIsNoLibraryIsRefused) {
    const Directory directory;
    EXPECT_THAT(refusal(directory.path / "absent.so"), HasSubstr("no such file"));
    const auto text = directory.path / "text.so";
    std::ofstream(text) << "not a library";
    EXPECT_THAT(refusal(text), HasSubstr("it is no shared library"));
}

TEST(LoadPlugin, AHalfCopiedFileIsRefusedAndNotMapped) {
    const Directory directory;
    const auto half = directory.path / "half.so";
    const auto whole = fs::file_size(plugins / "scenario.so");
    for (const auto size :
         {whole / 10, whole / 2, whole - 1, std::uintmax_t{100}, std::uintmax_t{30}, std::uintmax_t{0}}) {
        fs::copy_file(plugins / "scenario.so", half, fs::copy_options::overwrite_existing);
        fs::resize_file(half, size);
        EXPECT_THAT(refusal(half), HasSubstr("half.so: it ")) << size;
    }
}

TEST(LoadPlugin, AnEntryPointThatIsAVariableIsNotCalled) {
    EXPECT_THAT(refusal(plugins / "wrong_variable.so"), HasSubstr("sluice_plugin_v0 is not a function"));
}

TEST(LoadPlugins, LoadsADirectoryAndReportsTheRest) {
    const Directory directory, second;
    fs::copy_file(plugins / "scenario.so", directory.path / "a.so");
    fs::copy_file(plugins / "scenario.so", directory.path / "b.so");
    fs::copy_file(plugins / "wrong_major.so", directory.path / "c.so");
    std::ofstream(directory.path / "README.md") << "not looked at";
    const auto set = load_plugins({directory.path, second.path, second.path / "absent"});
    ASSERT_EQ(set.plugins.size(), 1U);
    EXPECT_EQ(set.plugins.at("scenario")->file, directory.path / "a.so");
    ASSERT_EQ(set.problems.size(), 2U) << "a folder that is not there is the configuration's problem, with its line";
    EXPECT_THAT(set.problems[0], HasSubstr("a plugin named \"scenario\" was loaded from"));
    EXPECT_THAT(set.problems[1], HasSubstr("c.so"));
}

}  // namespace
}  // namespace sluice::host
