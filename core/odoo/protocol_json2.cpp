#include "core/base/text.hpp"
#include "core/odoo/argument_names.hpp"
#include "core/odoo/errors.hpp"
#include "core/odoo/protocol.hpp"

namespace sluice::odoo {
namespace {

class Json2 final : public Protocol {
public:
    explicit Json2(const Account& account) : account_(account) {}

    /// The header binds the call to the database.
    std::optional<http::Request> cookie_page() const override { return std::nullopt; }

    /// There is none: each call carries the key. This asks whose it is, which also tells whether it is good.
    http::Request login(std::int64_t) const override { return post("res.users", "context_get", "{}"); }

    Result<Grant> read_login(const http::Response&, const json::Value& result) const override {
        const auto uid = result.find("uid");
        if (!uid || !uid->as_int64() || *uid->as_int64() <= 0) return std::unexpected(refused_login(account_));
        return Grant{.uid = *uid->as_int64(), .session_id = {}};
    }

    /// A database that is not there and one that cannot be reached now are answered with the same page (FACTS 4).
    /// /jsonrpc tells them apart.
    std::optional<http::Request> second_opinion(std::int64_t id) const override {
        return make_jsonrpc(account_)->login(id);
    }

    Result<http::Request> call(std::int64_t, const Grant&, const wire::Call& call) const override {
        auto body = wire::name_arguments(call);
        if (!body) return std::unexpected(body.error());
        return post(call.model, call.method, std::move(*body));
    }

    wire::Decoded decode(const http::Response& response, std::int64_t, const wire::Call* call) const override {
        auto decoded = wire::decode_bare_answer(response);
        if (decoded.result && call != nullptr && wire::creates_one(*call)) {
            const auto ids = decoded.result->root();
            if (ids.kind() == json::Kind::array && ids.size() == 1) {
                decoded.result = json::Document::parse(ids.at(0).raw());
            }
        }
        return decoded;
    }

    /// There is none: each call carries the secret.
    bool is_session_gone(const http::Response&, std::string_view) const override { return false; }

private:
    http::Request post(std::string_view model, std::string_view method, std::string body) const {
        http::Request request{
            .method = "POST",
            .target = "/json/2/" + wire::encode_query_value(model) + "/" + wire::encode_query_value(method),
            .headers = {},
            .body = std::move(body),
            .timeouts = {}};
        request.headers.emplace_back("Content-Type", "application/json");
        request.headers.emplace_back("Authorization", "bearer " + std::string(account_.api_key.reveal()));
        request.headers.emplace_back("X-Odoo-Database", account_.database);
        return request;
    }

    const Account& account_;
};

}  // namespace

std::unique_ptr<Protocol> make_json2(const Account& account) {
    return std::make_unique<Json2>(account);
}

}  // namespace sluice::odoo
