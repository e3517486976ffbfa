#include "tests/simulators/odoo/read_group.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

struct GroupBy {
    std::string text;  // "date_order:month"
    const Field* field = nullptr;
    std::string step;  // day, month, year; "" for no date
};

struct Aggregate {
    std::string name;
    std::string function;
};

std::vector<std::string> names(const json::value& value) {
    std::vector<std::string> out;
    if (value.is_string()) out.push_back(py_str(value));
    if (value.is_array()) {
        for (const auto& item : value.get_array()) out.push_back(py_str(item));
    }
    return out;
}

GroupBy parse_group(const Model& model, const std::string& text) {
    const auto colon = text.find(':');
    GroupBy group{text, &model.at(text.substr(0, colon)), colon == std::string::npos ? "" : text.substr(colon + 1)};
    const bool dated = group.field->type == FieldType::date || group.field->type == FieldType::datetime;
    if (dated && group.step.empty()) group.step = "month";
    if (group.field->to_many() || (dated && group.step != "day" && group.step != "month" && group.step != "year")) {
        throw not_claimed("read_group by '" + text + "'");
    }
    return group;
}

std::vector<Aggregate> parse_aggregates(const Model& model, const json::value& fields) {
    std::vector<Aggregate> out;
    for (const auto& text : names(fields)) {
        const auto colon = text.find(':');
        const auto name = text.substr(0, colon);
        if (name == "__count" || name == "id") continue;
        const Field& field = model.at(name);
        const bool number =
            field.type == FieldType::integer || field.type == FieldType::floating || field.type == FieldType::monetary;
        if (colon == std::string::npos && !number) continue;
        out.push_back({name, colon == std::string::npos ? "sum" : text.substr(colon + 1)});
        if (out.back().function != "sum") throw not_claimed("read_group's aggregate '" + text + "'");
    }
    return out;
}

std::string two(int number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

// The first moment of the period a stamp lies in, and of the one after it.
std::pair<std::string, std::string> period(const std::string& stamp, const std::string& step, bool time) {
    int year = std::stoi(stamp.substr(0, 4));
    int month = std::stoi(stamp.substr(5, 2));
    const std::string tail = time ? " 00:00:00" : "";
    if (step == "year") return {std::to_string(year) + "-01-01" + tail, std::to_string(year + 1) + "-01-01" + tail};
    if (step == "day") {
        const auto begin = parse_timestamp(stamp.substr(0, 10)).value_or(0);
        return {stamp.substr(0, 10) + tail, stamp_text(begin + Micros{86400} * 1000000).substr(0, 10) + tail};
    }
    const std::string from = stamp.substr(0, 7) + "-01" + tail;
    month = month == 12 ? 1 : month + 1;
    year = month == 1 ? year + 1 : year;
    return {from, std::to_string(year) + "-" + two(month) + "-01" + tail};
}

std::string period_label(const std::string& from, const std::string& step) {
    static constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                                 "May",       "June",     "July",     "August",
                                                                 "September", "October",  "November", "December"};
    const auto month = static_cast<std::size_t>(std::stoi(from.substr(5, 2)) - 1);
    if (step == "year") return from.substr(0, 4);
    if (step == "month") return std::string(kMonths.at(month)) + " " + from.substr(0, 4);
    return from.substr(8, 2) + " " + std::string(kMonths.at(month).substr(0, 3)) + " " + from.substr(0, 4);
}

// One group's identity: the raw values (a period's first moment for dates).
json::array key_of(Env& env, const Model& model, std::int64_t id, const std::vector<GroupBy>& groups) {
    json::array key;
    for (const auto& group : groups) {
        json::value value = orm::get(env, model.name, id, group.field->name);
        if (!group.step.empty() && value.is_string()) {
            value = json::value(period(as_text(value), group.step, group.field->type == FieldType::datetime).first);
        }
        key.push_back(std::move(value));
    }
    return key;
}

