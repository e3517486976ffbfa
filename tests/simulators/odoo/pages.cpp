#include "tests/simulators/odoo/pages.hpp"

namespace sluice::sim::pages {

namespace {

constexpr std::string_view kHtml = "text/html; charset=utf-8";

HttpReply html(int status, std::string body) {
    HttpReply reply;
    reply.status = status;
    reply.content_type = kHtml;
    reply.body = std::move(body);
    return reply;
}

std::string werkzeug_page(std::string_view title, std::string_view text) {
    return "<!doctype html>\n<html lang=en>\n<title>" + std::string(title) + "</title>\n<h1>" +
           std::string(title.substr(title.find(' ') + 1)) + "</h1>\n<p>" + std::string(text) + "</p>\n";
}

std::string odoo_page(std::string_view content) {
    return "<!DOCTYPE html>\n<html>\n    <head>\n        <meta charset=\"utf-8\"/>\n        <title>Odoo</title>\n    "
           "</head>\n    <body>\n" +
           std::string(content) + "\n    </body>\n</html>\n";
}

}  // namespace

HttpReply bad_request_text(std::string_view text) {
    return html(400, std::string(text));
}

HttpReply wrong_type(std::string_view path, int version) {
    if (version >= 18) {
        auto reply = html(415, werkzeug_page("415 Unsupported Media Type",
                                             "Request inferred type is compatible with [&#39;http&#39;] but &#39;" +
                                                 std::string(path) + "&#39; is type=&#39;json&#39;."));
        reply.headers.emplace_back("Accept", "application/json");
        return reply;
    }
    return html(400,
                werkzeug_page("400 Bad Request", "Request inferred type is compatible with [&#39;http&#39;] but &#39;" +
                                                     std::string(path) + "&#39; is type=&#39;json&#39;."));
}

HttpReply not_found() {
    auto reply = html(
        404, odoo_page(
                 "        <h1>404: Page not found</h1>\n        <p>We couldn't find the page you're looking for!</p>"));
    reply.content_type = "text/html;charset=utf-8";
    reply.headers.emplace_back("Set-Cookie", "frontend_lang=en_US; Path=/");
    return reply;
}

HttpReply no_database(int version) {
    if (version < 19) {
        return html(404, werkzeug_page("404 Not Found",
                                       "The requested URL was not found on the server. If you entered the URL manually "
                                       "please check your spelling and try again."));
    }
    return html(404,
                "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the "
                "requested URL was not found in the server-wide controllers.</p>\n<p>Please verify the hostname, <a "
                "href=/web/login>login</a> and try again.</p>\n\n<!-- Alternatively, use the X-Odoo-Database header. "
                "-->\n");
}

HttpReply redirect(std::string_view location) {
    auto reply = html(
        303, werkzeug_page("Redirecting...", "You should be redirected automatically to the target URL: <a href=\"" +
                                                 std::string(location) + "\">" + std::string(location) +
                                                 "</a>. If not, click the link."));
    reply.headers.emplace_back("Location", location);
    return reply;
}

HttpReply login(std::string_view csrf_token, bool failed) {
    return html(
        200, odoo_page("        <form class=\"oe_login_form\" role=\"form\" method=\"post\" action=\"/web/login\">\n"
                       "            <input type=\"hidden\" name=\"csrf_token\" value=\"" +
                       std::string(csrf_token) + "\"/>\n" +
                       (failed ? "            <p class=\"alert alert-danger\" role=\"alert\">Wrong login/password</p>\n"
                               : "") +
                       "            <input type=\"text\" name=\"login\"/>\n            <input type=\"password\" "
                       "name=\"password\"/>\n"
                       "        </form>"));
}

HttpReply xmlrpc_version(const json::object& version_info) {
    const auto text = [&](std::string_view key) { return as_text(version_info.at(key)); };
    const auto member = [](std::string_view name, const std::string& value) {
        return "<member>\n<name>" + std::string(name) + "</name>\n<value>" + value + "</value>\n</member>\n";
    };
    HttpReply reply;
    reply.content_type = "text/xml; charset=utf-8";
    reply.body = "<?xml version=\"1.0\"?>\n<methodResponse>\n<params>\n<param>\n<value><struct>\n" +
                 member("server_version", "<string>" + text("server_version") + "</string>") +
                 member("server_serie", "<string>" + text("server_serie") + "</string>") +
                 member("protocol_version", "<int>1</int>") +
                 "</struct></value>\n</param>\n</params>\n</methodResponse>\n";
    return reply;
}

HttpReply invalid_csrf() {
    return html(400, werkzeug_page("400 Bad Request", "Session expired (invalid CSRF token)"));
}

}  // namespace sluice::sim::pages
