#include "core/mapping/search_key.hpp"

#include <algorithm>

namespace sluice::mapping {

std::string to_string(const KeyValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    json::Writer writer;
    write_key(writer, value);
    return writer.take();
}

bool is_empty(const KeyValue& value) {
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr && text->empty();
}

bool is_unusable(const SearchKeys& keys) {
    return keys.empty() || std::ranges::any_of(keys, [](const auto& key) { return is_empty(key.second); });
}

void write_key(json::Writer& writer, const KeyValue& value) {
    struct Write {
        json::Writer& writer;
        void operator()(bool flag) const { writer.boolean(flag); }
        void operator()(std::int64_t number) const { writer.integer(number); }
        void operator()(const Decimal& number) const { writer.raw(number.to_string()); }
        void operator()(const std::string& text) const { writer.string(text); }
    };
    std::visit(Write{writer}, value);
}

void write_domain(json::Writer& writer, const SearchKeys& keys) {
    writer.begin_array();
    for (const auto& [field, value] : keys) {
        writer.begin_array().string(field).string("=");
        write_key(writer, value);
        writer.end_array();
    }
    writer.end_array();
}

}  // namespace sluice::mapping
