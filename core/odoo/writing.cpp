#include "core/odoo/writing.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "core/odoo/existing.hpp"
#include "core/odoo/external_id.hpp"
#include "core/odoo/load.hpp"
#include "core/odoo/transitions.hpp"

namespace sluice::odoo {
namespace {

/// In a Written's or an error's list of differences.
constexpr std::size_t max_detail_bytes = 2'000;

std::string joined(const std::vector<std::string>& parts) {
    std::string out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (out.size() > max_detail_bytes) return out + " and " + std::to_string(parts.size() - i) + " more";
        out += (i == 0 ? "" : ", ") + parts[i];
    }
    return out;
}

std::string name_of(const std::string& model, std::int64_t id, const std::string& display_name) {
    return model + " " + std::to_string(id) + (display_name.empty() ? "" : " (" + display_name + ")");
}

ResolvedValue ids_of(const mapping::FindEach& references, const FoundReferences& found) {
    RecordIds ids;
    for (const auto& find : references.finds) ids.values.push_back(found.id_of(find));
    std::ranges::sort(ids.values);
    return ids;
}

}  // namespace

std::string identity_of(const mapping::MappedRecord& record, const std::string& external_id) {
    std::string identity = record.model;
    if (!record.adopt || record.candidates.empty()) return identity + " " + external_id;
    for (const auto& [field, value] : record.candidates.front())
        identity += " " + field + "=`" + mapping::to_string(value) + "`";
    return identity;
}

std::vector<const mapping::MappedRecord*> nested_in(const std::vector<mapping::Field>& fields) {
    std::vector<const mapping::MappedRecord*> out;
    for (const auto& field : fields) {
        const auto* nested = std::get_if<std::shared_ptr<const mapping::MappedRecord>>(&field.value);
        if (nested != nullptr && *nested) out.push_back(nested->get());
    }
    return out;
}

Result<Written> Writing::write(const mapping::MappedRecord& record, int depth) {
    if (depth > max_nesting) return fail(Failure::invalid, "records nested deeper than 8 in " + record.model);
    const auto external_id = full_external_id(connector_, record.external_id);
    // What will not be written needs no references where it exists, which is nearly always.
    if (record.create_only) {
        const auto existing = find_existing(odoo_, memory_, record, external_id);
        if (!existing) return std::unexpected(existing.error());
        if (*existing) return as_it_is(record, external_id, **existing);
    }
    // Before nested records: a wrong SKU must not leave a new customer behind.
    const auto references = find_references(odoo_, record, lookups_);
    if (!references) return std::unexpected(references.error());
    auto resolved = resolve(record, external_id, *references, depth);
    if (!resolved) return std::unexpected(resolved.error());

    // Everything this record refers to is settled by now: no second guard is asked for while this one is held.
    const auto guard = flights_.enter(identity_of(record, external_id));
    if (!guard) return std::unexpected(guard.error());
    const auto existing = find_existing(odoo_, memory_, record, external_id);
    if (!existing) return std::unexpected(existing.error());
    if (*existing && record.create_only) return as_it_is(record, external_id, **existing);
    return conclude(record, *existing, *existing ? update(record, *resolved, **existing) : create(record, *resolved));
}

Result<Written> Writing::with_nested(Result<Written> written) const {
    if (written && !created_nested_.empty()) written->detail += "; " + joined(created_nested_);
    return written;
}

void Writing::settle(const mapping::MappedRecord& nested, const Written& written) {
    if (written.what != Written::What::unchanged) created_nested_.push_back(written.detail);
    settled_[{nested.model, nested.external_id}] = written.id;
}

Result<Written> Writing::conclude(const mapping::MappedRecord& record, std::optional<std::int64_t> existing,
                                  Result<Written> written) {
    if (!written && written.error().failure == Failure::rejected)
        return std::unexpected(unless_gone(record.model, existing, written.error()));
    if (!written) return written;
    return carry_out(record.transitions, std::move(*written));
}

