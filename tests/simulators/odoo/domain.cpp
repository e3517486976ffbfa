#include "tests/simulators/odoo/domain.hpp"

#include <algorithm>
#include <array>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

constexpr std::array<std::string_view, 19> kOperators = {
    "=",     "!=",       "<=",        ">",  "<",      ">=",       "=?",        "=like", "=ilike", "like",
    "ilike", "not like", "not ilike", "in", "not in", "child_of", "parent_of", "any",   "not any"};

std::string tuple_repr(const json::array& leaf) {
    std::string text = "(";
    for (const auto& item : leaf) text += (text.size() > 1 ? ", " : "") + py_repr(item);
    return text + ")";
}

bool is_sign(const json::value& item, std::string_view sign) {
    return item.is_string() && std::string_view(item.get_string()) == sign;
}

void check_path(Env& env, std::string_view model_name, std::string_view path, const json::array& leaf) {
    const auto invalid = [&](std::string_view field, std::string_view owner) {
        return value_error("Invalid field " + std::string(owner) + "." + std::string(field) + " in leaf " +
                           tuple_repr(leaf));
    };
    std::string owner(model_name);
    const auto steps = split(path, '.');
    for (std::size_t i = 0; i < steps.size(); ++i) {
        const Field* field = env.model(owner).find(steps[i]);
        if (field == nullptr) throw invalid(steps[i], owner);
        if (!field->implemented) throw not_claimed("searching by field '" + field->name + "' of '" + owner + "'");
        if (i + 1 < steps.size()) {
            if (!field->relational()) throw invalid(path, model_name);
            owner = field->relation;
        }
    }
}

// A date alone means its first or last second (odoo.osv.expression, datetime leaves).
std::string full_datetime(const std::string& text, std::string_view op) {
    if (text.size() != 10) return text;
    return text + (op == ">" || op == "<=" ? " 23:59:59" : " 00:00:00");
}

json::value checked_datetime(Env& env, const json::value& right, std::string_view op) {
    if (right.is_string()) {
        const auto text = full_datetime(std::string(right.get_string()), op);
        if (env.version() >= 19 && text.ends_with('Z')) throw value_error("unconverted data remains: Z");
        const auto instant = parse_timestamp(text);
        if (!instant) {
            throw OdooError("psycopg2.errors.InvalidDatetimeFormat",
                            "invalid input syntax for type timestamp: \"" + text + "\"\nLINE 1: ...\n");
        }
        return json::value(stamp_text(*instant));
    }
    if (right.is_int64() || right.is_double()) {
        throw OdooError("psycopg2.errors.DatetimeFieldOverflow",
                        "date/time field value out of range: \"" + py_str(right) + "\"\nLINE 1: ...\n");
    }
    return right;
}

void check_value(Env& env, std::string_view model, Domain& leaf) {
    const auto steps = split(leaf.field, '.');
    std::string owner(model);
    for (std::size_t i = 0; i + 1 < steps.size(); ++i) owner = env.model(owner).at(steps[i]).relation;
    const Field& field = env.model(owner).at(steps.back());
    const auto number_text = [&](const json::value& value) {
        if (field.type == FieldType::integer && value.is_string()) throw invalid_integer_text(value.get_string());
    };
    if (field.type == FieldType::datetime) {
        if (leaf.right.is_array()) {
            for (auto& item : leaf.right.get_array()) item = checked_datetime(env, item, "=");
        } else {
            leaf.right = checked_datetime(env, leaf.right, leaf.op);
        }
    }
    if (leaf.op == "in" || leaf.op == "not in") {
        if (leaf.right.is_bool() || leaf.right.is_null()) {
            // Odoo reads ('f', 'in', False) as ('f', '=', False), with a warning.
            leaf.op = leaf.op == "in" ? (truthy(leaf.right) ? "!=" : "=") : (truthy(leaf.right) ? "=" : "!=");
            leaf.right = false;
        } else if (!leaf.right.is_array()) {
            throw type_error("'" + py_type_name(leaf.right) + "' object is not iterable");
        } else {
            for (const auto& item : leaf.right.get_array()) number_text(item);
        }
    } else if (leaf.op == "=" || leaf.op == "!=" || leaf.op == "<" || leaf.op == ">" || leaf.op == "<=" ||
               leaf.op == ">=") {
        if (leaf.right.is_array() && field.type != FieldType::many2one && !field.to_many()) {
            leaf.op = leaf.op == "!=" ? "not in" : "in";
        }
        number_text(leaf.right);
    }
}

