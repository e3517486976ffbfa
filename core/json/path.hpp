#pragma once
// A JSON Pointer that is followed often: split once.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.hpp"

namespace sluice::json {

/// A token of an RFC 6901 pointer as the name it stands for: "~1" is "/", "~0" is "~".
std::string unescape_token(std::string_view token);

/// RFC 6901; as Value::at_pointer follows it. One that does not start with "/" leads nowhere. Immutable, any thread.
class Path {
public:
    Path() = default;
    explicit Path(std::string_view pointer);

    std::optional<Value> follow(Value from) const {
        if (!leads_somewhere_) return std::nullopt;
        for (const Step& step : steps_) {
            if (from.kind() == Kind::object) {
                const auto member = from.find(step.name);
                if (!member) return std::nullopt;
                from = *member;
            } else if (step.index < from.size()) {
                from = from.at(step.index);
            } else {
                return std::nullopt;
            }
        }
        return from;
    }

private:
    struct Step {
        Name name;
        std::size_t index;  ///< in an array; one that is no index is beyond any
    };
    std::vector<Step> steps_;
    bool leads_somewhere_ = true;
};

}  // namespace sluice::json
