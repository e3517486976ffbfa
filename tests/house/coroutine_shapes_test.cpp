// g++ 12.2 miscompiles natural coroutine shapes silently. So `co_await` stands alone to the right of a declaration, an
// assignment or a `co_return`, or as a statement; nothing but named things goes into it.

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/house/sources.hpp"

namespace sluice::house {
namespace {

/// The end of the statement that holds `at`, and its start, in blanked text.
std::string_view statement_around(std::string_view code, std::size_t at, std::size_t& offset) {
    int depth = 0;
    std::size_t first = at;
    while (first > 0) {  // back to ; { } outside parentheses opened within the statement
        const char c = code[first - 1];
        if (c == ')' || c == ']') ++depth;
        if (c == '(' || c == '[') --depth;
        if (c == ';' && depth >= 0) break;
        if ((c == '{' || c == '}') && depth >= 0) break;
        --first;
    }
    depth = 0;
    std::size_t last = at;
    for (; last < code.size(); ++last) {
        const char c = code[last];
        if (c == '(' || c == '[' || c == '{') ++depth;
        if (c == ')' || c == ']' || c == '}') --depth;
        if (depth < 0 || (c == ';' && depth == 0)) break;
    }
    offset = at - first;
    return code.substr(first, last - first);
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
    return text;
}

bool ends_with_word(std::string_view text, std::string_view word) {
    return text == word ||
           (text.ends_with(word) && !std::isalnum(static_cast<unsigned char>(text[text.size() - word.size() - 1])));
}

/// A brace within the arguments that begins a temporary with content (`{a}`, `{.a = b}`, `Type{a}`), not a lambda's
/// body and not `Type{}`.
bool is_temporary(std::string_view text, std::size_t brace) {
    const std::string_view before = trimmed(text.substr(0, brace));
    const bool body =
        before.ends_with(')') || before.ends_with(']') || before.ends_with("mutable") || before.ends_with("noexcept");
    const bool empty = trimmed(text.substr(brace + 1)).starts_with('}');
    return !body && !empty;
}

/// Why this use of co_await is one g++ 12 may break; "" where it is none.
std::string trap(std::string_view code, std::size_t at) {
    std::size_t offset = 0;
    const std::string_view statement = statement_around(code, at, offset);
    const std::string_view before = trimmed(statement.substr(0, offset));
    const std::string_view after = statement.substr(offset + std::string_view("co_await").size());

    if (std::count(before.begin(), before.end(), '(') > std::count(before.begin(), before.end(), ')')) {
        return "inside parentheses (a condition or an argument)";
    }
    const bool assigned = before.ends_with('=') && !before.ends_with("==") && !before.ends_with("!=");
    const bool labelled =
        before.ends_with(':') && !before.ends_with("::") && before.find('?') == std::string_view::npos;
    const bool alone = before.empty() || assigned || ends_with_word(before, "co_return") ||
                       ends_with_word(before, "else") || before.ends_with(')') || labelled;
    if (!alone) return "not alone to the right of a declaration, an assignment or a co_return";
    if (after.find("co_await") != std::string_view::npos) return "two in one expression";
    int depth = 0;
    for (std::size_t i = 0; i + 1 < after.size(); ++i) {
        const char c = after[i];
        if (c == '(' || c == '{' || c == '[') ++depth;
        if (c == ')' || c == '}' || c == ']') --depth;
        const std::string_view two = after.substr(i, 2);
        if (depth == 0 && (two == "&&" || two == "||" || c == '?')) return "in a logical or conditional expression";
        const bool argument = i > 0 && (after[i - 1] == '(' || after[i - 1] == ',' || after[i - 1] == ' ');
        if (c == '{' && depth > 1 && is_temporary(after, i)) return "an aggregate temporary as argument";
        if (c == '[' && argument && depth > 1) {
            const std::size_t close = after.find(']', i);
            const bool lambda = close != std::string_view::npos && (trimmed(after.substr(close + 1)).starts_with('(') ||
                                                                    trimmed(after.substr(close + 1)).starts_with('{'));
            if (lambda && !trimmed(after.substr(i + 1, close - i - 1)).empty())
                return "a capturing lambda temporary as argument";
        }
    }
    return "";
}

std::vector<std::string> traps_in(const Source& source) {
    std::vector<std::string> found;
    const std::string code = without_comments_and_literals(source.text);
    for (std::size_t at = code.find("co_await"); at != std::string::npos; at = code.find("co_await", at + 8)) {
        const std::string why = trap(code, at);
        if (why.empty()) continue;
        const auto line = 1 + std::count(code.begin(), code.begin() + static_cast<std::ptrdiff_t>(at), '\n');
        found.push_back(source.path + ":" + std::to_string(line) + ": co_await " + why);
    }
    return found;
}

TEST(CoroutineShapes, TheTreeHasNoneThatThisCompilerBreaks) {
    std::size_t uses = 0;
    std::vector<std::string> found;
    for (const Source& source : sources_below({"core", "host", "plugins", "plugin-api", "tests"})) {
        if (source.path == "tests/house/coroutine_shapes_test.cpp") continue;
        for (std::size_t at = source.text.find("co_await"); at != std::string::npos;
             at = source.text.find("co_await", at + 8))
            ++uses;
        const auto here = traps_in(source);
        found.insert(found.end(), here.begin(), here.end());
    }
    EXPECT_THAT(found, testing::IsEmpty());
    EXPECT_GT(uses, 10U) << "the sources were not read";
}

class Banned : public testing::TestWithParam<const char*> {};
TEST_P(Banned, IsFound) {
    EXPECT_THAT(traps_in({.path = "x.cpp", .text = GetParam()}), testing::SizeIs(testing::Ge(1U))) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(
    Shapes, Banned,
    testing::Values("void f() { if (co_await g()) h(); }", "void f() { while (co_await g()) {} }",
                    "void f() { switch (co_await g()) {} }",
                    "void f() { const bool x = co_await a() && co_await b(); }", "void f() { x = co_await a() || y; }",
                    "void f() { x = y && co_await a(); }", "void f() { co_await send({.url = s}); }",
                    "void f() { co_await send({url, body}); }", "void f() { co_await send(Request{s}); }",
                    "void f() { co_await run([p] { p(); }); }", "void f() { co_await run(1, [&] { p(); }, 2); }",
                    "void f() { use(co_await a()); }", "void f() { x = c ? co_await a() : b; }",
                    "void f() { return_value(1 + co_await a()); }", "void f() { for (auto x : co_await a()) {} }",
                    "void f() { auto x = 1 + co_await a(); }"));

class Allowed : public testing::TestWithParam<const char*> {};
TEST_P(Allowed, IsNotFound) {
    EXPECT_THAT(traps_in({.path = "x.cpp", .text = GetParam()}), testing::IsEmpty()) << GetParam();
}
INSTANTIATE_TEST_SUITE_P(Shapes, Allowed,
                         testing::Values("void f() { co_await g(); }",
                                         "void f() { const auto ok = co_await g(a, b[1]); if (ok) h(); }",
                                         "void f() { co_return co_await g(x); }",
                                         "void f() { x = co_await g(asio::as_tuple(use)); }",
                                         "void f() { auto [e, n] = co_await async_read(s, b, token); }",
                                         "void f() { if (x) co_await g(); else co_await h(); }",
                                         "// if (co_await g())\nvoid f() { const char* s = \"if (co_await x)\"; }",
                                         "void f() { co_await run([] { p(); }); }"));

}  // namespace
}  // namespace sluice::house