Domain parse_leaf(Env& env, std::string_view model, const json::value& item) {
    if (!item.is_array()) {
        throw value_error("Invalid leaf " + py_repr(item));
    }
    const auto& leaf = item.get_array();
    if (leaf.size() < 3) {
        throw value_error("not enough values to unpack (expected 3, got " + std::to_string(leaf.size()) + ")");
    }
    if (leaf.size() > 3) throw value_error("too many values to unpack (expected 3)");
    if (leaf[0].is_int64() && leaf[2].is_int64() && is_sign(leaf[1], "=")) {
        Domain constant;
        constant.kind = leaf[0] == leaf[2] ? Domain::Kind::all : Domain::Kind::none;
        return constant;
    }
    Domain out;
    out.kind = Domain::Kind::leaf;
    out.op = leaf[1].is_string() ? lower(std::string_view(leaf[1].get_string())) : std::string();
    if (out.op == "<>") out.op = "!=";
    if (out.op == "==") out.op = "=";
    const bool any = out.op == "any" || out.op == "not any";
    if (!leaf[0].is_string() || std::find(kOperators.begin(), kOperators.end(), out.op) == kOperators.end() ||
        (any && env.version() < 17)) {
        throw value_error("Invalid leaf " + tuple_repr(leaf));
    }
    out.field = leaf[0].get_string();
    out.right = leaf[2];
    check_path(env, model, out.field, leaf);
    if (!any) check_value(env, model, out);
    return out;
}

Domain join(Domain::Kind kind, Domain left, Domain right) {
    Domain out;
    out.kind = kind;
    out.parts.push_back(std::move(left));
    out.parts.push_back(std::move(right));
    return out;
}

// Polish notation, read from `at` on.
Domain parse_term(Env& env, std::string_view model, const json::array& items, std::size_t& at) {
    if (at >= items.size()) throw value_error("Domain " + py_repr(items) + " is syntactically not correct.");
    const auto& item = items[at++];
    if (is_sign(item, "&") || is_sign(item, "|")) {
        const auto kind = is_sign(item, "&") ? Domain::Kind::both : Domain::Kind::either;
        Domain left = parse_term(env, model, items, at);
        return join(kind, std::move(left), parse_term(env, model, items, at));
    }
    if (is_sign(item, "!")) {
        Domain out;
        out.kind = Domain::Kind::negation;
        out.parts.push_back(parse_term(env, model, items, at));
        return out;
    }
    return parse_leaf(env, model, item);
}

bool plain_column(const Field& field) {
    return field.stored && field.delegate.empty() &&
           (field.type == FieldType::text_like || field.type == FieldType::many2one ||
            field.type == FieldType::selection || field.type == FieldType::integer);
}

}  // namespace

Domain parse_domain(Env& env, std::string_view model, const json::value& domain) {
    if (is_empty(domain)) return {};
    if (!domain.is_array()) {
        const std::string text = "Domains to normalize must have a 'domain' form: a list or tuple of domain components";
        if (env.version() >= 19) throw type_error("Domain() invalid argument type for domain: " + py_repr(domain));
        throw OdooError("builtins.AssertionError", text);
    }
    const auto& items = domain.get_array();
    std::size_t at = 0;
    Domain out;
    while (at < items.size()) {
        Domain term = parse_term(env, model, items, at);
        out = out.kind == Domain::Kind::all && out.parts.empty()
                  ? std::move(term)
                  : join(Domain::Kind::both, std::move(out), std::move(term));
    }
    return out;
}

bool mentions(const Domain& domain, std::string_view field) {
    if (domain.kind == Domain::Kind::leaf) return domain.field == field;
    return std::any_of(domain.parts.begin(), domain.parts.end(),
                       [&](const auto& part) { return mentions(part, field); });
}

std::optional<Ids> candidates(Env& env, std::string_view model_name, const Domain& domain) {
    if (domain.kind == Domain::Kind::both) {
        if (auto left = candidates(env, model_name, domain.parts[0])) return left;
        return candidates(env, model_name, domain.parts[1]);
    }
    if (domain.kind != Domain::Kind::leaf || (domain.op != "=" && domain.op != "in")) return std::nullopt;
    const Model& model = env.model(model_name);
    const Field* field = model.find(domain.field);
    if (field == nullptr) return std::nullopt;
    const json::array values = domain.op == "in" ? domain.right.as_array() : json::array{domain.right};
    if (domain.field == "id") {
        Ids ids = as_ids(values);
        std::sort(ids.begin(), ids.end());
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
        return ids;
    }
    if (!plain_column(*field)) return std::nullopt;
    Ids ids;
    for (const auto& value : values) {
        const bool keyed = field->type == FieldType::many2one || field->type == FieldType::integer
                               ? value.is_int64() && value.get_int64() != 0
                               : value.is_string() && !value.get_string().empty();
        if (!keyed) return std::nullopt;
        const auto found = env.store().where(model_name, domain.field, value);
        ids.insert(ids.end(), found.begin(), found.end());
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

}  // namespace sluice::sim
