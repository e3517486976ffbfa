// Every error that real Odoo 16, 17 and 19 were recorded to answer (tests/data/odoo_wire), read as the client reads it,
// against the class that tests/data/odoo_errors says it must get.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/odoo/errors.hpp"
#include "core/odoo/wire.hpp"

namespace sluice::odoo {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::filesystem::path data = std::filesystem::path(SLUICE_SOURCE_DIR) / "tests/data";

json::Document parse(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    auto document = json::Document::parse(text.str());
    EXPECT_TRUE(document) << file;
    return std::move(*document);
}

std::string text_of(const json::Value& value, std::string_view key) {
    const auto found = value.find(key);
    return found && found->kind() == json::Kind::string ? std::string(found->text()) : std::string();
}

/// Source ("17/081-err-validation-recursion") to "class" or "class, disconnected".
std::map<std::string, std::string> expectations() {
    std::map<std::string, std::string> expected;
    for (const auto* name : {"rpc_errors.json", "json2_errors.json", "foreign_answers.json"}) {
        const auto document = parse(data / "odoo_errors" / name);
        const auto cases = *document.root().find("cases");
        for (std::size_t i = 0; i < cases.size(); ++i) {
            const auto one = cases.at(i);
            const auto what = text_of(one, "failure") + (one.find("disconnected")->is_true() ? ", disconnected" : "");
            if (const auto sources = one.find("sources")) {
                for (std::size_t at = 0; at < sources->size(); ++at)
                    expected[std::string(sources->at(at).text())] = what;
            } else {
                expected[text_of(one, "source")] = what;
            }
        }
    }
    return expected;
}

http::Response response_of(const json::Value& recorded) {
    http::Response response{.status = static_cast<int>(*recorded.find("status")->as_int64()),
                            .headers = {},
                            .body = text_of(recorded, "body")};
    const auto headers = *recorded.find("headers");
    for (std::size_t i = 0; i < headers.size(); ++i) {
        response.headers.emplace_back(std::string(headers.at(i).at(0).text()), std::string(headers.at(i).at(1).text()));
    }
    return response;
}

TEST(RecordedErrors, EachIsClassifiedAsTheTableSays) {
    const auto expected = expectations();
    std::size_t errors = 0;
    std::string missing;
    for (const auto* version : {"16", "17", "19"}) {
        for (const auto& entry : std::filesystem::directory_iterator(data / "odoo_wire" / version)) {
            const auto document = parse(entry.path());
            const auto recorded = *document.root().find("response");
            const auto request = *document.root().find("request");
            const auto path = text_of(request, "path");
            const bool bare = path.starts_with("/json/2/");
            const bool call =
                bare || path == "/jsonrpc" || path.starts_with("/web/session/") || path.starts_with("/web/dataset/");
            if (!call || recorded.is_null() || text_of(request, "method") != "POST") continue;
            const auto response = response_of(recorded);
            // The recorded id; some requests are broken on purpose and have none.
            const auto answer = json::Document::parse(response.body);
            const auto id =
                answer && answer->root().kind() == json::Kind::object ? answer->root().find("id") : std::nullopt;
            const auto decoded = bare ? wire::decode_bare_answer(response)
                                      : wire::decode_answer(response, id ? id->as_int64().value_or(0) : 0);
            if (decoded.result) continue;
            if (!bare && response.status == 200 && answer && !answer->root().find("error")) continue;
            ++errors;
            const auto source = std::string(version) + "/" + entry.path().stem().string();
            const auto& error = decoded.result.error();
            EXPECT_THAT(error.message, Not(testing::IsEmpty())) << source;
            EXPECT_THAT(error.message, Not(HasSubstr("Traceback"))) << source;
            EXPECT_THAT(error.message, Not(HasSubstr("traceback>"))) << source;
            const auto what = std::string(to_string(error.failure)) + (error.disconnected ? ", disconnected" : "");
            const auto found = expected.find(source);
            if (found == expected.end()) {
                missing += source + ": " + what + ": " + decoded.error_name + ": " + error.message.substr(0, 90) + "\n";
            } else {
                EXPECT_EQ(what, found->second) << source << ": " << error.message;
            }
        }
    }
    EXPECT_EQ(missing, "") << "recorded errors without a class in tests/data/odoo_errors";
    EXPECT_GT(errors, 150U);
}

}  // namespace
}  // namespace sluice::odoo
