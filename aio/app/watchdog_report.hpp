#pragma once

// What the watchdog says on standard error: of blocked loops, and before it ends the process by
// force. Pure, but for what a watched_unit is asked.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <functional>
#include <span>
#include <string>
#include <utility>

namespace aio::app {

/// Something that is to end before the stop deadline, as it is seen from outside its loop.
struct watched_unit {
    std::string line;           ///< what is said of it, with its line end
    std::function<bool()> runs; ///< waits for nothing

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
