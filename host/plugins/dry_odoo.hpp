#pragma once
// A way to Odoo that lets reads through and writes down everything else.

#include <map>
#include <memory>
#include <set>
#include <string>

#include "host/plugins/odoo_access.hpp"
#include "host/plugins/planned_call.hpp"

namespace sluice::host {

/// True for the methods of Odoo's models that change nothing: an explicit list, so that what is not known is a write.
bool is_read(std::string_view method);

/// The first made-up id: above all that Odoo has, whose ids are 32-bit.
inline constexpr std::int64_t first_made_up_id = 9'000'000'001;

/// Reads go to `real`. What writes is put into `plan` with how it differs from what is there now. Creating, writing and
/// removing records is answered as Odoo would answer (new records get made-up ids), so that what comes after is seen
/// too; it is planned on the ground that Odoo still has what it had. Where that ground is missing the plan stops, and
/// every call from then on is Failure::cancelled: a method whose effect is Odoo's own, a read of what would be new, or
/// of a field that would have been written. One thread, except cancel(). What is passed in outlives it.
class DryOdoo final : public OdooAccess, private odoo::Caller {
public:
    DryOdoo(OdooAccess& real, std::string connector, Plan& plan);

    odoo::Caller& caller() override { return *this; }
    /// With guards of its own: nothing is written that two could write at once.
    Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                const mapping::MappedRecord& record) override;
    Result<mapping::MappedRecord> in_its_names(const mapping::MappedRecord& record) override {
        return real_.in_its_names(record);
    }
    bool probe() override { return real_.probe(); }
    void cancel() override { real_.cancel(); }

private:
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;
    Result<json::Document> read(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs);
    /// The answer to a write; "" where nobody can tell it.
    std::string plan_write(PlannedCall call);
    std::unexpected<Error> stopped() const;

    OdooAccess& real_;
    std::shared_ptr<odoo::SingleFlight> flights_ = std::make_shared<odoo::SingleFlight>();
    const std::string connector_;
    Plan& plan_;
    std::map<std::string, std::set<std::string>, std::less<>> written_;  ///< fields, by model
};

}  // namespace sluice::host
