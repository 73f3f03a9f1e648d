#pragma once

// Detects an app in which every unit waits for another one, so that nothing will ever happen. Pure.

#include <aio/async/task_node.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <span>
#include <string>
#include <utility>
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

/// The pauses between two searches. Once everything has started, each is twice the one before, so
/// that an idle process stays idle. Until then they are short: after a long start, the first search
/// comes soon.
class search_pauses {
  public:
    explicit search_pauses(base::duration shortest) noexcept : pause_(shortest) {}

    /// The pause before the next search.
    base::duration next(bool everything_started) noexcept {
        return std::exchange(pause_, everything_started ? pause_ * 2 : pause_);
    }

  private:
    base::duration pause_;
};

/// Gives each task to the unit that owns it: the nearest one along the path of the owner. Returns
/// the tasks that no unit owns. Takes time for each task, not for each task and unit.
AIO_API std::vector<async::task_info>
add_tasks(std::span<running_unit> units, std::vector<async::task_info> tasks);

/// One line for each unit and what it waits for, when nothing can go on: every task of the units
/// and of `others`, such as a listener, has waited for another part of the app for at least
/// `since`. Tasks of aio itself in `others` do not count. Empty when something may still happen.
AIO_API std::string standstill_text(
    std::span<const running_unit> units,
    base::duration since,
    std::span<const async::task_info> others = {}
);

} // namespace aio::app
