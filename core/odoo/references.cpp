#include "core/odoo/references.hpp"

#include <algorithm>

namespace sluice::odoo {
namespace {

/// Records one search_read may answer; where more match, each key is asked for alone.
constexpr std::int64_t max_matches = 1'000;
/// Enough to say "more than one", and to name them.
constexpr std::int64_t max_named_matches = 5;

using Ids = std::vector<std::int64_t>;

struct Wanted {
    const mapping::Find* find;  ///< the first of those that ask the same
    std::vector<std::string> pointers;
    std::optional<Ids> matches;  ///< ascending
    bool may_be_empty = false;   ///< known once nothing was found
    bool remembered = false;     ///< `matches` is what the cache knew
};

using WantedByKey = std::map<std::string, Wanted>;

std::string key_of(const mapping::Find& find) {
    json::Writer writer;
    writer.begin_array().string(find.model);
    mapping::write_domain(writer, find.by);
    // Two references may treat what they find differently, and then each is reported in its own right.
    writer.boolean(find.on_none == mapping::Find::OnNone::empty);
    writer.boolean(find.on_many == mapping::Find::OnMany::first);
    for (const auto& condition : find.empty_if) writer.string(key_of(condition));
    writer.end_array();
    return writer.take();
}

/// What is asked, whatever is then done with the answer.
std::string search_of(const mapping::Find& find) {
    json::Writer writer;
    writer.begin_array().string(find.model);
    mapping::write_domain(writer, find.by);
    return writer.end_array().take();
}

void recall(LookupCache& cache, WantedByKey& all) {
    for (auto& [key, wanted] : all) {
        const auto known = cache.find(search_of(*wanted.find));
        if (!known) continue;
        wanted.matches = Ids{*known};
        wanted.remembered = true;
    }
}

void remember(LookupCache& cache, const WantedByKey& all) {
    for (const auto& [key, wanted] : all)
        if (!wanted.remembered && wanted.matches->size() == 1)
            cache.keep(search_of(*wanted.find), wanted.matches->front());
}

std::string describe(const mapping::Find& find) {
    std::string out;
    for (const auto& [field, value] : find.by) {
        out += (out.empty() ? "" : " and ") + field + " `" + mapping::to_string(value) + "`";
    }
    return out;
}

/// The text by which a read value is compared with a key.
std::string_view text_of(const json::Value& value) {
    if (value.kind() == json::Kind::array && value.size() > 0) return value.at(0).text();
    return value.kind() == json::Kind::boolean ? std::string_view() : value.text();
}

Result<void> search_alone(Caller& odoo, Wanted& wanted) {
    json::Writer args;
    args.begin_array();
    mapping::write_domain(args, wanted.find->by);
    args.end_array();
    json::Writer kwargs;
    kwargs.begin_object().key("order").string("id").key("limit").integer(max_named_matches).end_object();
    const auto answer = odoo.call(wanted.find->model, "search", args.text(), kwargs.text());
    if (!answer) return std::unexpected(answer.error());
    Ids ids;
    for (std::size_t i = 0; i < answer->root().size(); ++i) {
        if (const auto id = answer->root().at(i).as_int64()) ids.push_back(*id);
    }
    wanted.matches = std::move(ids);
    return {};
}

Result<void> search_together(Caller& odoo, const std::vector<Wanted*>& group) {
    const auto& model = group.front()->find->model;
    const auto& field = group.front()->find->by.front().first;
    json::Writer args;
    args.begin_array().begin_array().begin_array().string(field).string("in").begin_array();
    for (const auto* wanted : group) mapping::write_key(args, wanted->find->by.front().second);
    args.end_array().end_array().end_array().end_array();
    json::Writer kwargs;
    kwargs.begin_object().key("fields").begin_array().string(field).end_array();
    kwargs.key("order").string("id").key("limit").integer(max_matches).end_object();
    const auto answer = odoo.call(model, "search_read", args.text(), kwargs.text());
    if (!answer) return std::unexpected(answer.error());

    const auto rows = answer->root();
    if (rows.size() >= static_cast<std::size_t>(max_matches)) {
        for (auto* wanted : group) {
            if (const auto done = search_alone(odoo, *wanted); !done) return done;
        }
        return {};
    }
    for (auto* wanted : group) {
        Ids ids;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto id = rows.at(i).find("id");
            const auto value = rows.at(i).find(field);
            const bool matches = value && text_of(*value) == mapping::to_string(wanted->find->by.front().second);
            if (matches && id && id->as_int64()) ids.push_back(*id->as_int64());
        }
        std::ranges::sort(ids);
        wanted->matches = std::move(ids);
    }
    return {};
}

/// Whether a reference for which nothing was found may be left empty.
Result<void> settle_emptiness(Caller& odoo, Wanted& wanted) {
    if (!wanted.matches->empty() || wanted.find->on_none == mapping::Find::OnNone::reject) return {};
    for (const auto& condition : wanted.find->empty_if) {
        Wanted other{.find = &condition, .pointers = {}, .matches = {}};
        if (const auto done = search_alone(odoo, other); !done) return done;
        if (other.matches->empty()) return {};
    }
    wanted.may_be_empty = true;
    return {};
}

Result<void> search_all(Caller& odoo, WantedByKey& all) {
    std::map<std::pair<std::string, std::string>, std::vector<Wanted*>> groups;
    for (auto& [key, wanted] : all) {
        const auto& find = *wanted.find;
        if (wanted.matches) continue;
        if (mapping::is_unusable(find.by)) {
            wanted.matches.emplace();
            continue;
        }
        // A dotted key cannot be read back, so its answers could not be told apart; nor can numbers, which Odoo rounds.
        const bool together = find.by.size() == 1 && !find.by.front().first.contains('.') &&
                              std::holds_alternative<std::string>(find.by.front().second);
        if (together) {
            groups[{find.model, find.by.front().first}].push_back(&wanted);
        } else if (const auto done = search_alone(odoo, wanted); !done) {
            return done;
        }
    }
    for (auto& [key, group] : groups) {
        if (const auto done = search_together(odoo, group); !done) return done;
    }
    for (auto& [key, wanted] : all) {
        if (const auto done = settle_emptiness(odoo, wanted); !done) return done;
    }
    return {};
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) out += (out.empty() ? "" : std::string(separator)) + part;
    return out;
}

