#include "core/odoo/wire.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/odoo/errors.hpp"

namespace sluice::odoo::wire {
namespace {

void write_context(json::Writer& writer, const std::optional<json::Value>& given, const CallContext& context,
                   bool loads) {
    const auto lacks = [&](std::string_view key) { return !given || !given->find(key); };
    writer.begin_object();
    if (lacks("lang")) writer.key("lang").string(context.language);
    if (lacks("tz")) writer.key("tz").string(loads ? std::string_view("UTC") : context.time_zone);
    if (!context.companies.empty() && lacks("allowed_company_ids")) {
        writer.key("allowed_company_ids").begin_array();
        for (const auto company : context.companies) writer.integer(company);
        writer.end_array();
    }
    for (std::size_t i = 0; given && i < given->size(); ++i) writer.key(given->key(i)).raw(given->at(i).raw());
    writer.end_object();
}

Decoded foreign(const http::Response& response) {
    return {.result = std::unexpected(classify_foreign_answer(response)), .error_name = {}};
}

}  // namespace

Result<Call> make_call(std::string_view model, std::string_view method, std::string_view args, std::string_view kwargs,
                       const CallContext& own) {
    const auto positional = json::Document::parse(args);
    if (!positional || positional->root().kind() != json::Kind::array) {
        return fail(Failure::invalid, "the arguments of " + std::string(model) + "." + std::string(method) +
                                          " must be a JSON array, as in [[1, 2], {\"name\": \"x\"}]");
    }
    const auto named = json::Document::parse(kwargs.empty() ? "{}" : kwargs);
    if (!named || named->root().kind() != json::Kind::object) {
        return fail(Failure::invalid, "the keyword arguments of " + std::string(model) + "." + std::string(method) +
                                          " must be a JSON object, as in {\"limit\": 1}");
    }
    auto context = named->root().find("context");
    if (context && context->kind() != json::Kind::object) context.reset();

    json::Writer writer;
    writer.begin_object();
    for (std::size_t i = 0; i < named->root().size(); ++i) {
        if (named->root().key(i) == "context") continue;
        writer.key(named->root().key(i)).raw(named->root().at(i).raw());
    }
    writer.key("context");
    write_context(writer, context, own, method == "load");
    writer.end_object();
    return Call{.model = std::string(model),
                .method = std::string(method),
                .args = std::string(positional->root().raw()),
                .kwargs = writer.take()};
}

http::Request make_post(std::string target, std::int64_t id, std::string_view params) {
    json::Writer writer;
    writer.begin_object().key("jsonrpc").string("2.0").key("method").string("call").key("id").integer(id);
    writer.key("params").raw(params).end_object();
    http::Request request{.method = "POST", .target = std::move(target), .body = writer.take()};
    request.headers.emplace_back("Content-Type", "application/json");
    return request;
}

Decoded decode_answer(const http::Response& response, std::int64_t id) {
    const auto content_type = to_lower_ascii(http::find_header(response.headers, "Content-Type"));
    if (!content_type.starts_with("application/json")) return foreign(response);
    const auto document = json::Document::parse(response.body);
    if (!document || document->root().kind() != json::Kind::object) return foreign(response);

    const auto root = document->root();
    const auto answered_id = root.find("id");
    const bool ours = answered_id && answered_id->as_int64() == id;
    if (const auto error = root.find("error"); error && error->kind() == json::Kind::object) {
        // An expired session is answered with a null id.
        if (!ours && answered_id && !answered_id->is_null()) return foreign(response);
        const auto name = error->at_pointer("/data/name");
        return {.result = std::unexpected(classify_rpc_error(*error)),
                .error_name = name ? std::string(name->text()) : std::string()};
    }
    if (!ours || !root.find("jsonrpc") || response.status != 200) return foreign(response);
    const auto result = root.find("result");
    // A method that returns None has no `result` at all.
    return {.result = json::Document::parse(result ? result->raw() : "null"), .error_name = {}};
}

Decoded decode_bare_answer(const http::Response& response) {
    const auto content_type = to_lower_ascii(http::find_header(response.headers, "Content-Type"));
    if (!content_type.starts_with("application/json")) return foreign(response);
    auto document = json::Document::parse(response.body);
    if (!document) return foreign(response);
    if (response.status == 200) return {.result = std::move(*document), .error_name = {}};
    const auto root = document->root();
    const auto name = root.find("name"), message = root.find("message");
    const bool of_odoo = response.status >= 400 && root.kind() == json::Kind::object && name && message &&
                         root.find("arguments") && name->kind() == json::Kind::string &&
                         message->kind() == json::Kind::string;
    if (!of_odoo) return foreign(response);
    return {.result = std::unexpected(classify_error(name->text(), message->text())),
            .error_name = std::string(name->text())};
}

bool is_read_only(std::string_view method) {
    static constexpr std::array<std::string_view, 12> methods = {
        "read",        "search",     "search_read", "search_count", "fields_get",          "get_external_id",
        "name_search", "read_group", "default_get", "has_access",   "check_access_rights", "check_object_reference"};
    return std::ranges::find(methods, method) != methods.end();
}

std::string encode_query_value(std::string_view text) {
    static constexpr std::string_view hexadecimal = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                           c == '_' || c == '.' || c == '~';
        if (plain) {
            out += c;
        } else {
            out += '%';
            out += hexadecimal[byte >> 4U];
            out += hexadecimal[byte & 15U];
        }
    }
    return out;
}

}  // namespace sluice::odoo::wire
