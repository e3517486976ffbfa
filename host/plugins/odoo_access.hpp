#pragma once
// One lane's way to Odoo.

#include <string>
#include <vector>

#include "core/odoo/client.hpp"
#include "core/odoo/record_writer.hpp"
#include "core/odoo/server_version.hpp"

namespace sluice::host {

struct OdooDatabase;

/// Calls, writes and probes. One thread, except cancel().
class OdooAccess {
public:
    virtual ~OdooAccess() = default;
    virtual odoo::Caller& caller() = 0;
    /// RecordWriter's write, all of whose calls go through `through`.
    virtual Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                        const mapping::MappedRecord& record) = 0;
    /// RecordWriter's write_all, likewise; unless overridden one write() after the other.
    virtual std::vector<Result<odoo::Written>> write_all(odoo::Caller& through,
                                                         const std::vector<odoo::RecordWriter::Write>& writes);
    /// The record with its fields as this Odoo's version names them.
    virtual Result<mapping::MappedRecord> in_its_names(const mapping::MappedRecord& record) { return record; }
    /// Asks by a second connection whether the database answers (limits.hpp says how long it may take).
    virtual bool probe() = 0;
    /// Ends running calls and every later one. Any thread.
    virtual void cancel() = 0;
};

/// `connector` becomes part of every external id.
class LaneOdoo final : public OdooAccess {
public:
    LaneOdoo(const OdooDatabase& database, std::string connector, const odoo::CallContext& context);
    odoo::Caller& caller() override { return client_; }
    Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                const mapping::MappedRecord& record) override;
    std::vector<Result<odoo::Written>> write_all(odoo::Caller& through,
                                                 const std::vector<odoo::RecordWriter::Write>& writes) override;
    Result<mapping::MappedRecord> in_its_names(const mapping::MappedRecord& record) override;
    bool probe() override { return prober_.probe(); }
    void cancel() override;

private:
    odoo::Client client_, prober_;
    std::shared_ptr<odoo::SingleFlight> flights_;
    std::shared_ptr<odoo::KnownVersion> version_;
    std::shared_ptr<odoo::LookupCache> lookups_;
    http::Client version_client_;
    const http::Timeouts timeouts_;
    std::string connector_;
};

}  // namespace sluice::host
