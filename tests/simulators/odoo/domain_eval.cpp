// Evaluation of a parsed domain on one record, with SQL's treatment of NULL as Odoo's expression compiler arranges it.
#include <algorithm>

#include "tests/simulators/odoo/domain.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

// LIKE of PostgreSQL: % any text, _ one character, backslash escapes.
bool like(std::string_view text, std::string_view pattern) {
    std::size_t t = 0, p = 0, star = std::string_view::npos, mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '%') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == '\\' && p + 1 < pattern.size() && pattern[p + 1] == text[t]) {
            p += 2;
            ++t;
        } else if (p < pattern.size() && pattern[p] != '\\' && (pattern[p] == '_' || pattern[p] == text[t])) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '%') ++p;
    return p == pattern.size();
}

bool text_matches(const std::string& text, std::string_view op, const std::string& pattern) {
    const bool fold = op.find("ilike") != std::string_view::npos;
    const std::string left = fold ? lower(text) : text;
    const std::string right = fold ? lower(pattern) : pattern;
    return op.starts_with('=') ? like(left, right) : like(left, "%" + right + "%");
}

bool equal(const json::value& left, const json::value& right) {
    if (left.is_string() || right.is_string()) return as_text(left) == as_text(right);
    return as_double(left) == as_double(right);
}

template <typename Value>
bool ordered(const Value& left, std::string_view op, const Value& right) {
    if (op == "<") return left < right;
    if (op == "<=") return left <= right;
    if (op == ">") return left > right;
    return left >= right;
}

bool null_column(const Field& field, const json::value& value) {
    switch (field.type) {
        case FieldType::boolean:
        case FieldType::integer:
        case FieldType::floating:
        case FieldType::monetary:
            return false;  // they hold false or zero
        default:
            return is_empty(value);
    }
}

// 19 compares what the wire shows; before, the column's microseconds (FACTS section 5).
std::string comparable(Env& env, const Field& field, const json::value& value) {
    std::string text = as_text(value);
    if (field.type != FieldType::datetime) return text;
    if (text.size() == 19) text += ".000000";
    return env.version() >= 19 ? text.substr(0, 19) : text;
}

bool scalar_matches(Env& env, const Field& field, const json::value& value, const Domain& leaf) {
    const auto& op = leaf.op;
    const bool is_null = null_column(field, value);
    if (op == "in" || op == "not in") {
        const auto& list = leaf.right.as_array();
        const bool found = std::any_of(list.begin(), list.end(), [&](const auto& item) {
            if (is_null || null_column(field, item)) return is_null && null_column(field, item);
            return field.type == FieldType::datetime ? comparable(env, field, value) == comparable(env, field, item)
                                                     : equal(value, item);
        });
        return found == (op == "in");
    }
    if (op == "=" || op == "!=") {
        bool same = false;
        if (field.type == FieldType::boolean) {
            same = truthy(value) == truthy(leaf.right);
        } else if (is_null || null_column(field, leaf.right)) {
            same = is_null && null_column(field, leaf.right);
        } else if (field.type == FieldType::datetime) {
            same = comparable(env, field, value) == comparable(env, field, leaf.right);
        } else {
            same = equal(value, leaf.right);
        }
        return same == (op == "=");
    }
    if (op == "=?") {
        if (is_empty(leaf.right)) return true;
        return !is_null && equal(value, leaf.right);
    }
    if (op == "<" || op == "<=" || op == ">" || op == ">=") {
        if (is_null || is_empty(leaf.right)) return false;
        const bool numeric = field.type == FieldType::integer || field.type == FieldType::floating ||
                             field.type == FieldType::monetary || field.type == FieldType::many2one;
        if (numeric) return ordered(as_double(value), op, as_double(leaf.right));
        return ordered(comparable(env, field, value), op, comparable(env, field, leaf.right));
    }
    const bool negative = op.starts_with("not ");
    if (op.find("like") != std::string::npos) {
        if (negative) return is_null || !text_matches(as_text(value), op.substr(4), as_text(leaf.right));
        if (!truthy(leaf.right)) return true;
        return !is_null && text_matches(as_text(value), op, as_text(leaf.right));
    }
    throw not_claimed("the domain operator '" + op + "' on field '" + field.name + "'");
}

