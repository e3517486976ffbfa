#pragma once
// Natural keys become database ids.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/lookup_cache.hpp"

namespace sluice::odoo {

/// What the references of one record point to.
class FoundReferences {
public:
    /// The database id; 0 where nothing was found and the reference may be empty. The Find must have been looked up.
    std::int64_t id_of(const mapping::Find& find) const;

    /// What a search found when another record asked: it may have gone since.
    struct Remembered {
        std::string search;  ///< as LookupCache has it
        std::string model;
        std::int64_t id = 0;
    };
    const std::vector<Remembered>& remembered() const { return remembered_; }

private:
    friend Result<std::vector<Result<FoundReferences>>> find_references(
        Caller& odoo, const std::vector<const mapping::MappedRecord*>& records, LookupCache* cache);
    std::map<std::string, std::int64_t> ids_;
    std::vector<Remembered> remembered_;
};

/// Looks up every Find of the header and the lines (nested records look up their own): those of one model and one plain
/// key by one search_read, the others by one search each; a repeated one is asked for once. Failure::invalid names all
/// that failed, each with its model, keys, values and pointer, or the two of a FindEach that found one record. A Find
/// with an empty key value matches nothing and is not asked for; nor is what `cache`, where there is one, still knows.
Result<FoundReferences> find_references(Caller& odoo, const mapping::MappedRecord& record,
                                        LookupCache* cache = nullptr);
/// The same for many records, each asked once for what several refer to. An answer for each; an error where Odoo could
/// not be asked.
Result<std::vector<Result<FoundReferences>>> find_references(Caller& odoo,
                                                             const std::vector<const mapping::MappedRecord*>& records,
                                                             LookupCache* cache = nullptr);

}  // namespace sluice::odoo