json::object group_row(Call& call, const std::vector<GroupBy>& groups, const std::vector<Aggregate>& aggregates,
                       const json::array& key, const Ids& ids, bool lazy) {
    json::object row;
    json::array domain = call.values[0].is_array() ? call.values[0].get_array() : json::array();
    json::array own;
    json::object ranges;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto& group = groups[i];
        if (!group.step.empty() && key[i].is_string()) {
            const auto [from, to] = period(as_text(key[i]), group.step, group.field->type == FieldType::datetime);
            row[group.text] = period_label(from, group.step);
            ranges[group.text] = json::object{{"from", from}, {"to", to}};
            own.push_back(json::array{json::value(group.field->name), ">=", json::value(from)});
            own.push_back(json::array{json::value(group.field->name), "<", json::value(to)});
            continue;
        }
        json::value shown = key[i];
        if (const auto target = as_id(shown); target && group.field->type == FieldType::many2one) {
            Env sudo = call.env.sudo();
            shown = json::array{*target, json::value(orm::display_name(sudo, group.field->relation, *target))};
        }
        row[group.text] = std::move(shown);
        own.push_back(json::array{json::value(group.field->name), "=", key[i]});
    }
    row[lazy && groups.size() == 1 ? groups[0].field->name + "_count" : "__count"] =
        static_cast<std::int64_t>(ids.size());
    for (const auto& aggregate : aggregates) {
        double sum = 0.0;
        for (const auto id : ids) sum += orm::get_number(call.env, call.model.name, id, aggregate.name);
        const bool whole = call.model.at(aggregate.name).type == FieldType::integer;
        row[aggregate.name] =
            whole ? json::value(static_cast<std::int64_t>(sum)) : json::value(orm::round_half_up(sum, 2));
    }
    const std::size_t terms = own.size() + (domain.empty() ? 0 : 1);
    json::array full;
    for (std::size_t i = 1; i < terms; ++i) full.emplace_back("&");
    full.insert(full.end(), own.begin(), own.end());
    full.insert(full.end(), domain.begin(), domain.end());
    row["__domain"] = std::move(full);
    if (!ranges.empty()) row["__range"] = std::move(ranges);
    return row;
}

json::array groups_of(Call& call, const json::value& offset, const json::value& limit, const json::value& order,
                      bool lazy) {
    if (truthy(order)) throw not_claimed("read_group with orderby");
    std::vector<GroupBy> groups;
    for (const auto& text : names(call.values[2])) {
        groups.push_back(parse_group(call.model, text));
        if (lazy) break;  // the rest is asked for when a group is opened
    }
    const auto aggregates = parse_aggregates(call.model, call.values[1]);
    std::vector<std::pair<json::array, Ids>> found;
    for (const auto id : orm::search(call.env, call.model.name, call.values[0], {0, -1, "id"})) {
        const auto key = key_of(call.env, call.model, id, groups);
        const auto same =
            std::find_if(found.begin(), found.end(), [&](const auto& group) { return group.first == key; });
        if (same == found.end()) {
            found.emplace_back(key, Ids{id});
        } else {
            same->second.push_back(id);
        }
    }
    std::sort(found.begin(), found.end(),
              [](const auto& left, const auto& right) { return py_json(left.first) < py_json(right.first); });
    const auto first = static_cast<std::size_t>(offset.is_int64() ? offset.get_int64() : 0);
    const auto most =
        limit.is_int64() && limit.get_int64() > 0 ? static_cast<std::size_t>(limit.get_int64()) : found.size();
    json::array rows;
    for (std::size_t i = first; i < found.size() && rows.size() < most; ++i) {
        rows.push_back(group_row(call, groups, aggregates, found[i].first, found[i].second, lazy));
    }
    return rows;
}

}  // namespace

json::value read_group(Call& call) {
    const bool lazy = !call.given[6] || truthy(call.values[6]);
    return groups_of(call, call.values[3], call.values[4], call.values[5], lazy);
}

json::value formatted_read_group(Call& call) {
    std::vector<GroupBy> groups;
    for (const auto& text : names(call.values[1])) groups.push_back(parse_group(call.model, text));
    if (groups.size() != 1) throw not_claimed("formatted_read_group by other than one field");
    const auto wanted = names(call.values[2]);
    std::map<std::string, std::pair<json::value, Ids>> found;
    for (const auto id : orm::search(call.env, call.model.name, call.values[0], {0, -1, "id"})) {
        const auto key = key_of(call.env, call.model, id, groups);
        auto& group = found[py_json(key)];
        group.first = key.at(0);
        group.second.push_back(id);
    }
    json::array rows;
    const auto& by = call.values[1].as_array().at(0).as_string();
    for (const auto& [text, group] : found) {
        json::object row{{by, group.first}, {"__extra_domain", json::array{json::array{by, "=", group.first}}}};
        for (const auto& aggregate : wanted) {
            if (aggregate == "__count") {
                row[aggregate] = static_cast<std::int64_t>(group.second.size());
                continue;
            }
            const auto field = aggregate.substr(0, aggregate.find(':'));
            if (!aggregate.ends_with(":sum")) throw not_claimed("the aggregate " + aggregate);
            double sum = 0.0;
            for (const auto id : group.second) sum += orm::get_number(call.env, call.model.name, id, field);
            row[aggregate] = orm::round_half_up(sum, 2);
        }
        rows.push_back(std::move(row));
    }
    return rows;
}

json::value web_read_group(Call& call) {
    const bool lazy = !call.given[6] || truthy(call.values[6]);
    json::array groups = groups_of(call, call.values[4], call.values[3], call.values[5], lazy);
    const auto length = static_cast<std::int64_t>(groups_of(call, nullptr, nullptr, nullptr, lazy).size());
    return json::object{{"groups", std::move(groups)}, {"length", length}};
}

}  // namespace sluice::sim
