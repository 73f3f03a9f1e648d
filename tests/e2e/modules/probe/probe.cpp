#include "probe.hpp"

#include <cstdlib>

AIO_MODULE(probe) {
    if (std::getenv("PROBE_LOUD"))
        probe::say("probe is loaded");
    if (std::getenv("PROBE_CRASHES"))
        std::abort();
    probe::add_beans(module);
    probe::add_clients(module);
    probe::add_commands(module);
    probe::add_ends(module);
    probe::add_exits(module);
    probe::add_listeners(module);
    probe::add_mistakes(module);
    probe::add_schedules(module);
    probe::add_servers(module);
    probe::add_services(module);
    probe::add_simulated(module);
    probe::add_troubles(module);
    probe::add_wired(module);
}
