#pragma once
// A contract as a page a business person can read and sign: `sluice contract docs`.

#include <string>
#include <vector>

#include "core/contract/contract_text.hpp"

namespace sluice::review {

/// Text of a page: words between backticks are code.
struct Block {
    enum class Kind { heading, paragraph, table, signatures } kind = Kind::paragraph;
    int level = 1;                               ///< of a heading: 1 to 4
    std::string text;                            ///< of a heading or paragraph
    std::vector<std::vector<std::string>> rows;  ///< of a table, the head first; of signatures the roles, one a row
};

using Page = std::vector<Block>;

/// What flows, in which direction, on what trigger, what happens on an error and who owns it, every mapping as a table,
/// configuration keys, retention, compatibility, and a place for signatures. Keys this page has no words for are shown
/// as they are written.
Page make_page(const contract::ContractText& text);

std::string to_markdown(const Page& page);
/// One self-contained file, also for printing.
std::string to_html(const Page& page, const std::string& title);

}  // namespace sluice::review
