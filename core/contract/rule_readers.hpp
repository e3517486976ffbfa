#pragma once
// Reads what every level of a mapping's rules is made of: names, pointers, templates, conditions, words.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/template_parser.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// What a rule may refer to.
struct MappingScope {
    toml::Problems& problems;
    const std::map<std::string, ConfigKey>& config;
    const std::vector<std::string>& records;  ///< names of the flow's named records
    std::vector<NamedHook>& hooks;            ///< those that rules name so far
    bool inside_lines = false;
};

/// A name as Odoo's fields have, or, with dots, its models and paths.
bool is_odoo_name(std::string_view name, bool dots);

/// The template under `key`; an empty one where it is absent or wrong, which is then a problem.
Template read_template(toml::TableReader& reader, std::string_view key, const TemplatePlace& place);

/// The pointer under `key`; "" where it is absent or wrong, which is then a problem.
std::string read_pointer(toml::TableReader& reader, std::string_view key, bool inside_lines);

/// The same of an array, in which "*" stands for every element of an array on the way.
std::string read_array_pointer(toml::TableReader& reader, std::string_view key, bool inside_lines);

/// The table of pointer = text under `key`; no conditions where it is absent.
Conditions read_conditions(toml::TableReader& reader, std::string_view key, bool inside_lines);

/// One of `words`, or "{config:KEY}", a key whose choices are among them; "" where it is absent.
std::string read_word(toml::TableReader& reader, std::string_view key, const std::vector<std::string>& words,
                      const MappingScope& scope);

/// The template `external_id`, which must be there and hold something of the document.
Template read_external_id(toml::TableReader& reader, const MappingScope& scope);

/// The pointers under `requires`: what must be in the document.
std::vector<Pointer> read_requires(toml::TableReader& reader);

/// The Odoo model name under `key`, which must be there.
std::string read_model(toml::TableReader& reader, std::string_view key);

/// A method that may be called from outside: no underscore before it.
bool is_odoo_method(std::string_view name);

/// The Odoo field name under `key`, which must be there.
std::string read_field_name(toml::TableReader& reader, std::string_view key);

}  // namespace sluice::contract
