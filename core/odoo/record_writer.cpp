#include "core/odoo/record_writer.hpp"

#include "core/odoo/batch_writing.hpp"
#include "core/odoo/writing.hpp"

namespace sluice::odoo {

bool concerns_one_record(Failure failure) {
    return failure == Failure::invalid || failure == Failure::rejected;
}

RecordWriter::RecordWriter(Caller& odoo, SingleFlight& flights, IdMemory& memory, std::string connector,
                           LookupCache* lookups)
    : odoo_(odoo), flights_(flights), memory_(memory), connector_(std::move(connector)), lookups_(lookups) {}

Result<Written> RecordWriter::write(const mapping::MappedRecord& record) {
    Writing writing(odoo_, flights_, memory_, connector_, lookups_);
    return writing.with_nested(writing.write(record));
}

std::vector<Result<Written>> RecordWriter::write_all(const std::vector<Write>& writes) {
    return write_batch(odoo_, flights_, connector_, lookups_, writes);
}

}  // namespace sluice::odoo
