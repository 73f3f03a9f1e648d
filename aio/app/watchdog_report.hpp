#pragma once

// What the watchdog says on standard error: of blocked loops, and before it ends the process by
// force. Pure, but for what a watched_unit is asked.

#include <aio/app/watchdog.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <span>
#include <string>

namespace aio::app {

struct busy_loop {
    std::string name;
    base::duration busy; ///< for how long it has been in one call

    busy_loop(std::string name_, base::duration busy_) : name(std::move(name_)), busy(busy_) {}
};

/// The stop deadline has passed: which loops are blocked, then `told`, what the main loop said
/// last; of an app that came to say nothing, which of `units` still run.
AIO_API std::string forced_end(
    std::span<const busy_loop> loops, const std::string& told, std::span<const watched_unit> units
);

/// A loop was found to be blocked.
AIO_API std::string
blocking_detected(const busy_loop& which, base::duration limit, const std::string& stack);

/// The tasks of a loop cannot be listed.
AIO_API std::string no_answer(const busy_loop& which, const std::string& stack);

} // namespace aio::app