/// Odoo refused: because what we had found was removed in the meantime? Then the next attempt finds out, and makes
/// it anew.
Error Writing::unless_gone(const std::string& model, std::optional<std::int64_t> id, Error refusal) {
    std::map<std::string, std::set<std::int64_t>> used;
    if (id) used[model].insert(*id);
    for (const auto& [key, nested] : settled_) used[key.first].insert(nested);
    for (const auto& one : remembered_) used[one.model].insert(one.id);
    for (const auto& [name, ids] : used) {
        const auto there = existing_of(odoo_, name, {ids.begin(), ids.end()});
        if (!there || there->size() == ids.size()) continue;
        for (const auto& one : remembered_)
            if (one.model == name && !there->contains(one.id)) lookups_->forget(one.search);
        refusal.failure = Failure::retry;
        refusal.message = name + " was removed while it was being used: " + refusal.message;
        break;
    }
    return refusal;
}

Result<Written> Writing::as_it_is(const mapping::MappedRecord& record, const std::string& external_id,
                                  std::int64_t id) {
    memory_.remember(external_id, id);
    return Written{.what = Written::What::unchanged,
                   .id = id,
                   .model = record.model,
                   .detail = name_of(record.model, id, "") + " used as it is"};
}

Result<Written> Writing::create(const mapping::MappedRecord& mapped, const ResolvedRecord& record) {
    // What exists already under this external id, though it was not found, `load` leaves alone and answers. Ids
    // only grow, so that the newest one before tells the two apart.
    const auto newest = mapped.create_only ? Result<std::int64_t>(0) : newest_id(odoo_, record.model);
    if (!newest) return std::unexpected(newest.error());
    const auto ids = load_new(odoo_, record.model, creation_table(record));
    if (!ids) return std::unexpected(ids.error());
    return loaded(mapped, record, ids->front(), *newest);
}

Result<Written> Writing::loaded(const mapping::MappedRecord& mapped, const ResolvedRecord& record, std::int64_t id,
                                std::int64_t newest) {
    if (id <= newest) return update(mapped, record, id);
    memory_.remember(record.external_id, id);
    return Written{.what = Written::What::created,
                   .id = id,
                   .model = record.model,
                   .detail = "created " + name_of(record.model, id, "")};
}

Result<Written> Writing::update(const mapping::MappedRecord& mapped, const ResolvedRecord& record, std::int64_t id) {
    const auto changes = find_changes(odoo_, id, record, mapped.protection, external_id_prefix(connector_));
    if (!changes) return std::unexpected(changes.error());
    memory_.remember(record.external_id, id);
    const auto name = name_of(record.model, id, changes->display_name);
    Written out{.what = Written::What::unchanged, .id = id, .model = record.model, .detail = name + " unchanged"};
    if (changes->differences.empty()) return out;

    const auto differences = joined(changes->differences);
    if (!changes->protection_value.empty()) {
        auto text = name + " is `" + changes->protection_value + "` and protected; it would change: " + differences;
        for (const auto& transition : mapped.transitions) text += "; " + describe(transition);
        if (mapped.protection->action == mapping::Protection::Action::reject) return fail(Failure::rejected, text);
        out.what = Written::What::skipped;
        out.detail = text;
        return out;
    }
    // A person may have confirmed it while the lines were read.
    const auto now = protection_value(odoo_, record.model, id, mapped.protection);
    if (!now) return std::unexpected(now.error());
    if (!now->empty()) return fail(Failure::retry, name + " became `" + *now + "` while it was being looked at");
    if (const auto done = apply(record.model, id, *changes); !done) return std::unexpected(done.error());
    const auto after = protection_value(odoo_, record.model, id, mapped.protection);
    if (!after) return std::unexpected(after.error());
    if (!after->empty()) {
        return fail(Failure::rejected,
                    name + " became `" + *after + "` while it was being changed, and now has: " + differences);
    }
    out.what = Written::What::updated;
    out.detail = "updated " + name + ": " + differences;
    return out;
}

/// The record is written; what it must become by methods of its own comes after, each in a state that is looked at.
Result<Written> Writing::carry_out(const std::vector<mapping::Transition>& transitions, Written written) {
    for (const auto& transition : transitions) {
        const auto reached = reach(odoo_, written.model, written.id, transition);
        if (!reached) return std::unexpected(reached.error());
        const bool untouched = written.what == Written::What::unchanged;
        if (untouched && !reached->steps.empty()) {
            written.what = Written::What::updated;
            written.detail = "updated " + reached->name;
        }
        if (!reached->steps.empty()) written.detail += ": " + joined(reached->steps);
        if (reached->skipped.empty()) continue;
        if (written.what == Written::What::unchanged) {
            written.what = Written::What::skipped;
            written.detail = reached->skipped;
        } else {
            written.detail += "; " + reached->skipped;
        }
    }
    return written;
}

