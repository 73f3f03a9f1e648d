#pragma once

// What the watchdog prints on standard error about blocked loops, and before it ends the process by
// force. Pure, except that it asks each watched_unit.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <functional>
#include <span>
#include <string>
#include <utility>

namespace aio::app {

/// A unit that has to end before the stop deadline, as seen from outside its loop.
struct watched_unit {
    std::string line;           ///< its line in the report, with a line end
    std::function<bool()> runs; ///< does not block

    watched_unit(std::string line_, std::function<bool()> runs_)
        : line(std::move(line_)), runs(std::move(runs_)) {}
};

struct busy_loop {
    std::string name;
    base::duration busy; ///< how long the call that runs now has taken

    busy_loop(std::string name_, base::duration busy_) : name(std::move(name_)), busy(busy_) {}
};

/// The stop deadline has passed: names the blocked loops, then `told`, the last words of the main
/// loop; without such words, the units that still run.
AIO_API std::string forced_end(
    std::span<const busy_loop> loops, const std::string& told, std::span<const watched_unit> units
);

/// A stop signal came during the preparation, which did not end in time. `told` is as above.
AIO_API std::string ended_in_preparation(const std::string& told);

/// A loop was found to be blocked.
AIO_API std::string
blocking_detected(const busy_loop& loop, base::duration limit, const std::string& stack);

/// A loop was asked for its tasks and has not answered.
AIO_API std::string no_answer(const busy_loop& loop, const std::string& stack);

} // namespace aio::app
