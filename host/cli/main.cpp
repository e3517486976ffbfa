#include "core/base/crash_point.hpp"
#include "host/cli/command_line.hpp"

int main(int argc, char** argv) {
    sluice::arm_crash_points_from_environment();
    return sluice::host::run_command_line(argc, argv);
}