/// What is wrong with what was found; "" where nothing is.
std::string problem_with(const Wanted& wanted) {
    const auto& ids = *wanted.matches;
    const auto where = wanted.pointers.empty() ? "" : " (" + joined(wanted.pointers, ", ") + ")";
    if (ids.empty()) {
        if (wanted.may_be_empty) return {};
        std::string problem = "no " + wanted.find->model + " with " + describe(*wanted.find);
        for (const auto& other : wanted.find->empty_if)
            problem += ", and no " + other.model + " with " + describe(other);
        return problem + where;
    }
    if (ids.size() == 1 || wanted.find->on_many == mapping::Find::OnMany::first) return {};
    std::vector<std::string> named;
    for (const auto id : ids) {
        if (named.size() < static_cast<std::size_t>(max_named_matches)) named.push_back(std::to_string(id));
    }
    return "more than one " + wanted.find->model + " with " + describe(*wanted.find) + ": ids " + joined(named, ", ") +
           where;
}

void collect(const mapping::Find& find, WantedByKey& out) {
    auto& wanted = out.try_emplace(key_of(find), Wanted{.find = &find, .pointers = {}, .matches = {}}).first->second;
    if (!find.pointer.empty()) wanted.pointers.push_back(find.pointer);
}

void collect(const std::vector<mapping::Field>& fields, WantedByKey& out) {
    for (const auto& field : fields) {
        if (const auto* find = std::get_if<Boxed<mapping::Find>>(&field.value)) collect(**find, out);
        if (const auto* each = std::get_if<mapping::FindEach>(&field.value))
            for (const auto& find : each->finds) collect(find, out);
    }
}

void collect(const mapping::MappedRecord& record, WantedByKey& out) {
    collect(record.fields, out);
    for (const auto& lines : record.lines) {
        for (const auto& line : lines.lines) collect(line.fields, out);
    }
}

void append(std::string& problems, const std::string& problem) {
    if (!problem.empty()) problems += (problems.empty() ? "" : "; ") + problem;
}

/// A many2many holds a record once: two references to one would become one without a word (two taxes of one rate).
std::string found_twice(const std::vector<mapping::Field>& fields, const FoundReferences& found) {
    std::string problems;
    for (const auto& field : fields) {
        const auto* each = std::get_if<mapping::FindEach>(&field.value);
        std::map<std::int64_t, std::string> places;
        for (std::size_t i = 0; each != nullptr && i < each->finds.size(); ++i) {
            const auto& find = each->finds[i];
            const auto [first, fresh] = places.emplace(found.id_of(find), find.pointer);
            if (fresh) continue;
            problems += (problems.empty() ? "" : "; ") + find.model + " " + std::to_string(first->first) +
                        " is found twice, by " + first->second + " and by " + find.pointer.text() +
                        ": it can be there once";
        }
    }
    return problems;
}

std::string found_twice(const mapping::MappedRecord& record, const FoundReferences& found) {
    std::string problems = found_twice(record.fields, found);
    for (const auto& lines : record.lines) {
        for (const auto& line : lines.lines) append(problems, found_twice(line.fields, found));
    }
    return problems;
}

}  // namespace

std::int64_t FoundReferences::id_of(const mapping::Find& find) const {
    const auto found = ids_.find(key_of(find));
    return found == ids_.end() ? 0 : found->second;
}

Result<FoundReferences> find_references(Caller& odoo, const mapping::MappedRecord& record, LookupCache* cache) {
    auto found = find_references(odoo, std::vector{&record}, cache);
    if (!found) return std::unexpected(found.error());
    return std::move(found->front());
}

Result<std::vector<Result<FoundReferences>>> find_references(Caller& odoo,
                                                             const std::vector<const mapping::MappedRecord*>& records,
                                                             LookupCache* cache) {
    std::vector<WantedByKey> by_record(records.size());
    WantedByKey all;
    for (std::size_t i = 0; i < records.size(); ++i) {
        collect(*records[i], by_record[i]);
        for (const auto& [key, wanted] : by_record[i]) all.try_emplace(key, Wanted{wanted.find, {}, {}});
    }
    if (cache != nullptr) recall(*cache, all);
    if (const auto done = search_all(odoo, all); !done) return std::unexpected(done.error());
    if (cache != nullptr) remember(*cache, all);

    std::vector<Result<FoundReferences>> out;
    for (std::size_t i = 0; i < records.size(); ++i) {
        FoundReferences found;
        std::string problems;
        for (auto& [key, wanted] : by_record[i]) {
            wanted.matches = all.at(key).matches;
            wanted.may_be_empty = all.at(key).may_be_empty;
            if (all.at(key).remembered)
                found.remembered_.push_back({search_of(*wanted.find), wanted.find->model, wanted.matches->front()});
            append(problems, problem_with(wanted));
            if (!wanted.matches->empty()) found.ids_[key] = wanted.matches->front();
        }
        if (problems.empty()) problems = found_twice(*records[i], found);
        out.push_back(problems.empty() ? Result<FoundReferences>(std::move(found)) : fail(Failure::invalid, problems));
    }
    return out;
}

}  // namespace sluice::odoo
