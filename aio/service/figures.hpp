#pragma once

// The counts of an app, as runtime::statistics() gives them.

#include <aio/service/unit.hpp>
#include <aio/signal/statistics.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace aio::service {

/// The counts of one section, or of a child of one.
struct unit_figures {
    std::string name; ///< "service/app", of a child the way to it: "service/app/web"
    /// A child crashes with its section, whose crashes are counted there.
    std::uint64_t starts = 0, crashes = 0, restarts = 0;
    std::vector<statistic> own; ///< what it counts itself: runs, connections, bytes, …
    bool answered = true;       ///< its loop, in time; else `own` is empty

    unit_figures() = default;
};

struct figures {
    std::vector<unit_figures> units; ///< in start order, each followed by its children
    std::vector<signal::signal_statistics> signals; ///< of the bus, by name
    std::size_t calls_waiting = 0;                  ///< for one of the worker threads

    figures() = default;
};

} // namespace aio::service
