#include "core/contract/document_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/contract/check_parser.hpp"
#include "core/contract/pointers.hpp"

namespace sluice::contract {
namespace {

using Shape = DocumentRule::Shape;

std::vector<std::string> tokens_of(std::string_view pointer) {
    std::vector<std::string> tokens;
    for (std::size_t at = 0; at < pointer.size();) {
        const std::size_t next = std::min(pointer.find('/', at + 1), pointer.size());
        tokens.push_back(json::unescape_token(pointer.substr(at + 1, next - at - 1)));
        at = next;
    }
    return tokens;
}

class DocumentParser {
public:
    explicit DocumentParser(const MappingScope& scope) : scope_(scope) {}

    /// The members of an object, or of each element of an array.
    void parse_members(toml::TableReader& reader, DocumentRule::Members& into, const MappingScope& scope) {
        reader.need("fields", "the document's values: \"/path/in/it\" = { from = \"/field\" }");
        if (const toml::Node* fields = reader.table("fields")) {
            if (fields->members.empty()) reader.problem(*fields, "`fields` is empty");
            into.fields = parse_targets(*fields, reader.path() + ".fields", scope);
            for (std::size_t i = 0; i < into.fields.size(); ++i)
                place(fields->members[i].place, into.fields[i].name, into, static_cast<int>(i), -1);
        }
        const toml::Node* lines = reader.array("lines");
        if (lines == nullptr) return;
        for (std::size_t i = 0; i < lines->elements.size(); ++i)
            parse_lines(lines->elements[i], fmt::format("{}.lines[{}]", reader.path(), i), into, scope);
    }

private:
    void parse_lines(const toml::Node& node, const std::string& path, DocumentRule::Members& into, MappingScope scope) {
        DocumentRule::Lines lines;
        toml::TableReader reader(node, path, scope_.problems);
        reader.need("target", "where the array stands in the document");
        lines.target = reader.text("target").value_or("");
        reader.need("each", "the JSON Pointer of an array");
        lines.each = read_array_pointer(reader, "each", scope.inside_lines);
        scope.inside_lines = true;
        lines.skip_when = read_conditions(reader, "skip_when", true);
        lines.only_when = read_conditions(reader, "only_when", true);
        parse_members(reader, lines.members, scope);
        reader.finish();
        if (reader.has("target"))
            place(reader.place("target"), lines.target, into, -1, static_cast<int>(into.lines.size()));
        into.lines.push_back(std::move(lines));
    }

    /// Puts a value where its target says; what stands in its way is a problem.
    void place(toml::Place at, const std::string& target, DocumentRule::Members& into, int field, int lines) {
        if (const auto wrong = pointer_problem(target, {})) return scope_.problems.add(at, *wrong);
        Shape* shape = &into.shape;
        for (std::string& token : tokens_of(target)) {
            if (shape->is_value())
                return scope_.problems.add(at, fmt::format("`{}` lies within another value of the document", target));
            const auto known = std::ranges::find(shape->members, token, &Shape::name);
            if (known != shape->members.end()) {
                shape = &*known;
            } else {
                shape->members.push_back({.name = std::move(token), .members = {}});
                shape = &shape->members.back();
            }
        }
        if (shape->is_value() || !shape->members.empty())
            return scope_.problems.add(at, fmt::format("`{}` is there already", target));
        shape->field = field;
        shape->lines = lines;
    }

    const MappingScope& scope_;
};

}  // namespace

DocumentRule parse_document(const toml::Node& node, const std::string& path, const MappingScope& scope) {
    DocumentRule document;
    toml::TableReader reader(node, path, scope.problems);
    document.requires_all = read_requires(reader);
    document.checks = read_checks(reader, scope.problems);
    DocumentParser(scope).parse_members(reader, document.members, scope);
    reader.finish();
    return document;
}

}  // namespace sluice::contract
