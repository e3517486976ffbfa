#pragma once
// The function table every plugin of this process is given.

#include <sluice/plugin.h>

namespace sluice::host {

/// Static, immutable. Its functions are noexcept and take any pointer a confused plugin may pass but a dangling one.
const sluice_host& host_table();

}  // namespace sluice::host
