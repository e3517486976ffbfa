#pragma once
// The JSON object that comes with an admin request.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/json/json.hpp"

namespace sluice::host {

/// Every member that may be there is asked for; problem() then says the first thing that is wrong: no object, a value
/// of another type, or a member nobody asked for. Getters answer nothing where the member is absent or wrong. One
/// thread.
class Body {
public:
    /// Of an admin request's texts: reasons and names.
    static constexpr std::size_t max_text_bytes = 2'000;

    /// "" is an object without members.
    explicit Body(const std::string& text);

    /// At most `max_bytes`, and not empty.
    std::optional<std::string> text(std::string_view name, std::size_t max_bytes = max_text_bytes);
    std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
    /// False where absent.
    bool flag(std::string_view name);
    /// The elements of an array; none where absent. Valid as long as this object.
    std::vector<json::Value> array(std::string_view name);
    /// A text that must be there. `what` is what for: "a discard".
    std::string needed_text(std::string_view name, std::string_view what);

    void wrong(std::string message);
    /// "" where all is right.
    std::string problem();

private:
    std::optional<json::Value> member(std::string_view name);

    std::optional<json::Document> document_;
    std::vector<std::string> known_;
    std::string problem_;
};

}  // namespace sluice::host
