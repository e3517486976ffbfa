#pragma once
// The tree's own sources, for tests that read them.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::house {

struct Source {
    std::string path;  ///< relative to the root: "core/http/client.cpp"
    std::string text;
};

/// The C and C++ files below these folders of the source tree.
inline std::vector<Source> sources_below(const std::vector<std::string>& folders) {
    std::vector<Source> sources;
    const std::filesystem::path root = SLUICE_SOURCE_DIR;
    for (const auto& folder : folders) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp" && extension != ".h" && extension != ".c") continue;
            std::ifstream file(entry.path(), std::ios::binary);
            sources.push_back({.path = entry.path().lexically_relative(root).string(),
                               .text = {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()}});
        }
    }
    return sources;
}

/// The text with comments, string and character literals blanked out (line breaks and lengths kept).
inline std::string without_comments_and_literals(std::string text) {
    enum class In { code, line_comment, block_comment, string, character, raw } in = In::code;
    std::string raw_end;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const char next = i + 1 < text.size() ? text[i + 1] : '\0';
        const auto blank = [&](std::size_t at) {
            if (at < text.size() && text[at] != '\n') text[at] = ' ';
        };
        switch (in) {
            case In::code:
                if (c == '/' && next == '/')
                    in = In::line_comment, blank(i);
                else if (c == '/' && next == '*')
                    in = In::block_comment, blank(i), blank(++i);
                else if (c == 'R' && next == '"') {
                    const std::size_t open = text.find('(', i);
                    raw_end = ")" + text.substr(i + 2, open - i - 2) + "\"";
                    in = In::raw;
                } else if (c == '"')
                    in = In::string;
                else if (c == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(text[i - 1]))))
                    in = In::character;
                break;
            case In::line_comment:
                if (c == '\n') in = In::code;
                blank(i);
                break;
            case In::block_comment:
                if (c == '*' && next == '/') in = In::code, blank(i), ++i;
                blank(i);
                break;
            case In::string:
            case In::character:
                if (c == '\\')
                    blank(i), blank(++i);
                else if (c == (in == In::string ? '"' : '\''))
                    in = In::code;
                else
                    blank(i);
                break;
            case In::raw:
                if (text.compare(i, raw_end.size(), raw_end) == 0)
                    i += raw_end.size() - 1, in = In::code;
                else
                    blank(i);
                break;
        }
    }
    return text;
}

}  // namespace sluice::house
