#include "core/contract/check_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/as.hpp"
#include "core/contract/constraint_parser.hpp"
#include "core/contract/pointers.hpp"
#include "core/contract/rule_readers.hpp"

namespace sluice::contract {
namespace {

const std::vector<std::string> operators{"=", "!=", "<", "<=", ">", ">="};
const std::vector<std::string> kinds{"required", "any", "none", "compare", "sum"};

class CheckParser {
public:
    CheckParser(const toml::Node& node, const std::string& path, toml::Problems& problems)
        : reader_(node, path, problems), problems_(problems) {
        check_.place = node.place;
    }

    Check parse() {
        reader_.need("rule", "what it says, for whoever reads the dead letter");
        check_.rule = reader_.filled_text("rule").value_or("");
        check_.each = read_array_pointer(reader_, "each", false);
        inside_ = reader_.has("each");
        check_.when = read_conditions(reader_, "when", inside_);
        check_.required = read_pointers("required");
        check_.any = read_pointers("any");
        check_.none = read_pointers("none");
        read_compare();
        read_sum();
        check_one_kind();
        reader_.finish();
        return std::move(check_);
    }

private:
    void check_one_kind() {
        std::vector<std::string> found;
        for (const std::string& kind : kinds)
            if (reader_.has(kind)) found.push_back(kind);
        if (found.empty())
            reader_.problem(reader_.node(), fmt::format("`{}` says not what must hold: it needs {}", reader_.path(),
                                                        list_names(kinds)));
        else if (found.size() > 1)
            reader_.problem(found[1], fmt::format("`{}` is several rules: keep {}, and write another for the rest",
                                                  reader_.path(), list_names(found)));
        for (const char* key : {"equals", "at_least", "tolerance"})
            if (reader_.has(key) && !reader_.has("sum")) reader_.problem(key, fmt::format("`{}` goes with `sum`", key));
        if (reader_.has("as") && !reader_.has("compare")) reader_.problem("as", "`as` goes with `compare`");
    }

    std::vector<Pointer> read_pointers(std::string_view key) {
        std::vector<Pointer> pointers;
        for (const toml::Node* node : reader_.texts(key, {.single = true}))
            if (check_pointer(*node, node->text, inside_, false)) pointers.emplace_back(node->text);
        return pointers;
    }

    bool check_pointer(const toml::Node& node, const std::string& text, bool inside, bool wildcard) {
        const auto wrong = pointer_problem(text, {.inside_lines = inside, .wildcard = wildcard});
        if (wrong) reader_.problem(node, *wrong);
        return !wrong;
    }

    void read_compare() {
        const auto as = reader_.one_of("as", as_names());
        const toml::Node* node = reader_.array("compare");
        if (node == nullptr) return;
        const auto texts = reader_.texts("compare");
        if (texts.size() != 3)
            return reader_.problem(*node,
                                   "`compare` has a JSON Pointer, an operator, and a JSON Pointer or a constant: "
                                   "[\"/b\", \">=\", \"/a\"]");
        Check::Compare compare;
        compare.as = as ? static_cast<As>(*as) : As::decimal;
        const auto which = std::ranges::find(operators, texts[1]->text);
        if (which == operators.end())
            reader_.problem(*texts[1], fmt::format("`{}` is no operator: {}", texts[1]->text, list_names(operators)));
        else
            compare.by = static_cast<Check::Operator>(which - operators.begin());
        const bool ordered = compare.by != Check::Operator::equal && compare.by != Check::Operator::not_equal;
        if (ordered && (compare.as == As::text || compare.as == As::email || compare.as == As::boolean))
            reader_.problem(*texts[1], fmt::format("`{}` needs as = \"decimal\", \"integer\", \"datetime\" or \"date\"",
                                                   texts[1]->text));
        check_pointer(*texts[0], texts[0]->text, inside_, true);
        compare.left = texts[0]->text;
        compare.right = texts[2]->text;
        compare.right_is_constant = !texts[2]->text.starts_with('/') && !texts[2]->text.starts_with('^');
        if (!compare.right_is_constant)
            check_pointer(*texts[2], compare.right, inside_, true);
        else if (const auto wrong = why_not(compare.as, compare.right))
            reader_.problem(*texts[2], *wrong);
        for (const std::string& pointer : {texts[0]->text, texts[2]->text})
            if (compare.as != As::decimal && has_wildcard(pointer))
                reader_.problem(*node,
                                fmt::format("`{}`: `*` sums decimals, so the rule needs as = \"decimal\"", pointer));
        check_.compare = std::move(compare);
    }

    void read_sum() {
        const toml::Node* node = reader_.array("sum");
        const auto tolerance = read_decimal(reader_, "tolerance");
        const auto equals = reader_.text("equals"), at_least = reader_.text("at_least");
        if (node == nullptr) return;
        Check::Sum sum;
        for (std::size_t i = 0; i < node->elements.size(); ++i) read_term(node->elements[i], i, sum);
        if (sum.terms.empty()) reader_.problem(*node, "`sum` is empty");
        if (!reader_.has("at_least")) reader_.need("equals", "the JSON Pointer of the total");
        if (equals && check_pointer(*reader_.any("equals"), *equals, inside_, true)) sum.total = *equals;
        if (at_least) read_least(*reader_.any("at_least"), sum);
        if (tolerance) {
            if (tolerance->is_negative()) reader_.problem("tolerance", "`tolerance` must not be negative");
            sum.tolerance = *tolerance;
        }
        check_.sum = std::move(sum);
    }

    void read_least(const toml::Node& node, Check::Sum& sum) {
        if (reader_.has("equals"))
            return reader_.problem(node, "`at_least` and `equals` are two rules: write another for one of them");
        sum.at_least = true;
        if (node.text.starts_with('/') || node.text.starts_with('^')) {
            if (check_pointer(node, node.text, inside_, true)) sum.total = node.text;
        } else if (const auto wrong = why_not(As::decimal, node.text)) {
            reader_.problem(node, *wrong);
        } else {
            sum.constant = *Decimal::parse(node.text);
        }
    }

    void read_term(const toml::Node& node, std::size_t index, Check::Sum& sum) {
        Check::Term term;
        if (node.kind == toml::Kind::text) {
            if (!check_pointer(node, node.text, inside_, true)) return;
            term.product.emplace_back(node.text);
        } else {
            toml::TableReader reader(node, fmt::format("{}.sum[{}]", reader_.path(), index), problems_);
            term.each = read_array_pointer(reader, "each", inside_);
            reader.need("product", "the JSON Pointers of its factors");
            for (const toml::Node* factor : reader.texts("product", {.single = true}))
                if (check_pointer(*factor, factor->text, inside_ || reader.has("each"), true))
                    term.product.emplace_back(factor->text);
            term.subtract = reader.boolean("subtract", false);
            if (const auto digits = reader.integer("digits", 0, 12)) term.digits = static_cast<int>(*digits);
            reader.finish();
        }
        sum.terms.push_back(std::move(term));
    }

    toml::TableReader reader_;
    toml::Problems& problems_;
    Check check_;
    bool inside_ = false;
};

}  // namespace

std::vector<Check> read_checks(toml::TableReader& reader, toml::Problems& problems) {
    std::vector<Check> checks;
    const toml::Node* array = reader.array("checks");
    if (array == nullptr) return checks;
    for (std::size_t i = 0; i < array->elements.size(); ++i)
        checks.push_back(
            CheckParser(array->elements[i], fmt::format("{}.checks[{}]", reader.path(), i), problems).parse());
    return checks;
}

}  // namespace sluice::contract
