#include <algorithm>

#include "core/odoo/existing.hpp"

namespace sluice::odoo {
namespace {

/// Records one search_read may answer; where more match, each is looked for alone.
constexpr std::int64_t max_matches = 1'000;

using Found = std::optional<std::int64_t>;
/// Indexes of what is sought: by model and, where a candidate is asked for, its field.
using Groups = std::map<std::pair<std::string, std::string>, std::vector<std::size_t>>;

/// The one text that names the record; nullptr where it takes more to find it.
const mapping::SearchKeys::value_type* plain_candidate(const mapping::MappedRecord& record) {
    if (record.candidates.size() != 1 || record.candidates.front().size() != 1) return nullptr;
    const auto& key = record.candidates.front().front();
    const bool plain = !mapping::is_unusable(record.candidates.front()) && !key.first.contains('.') &&
                       std::holds_alternative<std::string>(key.second);
    return plain ? &key : nullptr;
}

class Search {
public:
    Search(Caller& odoo, const std::vector<Sought>& all) : odoo_(odoo), all_(all), found_(all.size()) {}

    Result<std::vector<Found>> run() {
        std::vector<std::size_t> open;
        for (std::size_t i = 0; i < all_.size(); ++i) {
            if (plain_candidate(*all_[i].record) != nullptr) {
                open.push_back(i);
            } else if (const auto done = look_alone(i); !done) {
                return std::unexpected(done.error());
            }
        }
        if (const auto done = by_memory(open, false); !done) return std::unexpected(done.error());
        if (const auto done = by_candidates(open); !done) return std::unexpected(done.error());
        if (const auto done = by_memory(open, true); !done) return std::unexpected(done.error());
        return std::move(found_);
    }

private:
    Result<void> look_alone(std::size_t i) {
        auto found = find_existing(odoo_, *all_[i].memory, *all_[i].record, all_[i].external_id);
        if (!found) return std::unexpected(found.error());
        found_[i] = *found;
        return {};
    }

    /// For those whose natural key decides the memory comes second.
    Result<void> by_memory(const std::vector<std::size_t>& open, bool adopt) {
        std::map<std::string, std::map<std::int64_t, std::size_t>> remembered;
        for (const auto i : open) {
            if (found_[i] || all_[i].record->adopt != adopt) continue;
            if (const auto id = all_[i].memory->recall(all_[i].external_id)) remembered[all_[i].record->model][*id] = i;
        }
        for (const auto& [model, by_id] : remembered) {
            std::vector<std::int64_t> ids;
            for (const auto& [id, i] : by_id) ids.push_back(id);
            const auto names = external_ids_of(odoo_, model, ids);
            if (!names) return std::unexpected(names.error());
            for (const auto& [id, name] : *names) {
                const auto i = by_id.find(id);
                if (i != by_id.end() && all_[i->second].external_id == name) found_[i->second] = id;
            }
        }
        return {};
    }

    Result<void> by_candidates(const std::vector<std::size_t>& open) {
        for (const bool adopt : {true, false}) {
            Groups groups;
            for (const auto i : open) {
                if (found_[i] || all_[i].record->adopt != adopt) continue;
                groups[{all_[i].record->model, plain_candidate(*all_[i].record)->first}].push_back(i);
            }
            for (const auto& [key, group] : groups) {
                const auto done =
                    adopt ? adopt_among(key.first, key.second, group) : recognise_among(key.first, key.second, group);
                if (!done) return done;
            }
        }
        return {};
    }

    /// Ids by the candidate's value, in the order asked for; nothing where there are too many to tell.
    using Matches = std::optional<std::map<std::string, std::vector<std::int64_t>, std::less<>>>;
    Result<Matches> matches(const std::string& model, const std::string& field, const std::vector<std::size_t>& group,
                            std::string_view order, bool archived_too) {
        json::Writer args;
        args.begin_array().begin_array().begin_array().string(field).string("in").begin_array();
        for (const auto i : group) mapping::write_key(args, plain_candidate(*all_[i].record)->second);
        args.end_array().end_array().end_array().end_array();
        json::Writer kwargs;
        kwargs.begin_object().key("fields").begin_array().string(field).end_array().key("order").string(order);
        kwargs.key("limit").integer(max_matches);
        if (archived_too) kwargs.key("context").begin_object().key("active_test").boolean(false).end_object();
        kwargs.end_object();
        const auto answer = odoo_.call(model, "search_read", args.text(), kwargs.text());
        if (!answer) return std::unexpected(answer.error());
        const auto rows = answer->root();
        if (rows.size() >= static_cast<std::size_t>(max_matches)) return Matches();
        Matches out(std::in_place);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const auto id = rows.at(r).find("id");
            const auto value = rows.at(r).find(field);
            if (id && id->as_int64() && value && value->kind() == json::Kind::string)
                (*out)[std::string(value->text())].push_back(*id->as_int64());
        }
        return out;
    }

    Result<void> all_alone(const std::vector<std::size_t>& group) {
        for (const auto i : group) {
            if (const auto done = look_alone(i); !done) return done;
        }
        return {};
    }

    Result<void> adopt_among(const std::string& model, const std::string& field,
                             const std::vector<std::size_t>& group) {
        const auto matched = matches(model, field, group, "id", false);
        if (!matched) return std::unexpected(matched.error());
        if (!*matched) return all_alone(group);
        for (const auto i : group) {
            const auto ids = (*matched)->find(mapping::to_string(plain_candidate(*all_[i].record)->second));
            if (ids != (*matched)->end()) found_[i] = ids->second.front();
        }
        return {};
    }

    Result<void> recognise_among(const std::string& model, const std::string& field,
                                 const std::vector<std::size_t>& group) {
        const auto matched = matches(model, field, group, "id desc", true);
        if (!matched) return std::unexpected(matched.error());
        if (!*matched) return all_alone(group);
        std::vector<std::int64_t> candidates;
        for (const auto& [value, ids] : **matched) candidates.insert(candidates.end(), ids.begin(), ids.end());
        const auto names = external_ids_of(odoo_, model, candidates);
        if (!names) return std::unexpected(names.error());
        for (const auto i : group) {
            const auto named =
                std::ranges::find(*names, all_[i].external_id, [](const auto& pair) { return pair.second; });
            if (named != names->end()) found_[i] = named->first;
        }
        return {};
    }

    Caller& odoo_;
    const std::vector<Sought>& all_;
    std::vector<Found> found_;
};

}  // namespace

Result<std::vector<Found>> find_existing(Caller& odoo, const std::vector<Sought>& all) {
    return Search(odoo, all).run();
}

}  // namespace sluice::odoo
