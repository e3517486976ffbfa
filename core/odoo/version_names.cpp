#include "core/odoo/version_names.hpp"

#include <algorithm>
#include <map>
#include <memory>

#include "core/json/json.hpp"

namespace sluice::odoo {
namespace {

using mapping::MappedRecord;

std::string text_of(const json::Value& entry, std::string_view key) {
    const auto found = entry.find(key);
    return found ? std::string(found->text()) : std::string();
}

/// Puts one record, and those it refers to, in the names of a version. A record that several fields refer to stays one.
class Renaming {
public:
    Renaming(const VersionNames& names, int version) : names_(names), version_(version) {}

    void apply(MappedRecord& record) {
        for (auto& candidate : record.candidates) keys(record.model, candidate);
        fields(record.model, record.fields);
        for (auto& lines : record.lines) {
            lines.field = names_.in_version(record.model, lines.field, version_);
            lines.parent_field = names_.in_version(lines.model, lines.parent_field, version_);
            for (auto& line : lines.lines) fields(lines.model, line.fields);
        }
        if (record.protection) record.protection->field = name(record.model, record.protection->field);
        for (auto& transition : record.transitions) transition.field = name(record.model, transition.field);
    }

private:
    std::string name(std::string_view model, std::string_view field) const {
        return names_.in_version(model, field, version_);
    }

    void keys(std::string_view model, mapping::SearchKeys& keys) const {
        for (auto& [path, value] : keys) {
            const auto dot = std::min(path.find('.'), path.size());
            path = name(model, path.substr(0, dot)) + path.substr(dot);
        }
    }

    void find(mapping::Find& find) const {
        keys(find.model, find.by);
        for (auto& condition : find.empty_if) this->find(condition);
    }

    void fields(std::string_view model, std::vector<mapping::Field>& fields) {
        for (auto& field : fields) {
            field.name = name(model, field.name);
            if (auto* one = std::get_if<Boxed<mapping::Find>>(&field.value)) find(**one);
            if (auto* each = std::get_if<mapping::FindEach>(&field.value))
                for (auto& one : each->finds) find(one);
            if (auto* nested = std::get_if<std::shared_ptr<const MappedRecord>>(&field.value))
                *nested = renamed(*nested);
        }
    }

    std::shared_ptr<const MappedRecord> renamed(const std::shared_ptr<const MappedRecord>& record) {
        if (!record) return record;
        auto& known = done_[record.get()];
        if (!known) {
            auto copy = std::make_shared<MappedRecord>(*record);
            apply(*copy);
            known = copy;
        }
        return known;
    }

    const VersionNames& names_;
    const int version_;
    std::map<const MappedRecord*, std::shared_ptr<const MappedRecord>> done_;
};

}  // namespace

Result<VersionNames> VersionNames::parse(std::string_view text) {
    const auto document = json::Document::parse(text);
    if (!document) return std::unexpected(document.error());
    const auto root = document->root();
    std::vector<VersionName> entries;
    for (std::size_t i = 0; i < root.size(); ++i) {
        const auto entry = root.at(i);
        const auto since = entry.find("since");
        VersionName name{.model = text_of(entry, "model"),
                         .from = text_of(entry, "from"),
                         .to = text_of(entry, "to"),
                         .since = since ? static_cast<int>(since->as_int64().value_or(0)) : 0,
                         .note = text_of(entry, "note")};
        if (name.model.empty() || name.from.empty() || name.to.empty() || name.since == 0)
            return fail(Failure::invalid,
                        "entry " + std::to_string(i) + " lacks one of model, from, to and since (an integer)");
        entries.push_back(std::move(name));
    }
    return VersionNames(std::move(entries));
}

std::string VersionNames::in_version(std::string_view model, std::string_view field, int version) const {
    for (const auto& entry : entries_) {
        if (entry.model != model || !entry.note.empty()) continue;
        if (entry.from == field || entry.to == field) return version >= entry.since ? entry.to : entry.from;
    }
    return std::string(field);
}

const VersionName* VersionNames::find(std::string_view model, std::string_view field) const {
    const auto found = std::ranges::find_if(entries_, [&](const VersionName& entry) {
        return entry.model == model && (entry.from == field || entry.to == field);
    });
    return found == entries_.end() ? nullptr : &*found;
}

bool VersionNames::concern(const MappedRecord& record) const {
    if (entries_.empty()) return false;
    const auto known = [&](std::string_view model) { return std::ranges::count(entries_, model, &VersionName::model); };
    if (known(record.model) != 0) return true;
    if (std::ranges::any_of(record.lines, [&](const auto& lines) { return known(lines.model) != 0; })) return true;
    const auto in_fields = [&](const std::vector<mapping::Field>& fields) {
        return std::ranges::any_of(fields, [&](const mapping::Field& field) {
            if (const auto* one = std::get_if<Boxed<mapping::Find>>(&field.value)) return known((*one)->model) != 0;
            if (const auto* each = std::get_if<mapping::FindEach>(&field.value))
                return std::ranges::any_of(each->finds, [&](const auto& find) { return known(find.model) != 0; });
            const auto* nested = std::get_if<std::shared_ptr<const MappedRecord>>(&field.value);
            return nested != nullptr && *nested && concern(**nested);
        });
    };
    return in_fields(record.fields) || std::ranges::any_of(record.lines, [&](const auto& lines) {
               return std::ranges::any_of(lines.lines, [&](const auto& line) { return in_fields(line.fields); });
           });
}

MappedRecord VersionNames::in_version(const MappedRecord& record, int version) const {
    auto renamed = record;
    Renaming(*this, version).apply(renamed);
    return renamed;
}

}  // namespace sluice::odoo
