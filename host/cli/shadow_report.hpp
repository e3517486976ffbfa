#pragma once
// What shadowed events came to, counted.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/json/json.hpp"
#include "host/plugins/shadow.hpp"

namespace sluice::host {

/// Counts the shadowed events of several flows. One owner, one thread.
class ShadowReport {
public:
    /// Examples kept of each difference and each failure.
    static constexpr std::size_t max_examples = 3;

    /// An event of the journal; passed over where it was not shadowed.
    void add(const std::string& connector, const std::string& flow, std::int64_t seq, std::string_view outcome);
    bool empty() const { return flows_.empty(); }
    /// For people.
    std::string text() const;
    /// {"flows":[{"connector","flow","events","same","different","create","call","fails","stopped","fields":[{"model",
    /// "field","events","examples":[{"seq","record","now","then"}]}],"reasons":[{"kind","message","events","seqs"}]}]}
    std::string json() const;

private:
    struct Example {
        std::int64_t seq = 0;
        std::string record, now, then;
    };
    struct Counted {
        std::int64_t events = 0;
        std::vector<Example> examples;
    };
    using FieldKey = std::pair<std::string, std::string>;  ///< model and field; "" for a record that comes or goes
    struct Flow {
        std::int64_t events = 0;
        std::map<Shadowed::Kind, std::int64_t> kinds;
        std::map<FieldKey, Counted> fields;
        std::map<std::pair<Shadowed::Kind, std::string>, Counted> reasons;
    };
    std::map<std::pair<std::string, std::string>, Flow> flows_;  ///< by connector and flow
};

}  // namespace sluice::host
