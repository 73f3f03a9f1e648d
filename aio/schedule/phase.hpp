#pragma once

// The life of a schedule, as a table. Private to schedule/.

#include <cstdint>

namespace aio::schedule {

enum class phase : std::uint8_t {
    resting, ///< not started, or ended, and no run is at work
    active,  ///< runs begin when they are due
    ending,  ///< it has ended by itself; the app is told when no run is left
    stopping ///< it was told to stop, or has crashed; the last runs are at work
};

enum class change {
    started,
    ended_by_itself,
    intake_ended, ///< no run begins any more; what else comes is not known yet
    told_to_stop,
    crashed,
    last_run_ended
};

constexpr phase after(phase now, change what) noexcept {
    switch (what) {
    case change::started:
        return phase::active;
    case change::ended_by_itself:
        return now == phase::active ? phase::ending : now;
    case change::intake_ended:
        return now == phase::active ? phase::stopping : now;
    case change::told_to_stop:
    case change::crashed:
        return now == phase::resting ? now : phase::stopping;
    case change::last_run_ended:
        return now == phase::active ? now : phase::resting;
    }
    return now;
}

} // namespace aio::schedule
