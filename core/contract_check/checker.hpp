#pragma once
// One run of check() over one contract.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract_check/check.hpp"

namespace sluice::contract_check {

class Checker {
public:
    Checker(std::string file, const Against& against) : file_(std::move(file)), against_(against) {}

    /// check_rules.cpp
    void record(const contract::Flow& flow, const contract::RecordRule& record, const std::string& path);
    /// check_triggers.cpp
    void change(const contract::OdooChangeTrigger& change, const std::string& path);
    /// A model that the plugin reads by itself.
    void reads(const std::string& name, const std::string& path) { model({.path = path}, name); }
    /// What the flow needs and the account may not do.
    void rights(const contract::Flow& flow, const std::string& path);
    std::vector<Finding> take() { return std::move(findings_); }

private:
    /// Where in the contract.
    struct At {
        std::string path;
        int line = 0, column = 0;
    };
    /// A field that was found, under the name it has in this version.
    struct Found {
        std::string name;
        const FieldFacts* facts = nullptr;
    };

    void say(Severity severity, const At& at, std::string_view model, std::string_view field, std::string message,
             std::string right = "");
    /// Null where the model is not there, or not known; says so, once for each place.
    const ModelFacts* model(const At& at, std::string_view name);
    /// Nothing where the model has no such field; says so with what is near. `renames`: whether the host uses the
    /// version's own name by itself.
    std::optional<Found> field(const At& at, std::string_view model, const ModelFacts& facts, std::string_view name,
                               bool renames);
    /// The field a search path ("currency_id.name") ends at; nothing where it ends nowhere (says so) or in a model that
    /// is not known.
    std::optional<Found> at_end(const At& at, std::string_view model, std::string_view path, bool renames);
    void value(Severity severity, const At& at, std::string_view model, const Found& field, std::string_view value);
    /// Values that are only looked for: one that another version has is not looked for in vain there.
    void looked_for(const At& at, std::string_view model, const Found& field, std::string_view value);

    void rules(const contract::Flow& flow, std::string_view model, const ModelFacts& facts,
               const std::vector<contract::FieldRule>& rules, const std::string& path);
    void reference(const contract::Flow& flow, const contract::FieldRule& rule, const At& at, std::string_view model,
                   const Found& field);
    void constants(const contract::FieldRule& rule, const At& at, std::string_view model, const Found& field);
    void keys(std::string_view model, const std::vector<contract::FieldRule>& keys, const std::string& path);
    void search(const contract::Flow& flow, const contract::FieldRule::Find& find, const At& at);
    void required(const At& at, std::string_view model, const ModelFacts& facts,
                  const std::vector<contract::FieldRule>& rules, const std::vector<std::string>& others);
    void lines(const contract::Flow& flow, const contract::RecordRule& record, const ModelFacts& facts,
               const contract::LinesRule& lines, const At& at);

    const std::string file_;
    const Against& against_;
    std::vector<Finding> findings_;
};

}  // namespace sluice::contract_check
