#pragma once
// One document of a vendor held against Odoo, by the same comparison that a write makes; nothing is written.

#include <string>
#include <string_view>

#include "core/reconcile/finding.hpp"
#include "host/plugins/host_delivery.hpp"

namespace sluice::host {

/// What was seen of one document.
struct Compared {
    enum class Kind { same, overtaken, found } kind = Kind::same;
    reconcile::Finding finding;  ///< its `kind` counts where there is one; ids and revision always
    std::string ordering_key;    ///< of the event that writes it
};

/// `flow` has a record and a `reconcile`. An error is Odoo's or the journal's trouble, never the document's. Blocking.
/// What is passed in outlives the object.
class Comparer {
public:
    Comparer(const Lane& lane, const contract::Flow& flow) : lane_(lane), flow_(flow) {}
    Result<Compared> compare(std::string_view document) const;
    /// The id that the flow's external ids are made of, and the revision; "" where there is none.
    std::string id_of(const json::Value& document) const;
    std::string revision_of(const json::Value& document) const;

private:
    Result<Compared> with_odoo(Compared compared, const mapping::MappedRecord& record) const;
    /// What keeps the record from being written (`differs`: its fields would be), and the values it would reach by its
    /// own methods.
    Result<void> look_at_state(const mapping::MappedRecord& record, bool differs, reconcile::Finding& finding) const;

    const Lane& lane_;
    const contract::Flow& flow_;
};

}  // namespace sluice::host
