#pragma once
// JSON Pointers as contracts write them: RFC 6901, with "^" for the document's root inside lines and "*" for every
// element.

#include <optional>
#include <string>
#include <string_view>

namespace sluice::contract {

/// Where a pointer stands, and so what it may be.
struct PointerPlace {
    bool inside_lines = false;  ///< "" is the element itself, "^..." the document's root
    bool wildcard = false;      ///< "*" tokens may stand in it
};

/// What is wrong with a pointer ("`id` is no JSON Pointer; did you mean `/id`?"); nothing where it is right.
std::optional<std::string> pointer_problem(std::string_view pointer, PointerPlace place);

/// True where one of its tokens is "*".
bool has_wildcard(std::string_view pointer);

}  // namespace sluice::contract
