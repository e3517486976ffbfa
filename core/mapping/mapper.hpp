#pragma once
// One run of a mapping over one document.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/mapping/mapping.hpp"
#include "core/mapping/scope.hpp"

namespace sluice::mapping {

/// Lives for one call of map_record. Goes on after a broken rule, so that all of them are found.
class Mapper {
public:
    Mapper(const contract::Flow& flow, json::Value document, const Config& config)
        : flow_(flow), root_(document, document, "", config), document_(document), config_(config) {}

    std::expected<MappedRecord, std::vector<Broken>> run();

private:
    /// A named record: mapped once, whoever refers to it. Null where it does not exist, or is broken.
    struct Named {
        std::shared_ptr<const MappedRecord> record;
        bool broken = false;
    };
    struct FoundKeys {
        SearchKeys keys;
        std::string pointer;                ///< of the first value that came from the document
        std::optional<std::string> absent;  ///< pointer of the first value that is absent
        bool broken = false;
    };

    // records.cpp
    MappedRecord record(const contract::RecordRule& rule);
    void require(const std::string& pointer);
    const Named& named(const std::string& name);
    bool exists(const contract::RecordRule& rule) const;
    void lines(const contract::LinesRule& rule, bool unlink_removed, MappedRecord& into);
    std::optional<MappedLine> line(const contract::LinesRule& rule, const Scope& scope);
    bool is_present(const std::string& pointer) const;
    std::optional<Protection> protection(const contract::RecordRule::Protect& protect);
    std::optional<Transition> transition(const contract::RecordRule::Transition& rule);
    std::optional<Protection::Action> action(const std::string& rule);
    Find::OnMany on_many(const std::string& rule);
    /// A rule's word, or that of the configuration key it names.
    std::optional<std::string> word_of(const std::string& rule, const std::vector<std::string>& words);

    // fields.cpp: nothing where a rule is broken
    std::optional<Field> field(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> by_source(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> scalar(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> decimal(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> ratio(const contract::FieldRule& rule, const Scope& scope);
    std::optional<std::vector<Decimal>> rates_on_top(const contract::FieldRule::Ratio::Taxes& taxes,
                                                     const Scope& scope);
    std::optional<Field> find(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> find_each(const contract::FieldRule& rule, const Scope& scope);
    std::optional<Field> reference(const contract::FieldRule& rule);
    std::optional<Field> absent(const contract::FieldRule& rule, std::string pointer);
    std::optional<FieldValue> convert(const contract::FieldRule& rule, const std::string& text,
                                      const std::string& pointer);
    static Decimal cut(const contract::FieldRule& rule, Decimal number);
    FoundKeys search_keys(const std::vector<contract::FieldRule>& rules, const Scope& scope);

    // checks.cpp
    void check(const contract::Check& rule);
    void check_here(const contract::Check& rule, const Scope& scope);
    void compare(const contract::Check& rule, const Scope& scope);
    void sum(const contract::Check& rule, const Scope& scope);
    std::optional<Decimal> product(const contract::Check::Term& term, const Scope& scope);
    static bool is_present(const Scope& scope, const std::string& pointer);
    bool keep(const contract::FieldRule& rule, std::string_view text, const std::string& pointer);
    bool keep(const contract::FieldRule& rule, const Decimal& number, const std::string& pointer);

    void broken(std::string pointer, std::string message);

    const contract::Flow& flow_;
    Scope root_;
    json::Value document_;
    const Config& config_;
    std::map<std::string, Named> named_;
    std::map<std::string, std::string> line_places_;  ///< a line's external id: the pointer of its element
    std::vector<Broken> broken_;
    std::set<std::pair<std::string, std::string>> seen_;  ///< what several rules find is said once
};

}  // namespace sluice::mapping