// The ids a relational leaf's right side stands for; texts are looked up by name.
Ids target_ids(Env& env, const Field& field, const Domain& leaf) {
    const auto by_name = [&](const json::value& name, const std::string& op) {
        return orm::name_search(env, field.relation, as_text(name), json::array(), op, -1);
    };
    const bool like_op = leaf.op.find("like") != std::string::npos;
    const std::string positive = leaf.op.starts_with("not ") ? leaf.op.substr(4) : leaf.op;
    if (leaf.right.is_string()) return by_name(leaf.right, like_op ? positive : "=");
    Ids ids = as_ids(leaf.right);
    if (leaf.right.is_array()) {
        for (const auto& item : leaf.right.get_array()) {
            if (!item.is_string()) continue;
            const Ids named = by_name(item, "=");
            ids.insert(ids.end(), named.begin(), named.end());
        }
    }
    return ids;
}

bool has_ancestor(Env& env, std::string_view model, std::int64_t id, const Ids& ancestors) {
    const std::string_view parent = model == "stock.location" ? "location_id" : "parent_id";  // _parent_name
    for (int depth = 0; id != 0 && depth < 1000; ++depth) {
        if (std::find(ancestors.begin(), ancestors.end(), id) != ancestors.end()) return true;
        id = env.model(model).has(parent) ? orm::get_id(env, model, id, parent) : 0;
    }
    return false;
}

bool hierarchy_matches(Env& env, std::string_view model, const Ids& values, const Domain& leaf, const Ids& targets) {
    return std::any_of(values.begin(), values.end(), [&](std::int64_t value) {
        if (leaf.op == "child_of") return has_ancestor(env, model, value, targets);
        return std::any_of(targets.begin(), targets.end(),
                           [&](std::int64_t target) { return has_ancestor(env, model, target, {value}); });
    });
}

bool relational_matches(Env& env, const Field& field, const Ids& values, const Domain& leaf) {
    const auto& op = leaf.op;
    if (op == "any" || op == "not any") {
        const Domain inner = parse_domain(env, field.relation, leaf.right);
        const bool found = std::any_of(values.begin(), values.end(),
                                       [&](auto value) { return matches(env, field.relation, value, inner); });
        return found == (op == "any");
    }
    if (op == "=?" && is_empty(leaf.right)) return true;
    const bool negative = op == "!=" || op.starts_with("not ");
    const bool nothing = is_empty(leaf.right);
    if (nothing && (op == "=" || op == "!=")) return values.empty() != negative;
    if (op == "<" || op == ">" || op == "<=" || op == ">=") {
        return std::any_of(values.begin(), values.end(),
                           [&](auto value) { return ordered(static_cast<double>(value), op, as_double(leaf.right)); });
    }
    const Ids targets = target_ids(env, field, leaf);
    if (op == "child_of" || op == "parent_of") return hierarchy_matches(env, field.relation, values, leaf, targets);
    bool found = std::any_of(values.begin(), values.end(), [&](auto value) {
        return std::find(targets.begin(), targets.end(), value) != targets.end();
    });
    if (leaf.right.is_array() && values.empty()) {
        const auto& list = leaf.right.get_array();
        found = std::any_of(list.begin(), list.end(), [](const auto& item) { return is_empty(item); });
    }
    return found != negative;
}

bool leaf_matches(Env& env, std::string_view model_name, std::int64_t id, const Domain& leaf) {
    const auto dot = leaf.field.find('.');
    const std::string name = leaf.field.substr(0, dot);
    const Field& field = env.model(model_name).at(name);
    const json::value value = orm::get(env, model_name, id, name);
    if (dot != std::string::npos) {
        Domain rest = leaf;
        rest.field = leaf.field.substr(dot + 1);
        const Ids targets = as_ids(value);
        return std::any_of(targets.begin(), targets.end(),
                           [&](auto target) { return leaf_matches(env, field.relation, target, rest); });
    }
    if (name == "id" && (leaf.op == "child_of" || leaf.op == "parent_of")) {
        return hierarchy_matches(env, model_name, {id}, leaf, as_ids(leaf.right));
    }
    if (field.relational()) return relational_matches(env, field, as_ids(value), leaf);
    return scalar_matches(env, field, value, leaf);
}

}  // namespace

bool matches(Env& env, std::string_view model, std::int64_t id, const Domain& domain) {
    switch (domain.kind) {
        case Domain::Kind::all:
            return true;
        case Domain::Kind::none:
            return false;
        case Domain::Kind::both:
            return matches(env, model, id, domain.parts[0]) && matches(env, model, id, domain.parts[1]);
        case Domain::Kind::either:
            return matches(env, model, id, domain.parts[0]) || matches(env, model, id, domain.parts[1]);
        case Domain::Kind::negation:
            return !matches(env, model, id, domain.parts[0]);
        case Domain::Kind::leaf:
            return leaf_matches(env, model, id, domain);
    }
    return false;
}

}  // namespace sluice::sim
