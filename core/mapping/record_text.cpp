#include <fmt/format.h>

#include "core/mapping/mapping.hpp"

namespace sluice::mapping {
namespace {

void write_record(json::Writer& out, const MappedRecord& record);

std::string_view to_string(Protection::Action action) {
    return action == Protection::Action::skip ? "skip" : "reject";
}

void write_keys(json::Writer& out, const SearchKeys& keys) {
    out.begin_object();
    for (const auto& [field, value] : keys) {
        out.key(field);
        write_key(out, value);
    }
    out.end_object();
}

struct WriteValue {
    json::Writer& out;

    void operator()(std::monostate) const { out.null(); }
    void operator()(bool flag) const { out.boolean(flag); }
    void operator()(std::int64_t number) const { out.integer(number); }
    void operator()(const Decimal& number) const { out.raw(number.to_string()); }
    void operator()(const std::string& text) const { out.string(text); }
    void operator()(const DateTime& moment) const { out.string(moment.text); }
    void operator()(const Boxed<Find>& find) const { (*this)(*find); }
    void operator()(const Find& find) const {
        out.begin_object().key("find").string(find.model).key("by");
        write_keys(out, find.by);
        out.end_object();
    }
    void operator()(const FindEach& references) const {
        out.begin_array();
        for (const Find& find : references.finds) (*this)(find);
        out.end_array();
    }
    void operator()(const std::shared_ptr<const MappedRecord>& record) const {
        out.begin_object().key("record");
        write_record(out, *record);
        out.end_object();
    }
};

void write_fields(json::Writer& out, const std::vector<Field>& fields) {
    out.begin_object();
    for (const Field& field : fields) {
        out.key(field.name);
        std::visit(WriteValue{out}, field.value);
    }
    out.end_object();
}

void write_lines(json::Writer& out, const MappedLines& lines) {
    out.begin_object().key("field").string(lines.field).key("model").string(lines.model);
    out.key("removed").string(lines.removed == MappedLines::Removed::unlink ? "unlink" : "keep");
    out.key("lines").begin_array();
    for (const MappedLine& line : lines.lines) {
        out.begin_object().key("external_id").string(line.external_id).key("fields");
        write_fields(out, line.fields);
        out.end_object();
    }
    out.end_array().end_object();
}

void write_protection(json::Writer& out, const Protection& protection) {
    out.begin_object().key("field").string(protection.field).key("values").begin_array();
    for (const std::string& value : protection.values) out.string(value);
    out.end_array().key("action").string(to_string(protection.action)).end_object();
}

void write_transition(json::Writer& out, const Transition& transition) {
    out.begin_object().key("field").string(transition.field).key("done").begin_array();
    for (const std::string& value : transition.done) out.string(value);
    out.end_array().key("calls").begin_object();
    for (const auto& [from, method] : transition.calls) out.key(from).string(method);
    out.end_object().key("otherwise").string(to_string(transition.otherwise)).end_object();
}

void write_record(json::Writer& out, const MappedRecord& record) {
    out.begin_object().key("model").string(record.model).key("external_id").string(record.external_id);
    out.key("candidates").begin_array();
    for (const auto& candidate : record.candidates) write_keys(out, candidate);
    out.end_array();
    out.key("adopt").boolean(record.adopt).key("create_only").boolean(record.create_only);
    out.key("fields");
    write_fields(out, record.fields);
    out.key("lines").begin_array();
    for (const MappedLines& lines : record.lines) write_lines(out, lines);
    out.end_array();
    if (record.protection) {
        out.key("protection");
        write_protection(out, *record.protection);
    }
    if (!record.transitions.empty()) {
        out.key("transitions").begin_array();
        for (const Transition& transition : record.transitions) write_transition(out, transition);
        out.end_array();
    }
    out.end_object();
}

}  // namespace

std::string to_string(const std::vector<Broken>& broken) {
    std::string text = fmt::format("{} {} broken: ", broken.size(), broken.size() == 1 ? "rule" : "rules");
    for (std::size_t i = 0; i < broken.size(); ++i) {
        if (i > 0) text += "; ";
        if (!broken[i].pointer.empty()) text += broken[i].pointer + ": ";
        text += broken[i].message;
    }
    return text;
}

std::string to_json(const MappedRecord& record) {
    json::Writer out;
    write_record(out, record);
    return out.take();
}

}  // namespace sluice::mapping
