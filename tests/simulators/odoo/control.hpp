#pragma once
// The control API, plain HTTP and JSON under /_sim/ (see README.md for the calls).

#include <functional>

#include "tests/simulators/odoo/environment.hpp"
#include "tests/simulators/odoo/faults.hpp"
#include "tests/simulators/odoo/http_message.hpp"
#include "tests/simulators/odoo/stats.hpp"

namespace sluice::sim {

struct ControlTargets {
    Database& database;
    Faults& faults;
    Stats& stats;
    std::function<void(bool)> set_listening;
};

bool is_control(const HttpRequest& request);
HttpReply control(const ControlTargets& targets, const HttpRequest& request);

}  // namespace sluice::sim
