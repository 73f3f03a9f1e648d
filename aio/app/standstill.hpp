#pragma once

// An app in which every unit waits for another one, so that nothing will ever happen: what is said
// then. Pure.

#include <aio/async/node.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <span>
#include <string>
#include <vector>

namespace aio::app {

/// A unit that runs, as the search for a standstill sees it.
struct running_unit {
    std::string name;                     ///< "bean/greet"
    bool acts_by_itself = false;          ///< by the clock, for clients, as a process of its own
    std::vector<async::task_info> tasks;  ///< its own and those of its children
    std::vector<std::string> listens_for; ///< names of signals

    running_unit() = default;
};

/// What waits for whom, a line each, when no unit can go on: each task has waited for another part
/// of the app for at least `since`. Empty when something may still happen.
AIO_API std::string standstill_text(std::span<const running_unit> units, base::duration since);

} // namespace aio::app
