#include "host/cli/contract_listing.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/toml/text.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_value = 100;

/// Whether a value was written on one line of one file.
bool is_of_one_line(const toml::Node& node, toml::Place place) {
    const auto is_here = [place](toml::Place other) { return other.file == place.file && other.line == place.line; };
    return is_here(node.place) &&
           std::ranges::all_of(node.elements, [&](const toml::Node& each) { return is_of_one_line(each, place); }) &&
           std::ranges::all_of(node.members, [&](const toml::Member& each) {
               return is_here(each.place) && is_of_one_line(each.value, place);
           });
}

class Listing {
public:
    explicit Listing(const contract::ContractText& text) : text_(text), table_({"", "KEY", "VALUE", "FROM"}) {}

    std::string run() {
        for (const toml::Member& member : text_.tree.members)
            one(toml::key_text(member.key), member.value, member.place);
        return table_.text();
    }

private:
    void one(const std::string& path, const toml::Node& node, toml::Place place) {
        const bool is_table = node.kind == toml::Kind::table && !node.members.empty();
        const bool is_array = node.kind == toml::Kind::array && !node.elements.empty();
        if ((!is_table && !is_array) || is_of_one_line(node, place)) {
            table_.add(
                {place.file == 0 ? "" : "+", path, one_line(toml::to_toml(node), max_value), text_.where(place)});
            return;
        }
        for (const toml::Member& member : node.members)
            one(path + "." + toml::key_text(member.key), member.value, member.place);
        for (std::size_t i = 0; i < node.elements.size(); ++i)
            one(fmt::format("{}[{}]", path, i), node.elements[i], node.elements[i].place);
    }

    const contract::ContractText& text_;
    Table table_;
};

}  // namespace

std::string render_contract(const contract::ContractText& text) {
    return Listing(text).run();
}

}  // namespace sluice::host