/// New lines first: adding them again changes nothing, and what Odoo refuses is mostly among them.
Result<void> Writing::apply(const std::string& model, std::int64_t id, const Changes& changes) {
    for (const auto& lines : changes.added) {
        const auto loaded = load_new(odoo_, lines.model, lines_table(lines, id));
        if (!loaded) return std::unexpected(loaded.error());
    }
    if (changes.values.empty()) return {};
    const auto done = odoo_.call(model, "write", "[[" + std::to_string(id) + "]," + changes.values + "]", "{}");
    if (done) return {};
    auto error = done.error();
    if (!changes.added.empty() && error.failure == Failure::rejected)
        error.message += " (its new lines are in Odoo already, the other changes are not)";
    return std::unexpected(std::move(error));
}

Result<ResolvedRecord> Writing::resolve(const mapping::MappedRecord& record, const std::string& external_id,
                                        const FoundReferences& found, int depth) {
    std::ranges::copy(found.remembered(), std::back_inserter(remembered_));
    ResolvedRecord out{.model = record.model, .external_id = external_id, .fields = {}, .lines = {}};
    auto fields = resolve_fields(record.fields, found, depth);
    if (!fields) return std::unexpected(fields.error());
    out.fields = std::move(*fields);
    for (const auto& lines : record.lines) {
        auto same = std::ranges::find(out.lines, lines.field, &ResolvedLines::field);
        if (same == out.lines.end()) {
            same = out.lines.insert(out.lines.end(), ResolvedLines{.field = lines.field,
                                                                   .model = lines.model,
                                                                   .parent_field = lines.parent_field,
                                                                   .unlink_removed = true,
                                                                   .lines = {}});
        }
        same->pairs_foreign |= lines.pairs_foreign;
        same->unlink_removed &= lines.removed == mapping::MappedLines::Removed::unlink;
        for (const auto& line : lines.lines) {
            auto values = resolve_fields(line.fields, found, depth);
            if (!values) return std::unexpected(values.error());
            same->lines.push_back(
                {.external_id = full_external_id(connector_, line.external_id), .fields = std::move(*values)});
        }
    }
    return out;
}

Result<std::vector<ResolvedField>> Writing::resolve_fields(const std::vector<mapping::Field>& fields,
                                                           const FoundReferences& found, int depth) {
    std::vector<ResolvedField> out;
    for (const auto& field : fields) {
        auto value = resolve_value(field.value, found, depth);
        if (!value) return std::unexpected(value.error());
        out.push_back({.name = field.name, .value = std::move(*value), .create_only = field.create_only});
    }
    return out;
}

Result<ResolvedValue> Writing::resolve_value(const mapping::FieldValue& value, const FoundReferences& found,
                                             int depth) {
    if (const auto* yes = std::get_if<bool>(&value)) return ResolvedValue(*yes);
    if (const auto* number = std::get_if<std::int64_t>(&value)) return ResolvedValue(*number);
    if (const auto* number = std::get_if<Decimal>(&value)) return ResolvedValue(*number);
    if (const auto* text = std::get_if<std::string>(&value)) return ResolvedValue(*text);
    if (const auto* moment = std::get_if<mapping::DateTime>(&value)) return ResolvedValue(moment->text);
    if (const auto* find = std::get_if<Boxed<mapping::Find>>(&value)) {
        return ResolvedValue(RecordId{.value = found.id_of(**find)});
    }
    if (const auto* each = std::get_if<mapping::FindEach>(&value)) return ids_of(*each, found);
    if (const auto* nested = std::get_if<std::shared_ptr<const mapping::MappedRecord>>(&value); nested && *nested) {
        const auto id = nested_id(**nested, depth);
        if (!id) return std::unexpected(id.error());
        return ResolvedValue(RecordId{.value = *id});
    }
    return ResolvedValue(std::monostate());
}

/// A nested record that several fields refer to is written once.
Result<std::int64_t> Writing::nested_id(const mapping::MappedRecord& record, int depth) {
    const auto key = std::pair(record.model, record.external_id);
    if (const auto known = settled_.find(key); known != settled_.end()) return known->second;
    const auto written = write(record, depth + 1);
    if (!written) return std::unexpected(written.error());
    settle(record, *written);
    return written->id;
}

}  // namespace sluice::odoo
