#pragma once
// Shopify's Admin API, one request at a time: GraphQL (https://shopify.dev/docs/api/admin-graphql), and REST to list.

#include <sluice/plugin.hpp>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace shopify {

/// One delivery's way to a shop. HTTP 200 is no success here: the body decides.
class Admin {
public:
    Admin(sluice::Delivery& delivery, const Settings& settings) : delivery_(delivery), settings_(settings) {}

    /// The `data` of a query. Throws RateLimited (throttled: with the time its cost needs), Rejected (a document or a
    /// right that is wrong), Retry for everything else: a query changes nothing.
    json::object query(std::string_view document, json::object variables);
    /// The root field of a mutation's `data`. Throws as query(), and Unknown where it may have been carried out. The
    /// root's `userErrors` are the caller's to read.
    json::object mutate(std::string_view root, std::string_view document, json::object variables);
    /// An answer of the REST API, which is legacy and still the one whose orders are those that webhooks carry. `path`
    /// with its query: "orders.json?status=any". Throws as http() does.
    sluice::HttpReply get(std::string_view path);

private:
    std::string url_of(std::string_view path) const;
    json::object send(std::string_view document, json::object variables);

    sluice::Delivery& delivery_;
    const Settings& settings_;
};

/// "CODE: message (field)" of each of a mutation's user errors; "" where there are none.
std::string user_errors(const json::object& root);
/// Whether one of them has this code.
bool has_user_error(const json::object& root, std::string_view code);
/// Throws Rejected with all of them where there are any. `what` says what was asked for.
void refuse_user_errors(const json::object& root, std::string_view what);

/// The nodes of a connection. Throws Rejected where there are more than were asked for: `what` names them.
const json::array& nodes_of(const json::object& owner, std::string_view connection, std::string_view what);

}  // namespace shopify
