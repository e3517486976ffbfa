#include <fmt/format.h>

#include <array>

#include "core/review/page.hpp"

namespace sluice::review {
namespace {

/// The columns of the place for signatures beside the role.
constexpr std::array<std::string_view, 3> signature_columns{"Name", "Date", "Signature"};

std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string markdown_row(const std::vector<std::string>& cells) {
    std::string out = "|";
    for (const std::string& text : cells) out += " " + cell(text) + " |";
    return out + "\n";
}

std::string markdown_table(const std::vector<std::vector<std::string>>& rows) {
    std::string out = markdown_row(rows.front());
    out += markdown_row(std::vector<std::string>(rows.front().size(), "---"));
    for (std::size_t i = 1; i < rows.size(); ++i) out += markdown_row(rows[i]);
    return out;
}

std::vector<std::vector<std::string>> signature_rows(const Block& block) {
    std::vector<std::vector<std::string>> rows{{"Role"}};
    for (const std::string_view column : signature_columns) rows[0].emplace_back(column);
    for (const auto& role : block.rows) rows.push_back({role.front(), "", "", ""});
    return rows;
}

/// Escaped, and words between backticks as code.
std::string html_text(std::string_view text) {
    std::string out;
    bool code = false;
    for (const char c : text) {
        if (c == '`') {
            out += code ? "</code>" : "<code>";
            code = !code;
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (c == '&') {
            out += "&amp;";
        } else {
            out += c;
        }
    }
    return code ? out + "</code>" : out;
}

std::string html_table(const std::vector<std::vector<std::string>>& rows, std::string_view css_class) {
    std::string out = fmt::format("<table class=\"{}\">\n<thead><tr>", css_class);
    for (const std::string& head : rows.front()) out += fmt::format("<th>{}</th>", html_text(head));
    out += "</tr></thead>\n<tbody>\n";
    for (std::size_t i = 1; i < rows.size(); ++i) {
        out += "<tr>";
        for (const std::string& text : rows[i]) out += fmt::format("<td>{}</td>", html_text(text));
        out += "</tr>\n";
    }
    return out + "</tbody>\n</table>\n";
}

constexpr std::string_view style = R"(
  :root { color-scheme: light; }
  body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: #1c2430; background: #eef1f5; margin: 0; }
  main { max-width: 62rem; margin: 2rem auto; padding: 2.5rem 3rem; background: #fff; border-radius: 6px; box-shadow: 0 1px 4px rgba(20, 30, 50, .15); }
  h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .8rem; }
  h2 { font-size: 1.35rem; margin: 2.4rem 0 .6rem; padding-bottom: .3rem; border-bottom: 2px solid #d5dce6; }
  h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
  h4 { font-size: 1rem; margin: 1.5rem 0 .2rem; color: #33507a; }
  p { margin: .4rem 0; max-width: 52rem; }
  code { font: .88em ui-monospace, "SF Mono", Consolas, "DejaVu Sans Mono", monospace; background: #f0f3f7; border-radius: 3px; padding: .1em .3em; overflow-wrap: anywhere; }
  table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: .93rem; }
  th { text-align: left; font-weight: 600; color: #4a5568; background: #f6f8fb; }
  th, td { padding: .4rem .6rem; border: 1px solid #dde3ec; vertical-align: top; overflow-wrap: break-word; }
  td:first-child { min-width: 8rem; }
  .signatures td { height: 3.2rem; width: 22%; }
  @media print { body { background: #fff; font-size: 10.5pt; } main { box-shadow: none; margin: 0; padding: 0; max-width: none; } h2, h3, h4 { break-after: avoid; } tr { break-inside: avoid; } }
)";

}  // namespace

std::string to_markdown(const Page& page) {
    std::string out;
    for (const Block& block : page) {
        if (!out.empty()) out += '\n';
        switch (block.kind) {
            case Block::Kind::heading:
                out += std::string(static_cast<std::size_t>(block.level), '#') + " " + block.text + "\n";
                break;
            case Block::Kind::paragraph:
                out += block.text + "\n";
                break;
            case Block::Kind::table:
                out += markdown_table(block.rows);
                break;
            case Block::Kind::signatures:
                out += markdown_table(signature_rows(block));
        }
    }
    return out;
}

std::string to_html(const Page& page, const std::string& title) {
    std::string out = fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
        "content=\"width=device-width, "
        "initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
        html_text(title), style);
    for (const Block& block : page) {
        switch (block.kind) {
            case Block::Kind::heading:
                out += fmt::format("<h{0}>{1}</h{0}>\n", block.level, html_text(block.text));
                break;
            case Block::Kind::paragraph:
                out += fmt::format("<p>{}</p>\n", html_text(block.text));
                break;
            case Block::Kind::table:
                out += html_table(block.rows, "facts");
                break;
            case Block::Kind::signatures:
                out += html_table(signature_rows(block), "signatures");
        }
    }
    return out + "</main>\n</body>\n</html>\n";
}

}  // namespace sluice::review
