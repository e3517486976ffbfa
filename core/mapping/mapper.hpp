#pragma once
// One run of a mapping over one document.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "core/mapping/mapping.hpp"
#include "core/mapping/scope.hpp"

namespace sluice::mapping {

/// Lives for one call of map_record. Goes on after a broken rule, so that all of them are found.
class Mapper {
public:
    Mapper(const contract::Flow& flow, json::Value document, const Config& config, const Hooks& hooks)
        : flow_(flow),
          root_(document, document, root_trail_, config),
          document_(document),
          config_(config),
          hooks_(hooks) {}

    std::expected<MappedRecord, std::vector<Broken>> run();
    std::expected<std::string, std::vector<Broken>> run_document();

private:
    /// A named record: mapped once, whoever refers to it. Null where it does not exist, or is broken.
    struct Named {
        std::shared_ptr<const MappedRecord> record;
        bool broken = false;
    };
    struct FoundKeys {
        SearchKeys keys;
        Place pointer;                ///< of the first value that came from the document
        std::optional<Place> absent;  ///< place of the first value that is absent
        bool broken = false;
    };

    // records.cpp
    MappedRecord record(const contract::RecordRule& rule);
    void require(const Pointer& pointer);
    const Named& named(const std::string& name);
    bool exists(const contract::RecordRule& rule) const;
    void lines(const contract::LinesRule& rule, bool unlink_removed, MappedRecord& into);
    /// False where the element is no line; `out` is then to be thrown away.
    bool line(const contract::LinesRule& rule, const Scope& scope, MappedLine& out);
    bool is_new(const std::string& line_id, const Scope& element);
    bool is_present(const Pointer& pointer) const;
    std::optional<Protection> protection(const contract::RecordRule::Protect& protect);
    std::optional<Transition> transition(const contract::RecordRule::Transition& rule);
    std::optional<Protection::Action> action(const std::string& rule);
    Find::OnMany on_many(const std::string& rule);
    /// A rule's word, or that of the configuration key it names.
    std::optional<std::string_view> word_of(const std::string& rule, std::initializer_list<std::string_view> words);

    // fields.cpp: false where a rule is broken; `out` is new but for its name, and is then to be thrown away
    bool field(const contract::FieldRule& rule, const Scope& scope, Field& out);
    static bool is_asked_for(const contract::FieldRule& rule, const Scope& scope) {
        return scope.all_hold(rule.when) && !scope.any_holds(rule.unless);
    }
    void fields(const std::vector<contract::FieldRule>& rules, const Scope& scope, std::vector<Field>& into);
    bool scalar(const contract::FieldRule& rule, const Scope& scope, Field& out);
    /// The text of a hook, "" for none; nothing where that rule is broken.
    std::optional<std::string> hook(const contract::FieldRule::Hook& rule, const Scope& scope, Field& out);
    bool decimal(const contract::FieldRule& rule, const Scope& scope, Field& out);
    bool ratio(const contract::FieldRule& rule, const Scope& scope, Field& out);
    std::optional<std::vector<Decimal>> rates_on_top(const contract::FieldRule::Ratio::Taxes& taxes,
                                                     const Scope& scope);
    bool find(const contract::FieldRule& rule, const Scope& scope, Field& out);
    bool created(const contract::FieldRule& rule, const Scope& scope, FoundKeys keys, Field& out);
    bool find_each(const contract::FieldRule& rule, const Scope& scope, Field& out);
    bool reference(const contract::FieldRule& rule, Field& out);
    bool absent(const contract::FieldRule& rule, Field& out);
    bool convert(const contract::FieldRule& rule, std::string_view text, Field& out);
    bool convert_time(const contract::FieldRule& rule, std::string_view text, Field& out);
    static Decimal cut(const contract::FieldRule& rule, Decimal number);
    FoundKeys search_keys(const std::vector<contract::FieldRule>& rules, const Scope& scope);

    // document.cpp
    using Values = std::vector<std::optional<std::string>>;  ///< as JSON; nothing: left out
    std::string members(const contract::DocumentRule::Members& rules, const Scope& scope);
    std::optional<std::string> target(const contract::FieldRule& rule, const Scope& scope);
    std::string array(const contract::DocumentRule::Lines& rule, const Scope& scope);

    // checks.cpp
    void check(const contract::Check& rule);
    void check_here(const contract::Check& rule, const Scope& scope);
    void compare(const contract::Check& rule, const Scope& scope);
    void sum(const contract::Check& rule, const Scope& scope);
    std::optional<Decimal> product(const contract::Check::Term& term, const Scope& scope);
    static bool is_present(const Scope& scope, const Pointer& pointer);
    bool keep(const contract::FieldRule& rule, std::string_view text, const Place& pointer);
    /// A day in a closed period is a broken rule, or becomes the first open one.
    bool keep_open(const contract::FieldRule::PeriodCutoff& rule, std::string& day, const Place& pointer);
    bool keep(const contract::FieldRule& rule, const Decimal& number, const Place& pointer);

    /// False, for whoever gives up then.
    bool broken(std::string pointer, std::string message);
    /// False where something is.
    bool report(const std::optional<Broken>& wrong) { return !wrong || broken(wrong->pointer, wrong->message); }

    const contract::Flow& flow_;
    bool outward_ = false;  ///< Odoo's values become the other system's
    const Trail root_trail_;
    Scope root_;
    json::Value document_;
    const Config& config_;
    const Hooks& hooks_;
    std::map<std::string, Named> named_;
    struct LineId {
        std::size_t hash;
        Place place;
    };
    std::vector<LineId> line_ids_;                   ///< of every line so far
    std::unordered_set<std::size_t> many_line_ids_;  ///< their hashes, once there are more than a few
    std::vector<Broken> broken_;
    std::set<std::pair<std::string, std::string>> seen_;  ///< what several rules find is said once
};

}  // namespace sluice::mapping
