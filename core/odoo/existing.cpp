#include "core/odoo/existing.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::odoo {
namespace {

/// Candidates whose external ids are asked for, the newest first.
constexpr std::int64_t max_candidates = 100;

using Found = std::optional<std::int64_t>;

/// The answer of a `search`.
Result<std::vector<std::int64_t>> ids_answered(const Result<json::Document>& answer) {
    if (!answer) return std::unexpected(answer.error());
    std::vector<std::int64_t> ids;
    for (std::size_t i = 0; i < answer->root().size(); ++i) {
        if (const auto id = answer->root().at(i).as_int64()) ids.push_back(*id);
    }
    return ids;
}

Result<std::vector<std::int64_t>> search(Caller& odoo, const mapping::MappedRecord& record,
                                         const mapping::SearchKeys& candidate) {
    json::Writer args;
    args.begin_array();
    mapping::write_domain(args, candidate);
    args.end_array();
    json::Writer kwargs;
    kwargs.begin_object().key("order").string(record.adopt ? "id" : "id desc");
    kwargs.key("limit").integer(record.adopt ? 1 : max_candidates);
    if (!record.adopt) kwargs.key("context").begin_object().key("active_test").boolean(false).end_object();
    kwargs.end_object();
    return ids_answered(odoo.call(record.model, "search", args.text(), kwargs.text()));
}

Result<Found> with_external_id(Caller& odoo, const std::string& model, const std::vector<std::int64_t>& ids,
                               const std::string& external_id) {
    if (ids.empty()) return Found();
    const auto names = external_ids_of(odoo, model, ids);
    if (!names) return std::unexpected(names.error());
    const auto found = std::ranges::find(*names, external_id, [](const auto& pair) { return pair.second; });
    return found == names->end() ? Found() : Found(found->first);
}

Result<Found> by_memory(Caller& odoo, IdMemory& memory, const mapping::MappedRecord& record,
                        const std::string& external_id) {
    const auto remembered = memory.recall(external_id);
    if (!remembered) return Found();
    return with_external_id(odoo, record.model, {*remembered}, external_id);
}

Result<Found> by_candidates(Caller& odoo, const mapping::MappedRecord& record, const std::string& external_id) {
    for (const auto& candidate : record.candidates) {
        if (mapping::is_unusable(candidate)) continue;
        const auto ids = search(odoo, record, candidate);
        if (!ids) return std::unexpected(ids.error());
        if (record.adopt) {
            if (!ids->empty()) return Found(ids->front());
            continue;
        }
        auto found = with_external_id(odoo, record.model, *ids, external_id);
        if (!found || *found) return found;
    }
    return Found();
}

}  // namespace

Result<std::map<std::int64_t, std::string>> external_ids_of(Caller& odoo, std::string_view model,
                                                            const std::vector<std::int64_t>& ids) {
    std::map<std::int64_t, std::string> out;
    if (ids.empty()) return out;
    json::Writer args;
    args.begin_array().begin_array();
    for (const auto id : ids) args.integer(id);
    args.end_array().end_array();
    const auto answer = odoo.call(model, "get_external_id", args.text(), "{}");
    if (!answer) return std::unexpected(answer.error());
    const auto root = answer->root();
    for (std::size_t i = 0; root.kind() == json::Kind::object && i < root.size(); ++i) {
        const auto key = root.key(i);
        std::int64_t id = 0;
        const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), id);
        if (problem == std::errc() && end == key.data() + key.size()) out[id] = std::string(root.at(i).text());
    }
    return out;
}

Result<std::set<std::int64_t>> existing_of(Caller& odoo, std::string_view model, const std::vector<std::int64_t>& ids) {
    json::Writer args;
    args.begin_array().begin_array().begin_array().string("id").string("in").begin_array();
    for (const auto id : ids) args.integer(id);
    args.end_array().end_array().end_array().end_array();
    const auto found = ids_answered(odoo.call(model, "search", args.text(), R"({"context":{"active_test":false}})"));
    if (!found) return std::unexpected(found.error());
    return std::set<std::int64_t>(found->begin(), found->end());
}

Result<std::int64_t> newest_id(Caller& odoo, std::string_view model) {
    const auto found = ids_answered(
        odoo.call(model, "search", "[[]]", R"({"order":"id desc","limit":1,"context":{"active_test":false}})"));
    if (!found) return std::unexpected(found.error());
    return found->empty() ? 0 : found->front();
}

Result<Found> find_existing(Caller& odoo, IdMemory& memory, const mapping::MappedRecord& record,
                            const std::string& external_id) {
    if (record.adopt) {
        auto found = by_candidates(odoo, record, external_id);
        if (!found || *found) return found;
        // A person changed the natural key of a record that is ours: it is used all the same.
        return by_memory(odoo, memory, record, external_id);
    }
    auto found = by_memory(odoo, memory, record, external_id);
    if (!found || *found) return found;
    return by_candidates(odoo, record, external_id);
}

}  // namespace sluice::odoo
