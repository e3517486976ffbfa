// odoo-simulator: the simulator as a program of its own, for demonstrations and end-to-end tests.
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "tests/simulators/odoo/simulator.hpp"

int main(int argc, char** argv) {
    CLI::App app{"A simulator of Odoo's RPC server"};
    sluice::sim::SimulatorOptions options;
    std::string seed_file;
    app.add_option("--port", options.port, "Port on 127.0.0.1, 0 for any free one");
    app.add_option("--control-port", options.control_port, "Second port for /_sim/, 0 for any free one");
    app.add_option("--version", options.version, "Odoo's version")->check(CLI::IsMember({16, 17, 18, 19}));
    app.add_option("--database", options.database, "Name of the database");
    app.add_option("--store", options.store_path, "File that keeps the records across restarts");
    app.add_option("--seed", seed_file, "JSON file of records to add at the start")->check(CLI::ExistingFile);
    app.add_flag("--keep-alive", options.keep_alive, "Keep connections open, as behind a reverse proxy");
    app.add_flag("--several-databases", options.several_databases, "Bind a cookie to a database by a redirect first");
    CLI11_PARSE(app, argc, argv);

    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    std::signal(SIGPIPE, SIG_IGN);  // NOLINT: a client that went away is no reason to end
    try {
        if (!seed_file.empty()) {
            std::ifstream in(seed_file);
            std::ostringstream text;
            text << in.rdbuf();
            options.seed = text.str();
        }
        const sluice::sim::OdooSimulator simulator(options);
        std::cout << "listening on 127.0.0.1:" << simulator.port() << std::endl;
        std::cerr << "control on 127.0.0.1:" << simulator.control_port() << std::endl;
        int signal = 0;
        sigwait(&ends, &signal);
    } catch (const std::exception& error) {
        std::cerr << "odoo-simulator: " << error.what() << std::endl;
        return 1;
    }
    return 0;
}
