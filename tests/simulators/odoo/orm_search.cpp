// search(), ordering, name_search().
#include <algorithm>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/domain.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim::orm {

namespace {

struct OrderTerm {
    std::string field;
    bool descending = false;
};

std::vector<OrderTerm> parse_order(const Model& model, std::string_view order) {
    std::vector<OrderTerm> terms;
    for (const auto& part : split(order, ',')) {
        const auto words = split(strip(part), ' ');
        OrderTerm term{words.front(), false};
        for (std::size_t i = 1; i < words.size(); ++i) term.descending = term.descending || lower(words[i]) == "desc";
        if (term.field.empty()) continue;
        const Field& field = model.at(term.field);
        if (!field.implemented) throw not_claimed("ordering by field '" + field.name + "' of '" + model.name + "'");
        terms.push_back(std::move(term));
    }
    return terms;
}

// A sort key: numbers by value, texts case-folded first as PostgreSQL's en_US collation roughly does.
struct Key {
    bool null = false;
    double number = 0;
    std::string folded, text;
};

Key key_of(Env& env, const Model& model, std::int64_t id, const OrderTerm& term) {
    const Field& field = model.at(term.field);
    const json::value value = get(env, model.name, id, term.field);
    Key key;
    switch (field.type) {
        case FieldType::integer:
        case FieldType::floating:
        case FieldType::monetary:
        case FieldType::boolean:
            key.number = as_double(value);
            return key;
        case FieldType::many2one:
            if (const auto target = as_id(value)) {
                // By the other model's own order, which starts with a name, or with a number for documents.
                const bool documents = env.model(field.relation).order.find("date") != std::string::npos;
                if (documents) {
                    key.number = static_cast<double>(*target);
                } else {
                    Env sudo = env.sudo();
                    key.text = display_name(sudo, field.relation, *target);
                }
            } else {
                key.null = true;
            }
            break;
        default:
            key.null = is_empty(value);
            key.text = as_text(value);
    }
    key.folded = lower(key.text);
    return key;
}

int compare(const Key& left, const Key& right) {
    if (left.null != right.null) return left.null ? 1 : -1;  // NULLs are the largest in PostgreSQL
    if (left.number != right.number) return left.number < right.number ? -1 : 1;
    if (left.folded != right.folded) return left.folded < right.folded ? -1 : 1;
    if (left.text != right.text) return left.text < right.text ? 1 : -1;
    return 0;
}

}  // namespace

Ids sorted(Env& env, std::string_view model_name, Ids ids, std::string_view order) {
    const Model& model = env.model(model_name);
    const auto terms = parse_order(model, order.empty() ? std::string_view(model.order) : order);
    if (ids.size() < 2) return ids;
    struct Entry {
        std::int64_t id;
        std::vector<Key> keys;
    };
    std::vector<Entry> entries;
    entries.reserve(ids.size());
    for (const auto id : ids) {
        Entry entry{id, {}};
        for (const auto& term : terms) entry.keys.push_back(key_of(env, model, id, term));
        entries.push_back(std::move(entry));
    }
    std::stable_sort(entries.begin(), entries.end(), [&](const Entry& left, const Entry& right) {
        for (std::size_t i = 0; i < terms.size(); ++i) {
            const int order_of = compare(left.keys[i], right.keys[i]);
            if (order_of != 0) return terms[i].descending ? order_of > 0 : order_of < 0;
        }
        return false;
    });
    std::transform(entries.begin(), entries.end(), ids.begin(), [](const Entry& entry) { return entry.id; });
    return ids;
}

Ids search(Env& env, std::string_view model_name, const json::value& domain, const SearchOptions& options) {
    access::check(env, model_name, access::Operation::read);
    const Model& model = env.model(model_name);
    const Domain tree = parse_domain(env, model_name, domain);
    const bool active_test = model.has("active") && !mentions(tree, "active") &&
                             (env.context("active_test") == nullptr || env.context_flag("active_test"));
    // Values behind a leaf are compared as the database does, without the caller's rights.
    Env sudo = env.sudo();
    Ids ids;
    const auto consider = [&](std::int64_t id) {
        if (active_test && !truthy(get(sudo, model_name, id, "active"))) return;
        if (matches(sudo, model_name, id, tree)) ids.push_back(id);
    };
    if (const auto narrowed = candidates(env, model_name, tree)) {
        for (const auto id : *narrowed) {
            if (exists(env, model_name, id)) consider(id);
        }
    } else {
        for (const auto& [id, row] : env.store().rows(model_name)) consider(id);
    }
    ids = sorted(sudo, model_name, std::move(ids), options.order);
    const auto first =
        std::min<std::size_t>(static_cast<std::size_t>(std::max<std::int64_t>(options.offset, 0)), ids.size());
    ids.erase(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(first));
    if (options.limit >= 0 && static_cast<std::size_t>(options.limit) < ids.size()) {
        ids.resize(static_cast<std::size_t>(options.limit));
    }
    return ids;
}

Ids name_search(Env& env, std::string_view model_name, const std::string& name, const json::value& domain,
                const std::string& op, std::int64_t limit) {
    const Model& model = env.model(model_name);
    json::array full = domain.is_array() ? domain.get_array() : json::array();
    if (!name.empty()) {
        std::optional<json::array> by_model;
        if (const auto& hook = behaviour(model_name).name_domain) by_model = hook(env, name, op);
        if (!by_model) {
            // _rec_names_search: any of the names; the record's name otherwise.
            std::vector<std::string> names = model.search_names;
            if (names.empty()) names.push_back(model.rec_name);
            by_model.emplace();
            for (std::size_t i = 1; i < names.size(); ++i) by_model->emplace_back("|");
            for (const auto& field : names)
                by_model->push_back(json::array{json::value(field), json::value(op), json::value(name)});
        }
        full.insert(full.end(), by_model->begin(), by_model->end());
    }
    SearchOptions options;
    options.limit = limit;
    return search(env, model_name, full, options);
}

}  // namespace sluice::sim::orm
