// Every error that real Odoo 16, 17 and 19 were recorded to answer (tests/data/odoo_wire), decoded and as a client
// meets it over a socket, against the class that tests/data/odoo_errors says it must get.

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/base/text.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/errors.hpp"
#include "core/odoo/session.hpp"
#include "core/odoo/wire.hpp"
#include "tests/core/http/raw_socket.hpp"

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

struct Recorded {
    std::string source;  ///< "17/081-err-validation-recursion"
    ProtocolName protocol;
    http::Response response;
};

/// All recorded answers to a call or a login that are none of success.
std::vector<Recorded> recorded_errors() {
    std::vector<Recorded> errors;
    for (const auto* version : {"16", "17", "19"}) {
        for (const auto& entry : std::filesystem::directory_iterator(data / "odoo_wire" / version)) {
            const auto document = parse(entry.path());
            const auto recorded = *document.root().find("response");
            const auto request = *document.root().find("request");
            const auto path = text_of(request, "path");
            const bool bare = path.starts_with("/json/2/"), jsonrpc = path == "/jsonrpc";
            const bool web = path.starts_with("/web/session/") || path.starts_with("/web/dataset/");
            if (!(bare || jsonrpc || web) || recorded.is_null() || text_of(request, "method") != "POST") continue;
            auto response = response_of(recorded);
            const auto answer = json::Document::parse(response.body);
            const bool answered = bare ? answer.has_value() : answer && !answer->root().find("error");
            if (response.status == 200 && answered) continue;
            errors.push_back({.source = std::string(version) + "/" + entry.path().stem().string(),
                              .protocol = bare      ? ProtocolName::json2
                                          : jsonrpc ? ProtocolName::jsonrpc
                                                    : ProtocolName::web_session,
                              .response = std::move(response)});
        }
    }
    return errors;
}

std::string what_of(const Error& error) {
    return std::string(to_string(error.failure)) + (error.disconnected ? ", disconnected" : "");
}

TEST(RecordedErrors, EachIsClassifiedAsTheTableSays) {
    const auto expected = expectations();
    const auto errors = recorded_errors();
    std::string missing;
    for (const auto& one : errors) {
        // The recorded id; some requests are broken on purpose and have none.
        const auto answer = json::Document::parse(one.response.body);
        const auto id =
            answer && answer->root().kind() == json::Kind::object ? answer->root().find("id") : std::nullopt;
        const auto decoded = one.protocol == ProtocolName::json2
                                 ? wire::decode_bare_answer(one.response)
                                 : wire::decode_answer(one.response, id ? id->as_int64().value_or(0) : 0);
        ASSERT_FALSE(decoded.result) << one.source;
        const auto& error = decoded.result.error();
        EXPECT_THAT(error.message, Not(testing::IsEmpty())) << one.source;
        EXPECT_THAT(error.message, Not(HasSubstr("Traceback"))) << one.source;
        EXPECT_THAT(error.message, Not(HasSubstr("traceback>"))) << one.source;
        const auto found = expected.find(one.source);
        if (found == expected.end()) {
            missing += one.source + ": " + what_of(error) + ": " + decoded.error_name + ": " +
                       error.message.substr(0, 90) + "\n";
        } else {
            EXPECT_EQ(what_of(error), found->second) << one.source << ": " << error.message;
        }
    }
    EXPECT_EQ(missing, "") << "recorded errors without a class in tests/data/odoo_errors";
    EXPECT_GT(errors.size(), 150U);
}

std::string bytes_of(const http::Response& response) {
    std::string bytes = "HTTP/1.1 " + std::to_string(response.status) + " X\r\n";
    for (const auto& [name, value] : response.headers) {
        const auto lower = to_lower_ascii(name);
        if (lower == "content-type" || lower == "set-cookie") bytes += name + ": " + value + "\r\n";
    }
    return bytes + "Content-Length: " + std::to_string(response.body.size()) + "\r\nConnection: close\r\n\r\n" +
           response.body;
}

/// With the request's own id, as Odoo echoes it, unless the recorded answer has none.
std::string answer_to(const std::string& request, const http::Response& recorded) {
    auto response = recorded;
    const auto asked = json::Document::parse(request.substr(request.find("\r\n\r\n") + 4));
    const auto answer = json::Document::parse(response.body);
    const auto asked_id = asked ? asked->root().find("id") : std::nullopt;
    const auto id = answer ? answer->root().find("id") : std::nullopt;
    if (asked_id && id && !id->is_null()) {
        json::Writer body;
        body.begin_object().key("id").raw(asked_id->raw());
        for (std::size_t i = 0; i < answer->root().size(); ++i) {
            if (answer->root().key(i) != "id") body.key(answer->root().key(i)).raw(answer->root().at(i).raw());
        }
        response.body = body.end_object().take();
    }
    return bytes_of(response);
}

TEST(RecordedErrors, EachHasThatClassWhereAWriteMeetsItOverASocket) {
    using http::test::RawSocket;
    using http::test::ScriptedServer;
    const auto expected = expectations();
    for (const auto& one : recorded_errors()) {
        const auto answers = [&](RawSocket& socket) {
            const auto request = socket.read_message();
            // A session that may be gone is renewed, and the call sent again.
            const bool login = request.find("/web/session/authenticate") != std::string::npos;
            socket.write(login ? answer_to(request, {.status = 200,
                                                     .headers = {{"Content-Type", "application/json"},
                                                                 {"Set-Cookie", "session_id=" + std::string(40, 'b')}},
                                                     .body = R"({"jsonrpc":"2.0","id":1,"result":{"uid":7}})"})
                               : answer_to(request, one.response));
        };
        ScriptedServer server({answers, answers, answers});
        const auto session = make_shared_session();
        const bool web = one.protocol == ProtocolName::web_session;
        session->offer({.uid = 7,
                        .session_id = Secret(web ? std::string(40, 'a') : std::string()),
                        .number = 0,
                        .protocol = one.protocol});
        session->wants_cookie();
        session->set_cookie("cookie");
        Client client({.endpoint = server.endpoint(),
                       .database = "db",
                       .login = "svc",
                       .protocol = one.protocol,
                       .api_key = Secret("the-key"),
                       .password = Secret("the-password"),
                       .timeouts = {.connect_ms = 5'000, .total_ms = 30'000}},
                      session);
        const auto answer = client.call("res.partner", "write", R"([[1],{"name":"x"}])", "{}");
        ASSERT_FALSE(answer) << one.source;
        const auto& error = answer.error();
        EXPECT_EQ(what_of(error), expected.at(one.source)) << one.source << ": " << error.message;
        EXPECT_THAT(error.message, Not(HasSubstr("Traceback"))) << one.source;
        EXPECT_THAT(error.message, Not(HasSubstr("the-"))) << one.source;
    }
}

}  // namespace
}  // namespace sluice::odoo
