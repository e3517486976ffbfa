#include "core/odoo/resolved.hpp"

#include <algorithm>

namespace sluice::odoo {
namespace {

/// In a difference shown to the operator.
constexpr std::size_t max_display_bytes = 60;

template <class... Functions>
struct Overloaded : Functions... {
    using Functions::operator()...;
};

std::string_view without_trailing_space(std::string_view text) {
    const auto end = text.find_last_not_of(" \t\r\n");
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

bool is_empty(const json::Value& stored) {
    return stored.is_null() || (stored.kind() == json::Kind::boolean && !stored.is_true());
}

std::optional<Decimal> number_of(const json::Value& stored) {
    if (is_empty(stored)) return Decimal();
    if (stored.kind() != json::Kind::number) return std::nullopt;
    const auto number = Decimal::parse(stored.text());
    return number ? std::optional(*number) : std::nullopt;
}

std::optional<std::int64_t> id_of(const json::Value& stored) {
    if (is_empty(stored)) return 0;
    if (stored.kind() == json::Kind::array && stored.size() > 0) return stored.at(0).as_int64();
    return stored.as_int64();
}

std::string cut(std::string_view text) {
    if (text.size() <= max_display_bytes) return std::string(text);
    auto end = max_display_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return std::string(text.substr(0, end)) + "...";
}

/// Ascending; nothing where it is no list of ids.
std::optional<std::vector<std::int64_t>> ids_of(const json::Value& stored) {
    std::vector<std::int64_t> ids;
    if (is_empty(stored)) return ids;
    if (stored.kind() != json::Kind::array) return std::nullopt;
    for (std::size_t i = 0; i < stored.size(); ++i) {
        const auto id = stored.at(i).as_int64();
        if (!id) return std::nullopt;
        ids.push_back(*id);
    }
    std::ranges::sort(ids);
    return ids;
}

std::string joined(const std::vector<std::int64_t>& ids, std::string_view separator) {
    std::string out;
    for (const auto id : ids) out += (out.empty() ? "" : std::string(separator)) + std::to_string(id);
    return out;
}

std::string display(const std::vector<std::int64_t>& ids) {
    if (ids.empty()) return "empty";
    return (ids.size() == 1 ? "id " : "ids ") + cut(joined(ids, ", "));
}

}  // namespace

bool is_reference(const ResolvedValue& value) {
    return std::holds_alternative<RecordId>(value) || std::holds_alternative<RecordIds>(value);
}

std::string to_load_cell(const ResolvedValue& value) {
    return std::visit(Overloaded{
                          [](std::monostate) { return std::string(); },
                          [](bool yes) { return std::string(yes ? "1" : "0"); },
                          [](std::int64_t number) { return std::to_string(number); },
                          [](const Decimal& number) { return number.to_string(); },
                          [](const std::string& text) { return text; },
                          [](RecordId id) { return id.value == 0 ? std::string() : std::to_string(id.value); },
                          [](const RecordIds& ids) { return joined(ids.values, ","); },
                      },
                      value);
}

void write_json(json::Writer& writer, const ResolvedValue& value) {
    std::visit(Overloaded{
                   [&](std::monostate) { writer.boolean(false); },
                   [&](bool yes) { writer.boolean(yes); },
                   [&](std::int64_t number) { writer.integer(number); },
                   [&](const Decimal& number) { writer.raw(number.to_string()); },
                   [&](const std::string& text) { writer.string(text); },
                   [&](RecordId id) {
                       if (id.value == 0) {
                           writer.boolean(false);
                       } else {
                           writer.integer(id.value);
                       }
                   },
                   [&](const RecordIds& ids) {
                       writer.begin_array().begin_array().integer(6).integer(0).begin_array();
                       for (const auto id : ids.values) writer.integer(id);
                       writer.end_array().end_array().end_array();
                   },
               },
               value);
}

bool is_same(const ResolvedValue& wanted, const json::Value& stored, std::optional<int> digits) {
    const auto same_number = [&](const Decimal& number) {
        const auto there = number_of(stored);
        if (!there) return false;
        if (*there == number) return true;
        return digits && there->round(*digits, Rounding::half_up) == number.round(*digits, Rounding::half_up);
    };
    return std::visit(Overloaded{
                          [&](std::monostate) {
                              if (stored.kind() == json::Kind::string) return stored.text().empty();
                              if (stored.kind() == json::Kind::number) return same_number(Decimal());
                              return is_empty(stored);
                          },
                          [&](bool yes) { return stored.is_true() == yes; },
                          [&](std::int64_t number) {
                              if (stored.kind() == json::Kind::array) return id_of(stored) == number;
                              return same_number(Decimal(number));
                          },
                          [&](const Decimal& number) { return same_number(number); },
                          [&](const std::string& text) {
                              const auto there = stored.kind() == json::Kind::string ? stored.text() : "";
                              if (stored.kind() != json::Kind::string && !is_empty(stored)) return false;
                              return without_trailing_space(there) == without_trailing_space(text);
                          },
                          [&](RecordId id) { return id_of(stored) == id.value; },
                          [&](const RecordIds& ids) { return ids_of(stored) == ids.values; },
                      },
                      wanted);
}

std::string display(const ResolvedValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return "`" + cut(*text) + "`";
    if (const auto* id = std::get_if<RecordId>(&value)) {
        return id->value == 0 ? "empty" : "id " + std::to_string(id->value);
    }
    if (const auto* ids = std::get_if<RecordIds>(&value)) return display(ids->values);
    if (const auto* yes = std::get_if<bool>(&value)) return *yes ? "true" : "false";
    return std::holds_alternative<std::monostate>(value) ? "empty" : to_load_cell(value);
}

std::string display(const json::Value& stored) {
    switch (stored.kind()) {
        case json::Kind::string:
            return "`" + cut(stored.text()) + "`";
        case json::Kind::array: {
            if (const auto ids = ids_of(stored)) return display(*ids);
            const auto id = id_of(stored);
            return id ? "id " + std::to_string(*id) : cut(stored.raw());
        }
        case json::Kind::boolean:
            return stored.is_true() ? "true" : "empty";
        case json::Kind::null:
            return "empty";
        default:
            return cut(stored.raw());
    }
}

}  // namespace sluice::odoo
