#pragma once
// What a delivery would do to other systems, as a dry run writes it down.

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::host {

/// One field of one record, as it is and as it would be. Values are JSON; "" is not there.
struct Difference {
    std::string record;  ///< "sale.order 12 (S00012)", "new sale.order __sluice__.shop_order_1"
    std::string field;   ///< "" is the record itself
    std::string now, then;
    bool operator==(const Difference&) const = default;
};

/// A call that would change something.
struct PlannedCall {
    bool to_odoo = true;
    std::string model, method;  ///< of Odoo; or "" and the HTTP method
    std::string args, kwargs;   ///< of Odoo: a JSON array and a JSON object
    std::string url, body;      ///< of HTTP; the URL without its query
    /// It comes after another one, whose answer was made up.
    bool assumed = false;
    std::vector<Difference> differences;
    std::vector<std::string> notes;  ///< what could not be told of it, and why
};

/// An id that was made up for a record that a planned call would create.
struct MadeUpId {
    std::int64_t id = 0;
    std::string record;
};

/// Everything a dry run has kept from happening, in order; shared by its ways to Odoo and to the web.
struct Plan {
    std::vector<PlannedCall> calls;
    std::vector<MadeUpId> made_up;
    int reads = 0;                ///< calls that went through
    std::string stopped_because;  ///< "": it did not stop; else nothing goes through any more

    void stop(std::string why) {
        if (stopped_because.empty()) stopped_because = std::move(why);
    }
};

}  // namespace sluice::host
