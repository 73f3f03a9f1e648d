#pragma once

// What the tree does next with one unit, decided without doing it: states and the tables between
// them. Private to service/.

#include <aio/base/api.hpp>

namespace aio::service {

enum class phase { down, starting, up, stopping };

/// How far the start or stop of a unit is past its time.
enum class overrun {
    none,
    late,      ///< the start was cancelled because start_timeout was over
    cancelled, ///< the start or stop was cancelled
    hung       ///< it did not end after that: nothing waits for the unit any longer
};

/// How the life of a unit has ended, or will end, without a restart.
enum class fate {
    open,
    ends_when_up, ///< the unit said that it has ended while it was starting
    finished,     ///< it has ended by itself
    given_up      ///< it has crashed for good
};

/// What the next successful start of a unit is.
enum class turn {
    first,
    again,
    in_place ///< the first start of a replacement, in the place of the unit that crashed
};

/// What a unit has of what prepare() or start() takes.
enum class holding {
    nothing, ///< it waits to replace another unit, and has taken nothing
    taken,
    kept ///< taken, and kept over a stop because a restart is to come
};

/// What a stop has to end.
enum class extent {
    nothing,      ///< the start was given up before the unit was told, and is to come again
    untold,       ///< as `nothing`, but no start is to come: what the unit holds is given back
    holding_only, ///< the unit is down; what it has kept is given back
    all
};

enum class step { none, start, cancel_start, stop };

/// The next step of a unit, to be taken once no neighbour holds it back. `keeps_in_vain`: it is
/// down and has kept what prepare() took, but no restart will come.
AIO_API step next_step(phase current, bool wanted, bool keeps_in_vain) noexcept;

/// What happens when the time for a start or a stop is over.
enum class expiry {
    cancel_start,
    cancel_stop,
    stop_waiting,    ///< it is hung
    leave_unfinished ///< the stop of the tree ends without it
};

/// In a stop of the tree, a start was cancelled when the stop began.
AIO_API expiry on_expiry(phase current, overrun so_far, bool tree_stops) noexcept;

/// The stage of a tree in its own life.
enum class course {
    made,
    begun,
    finished, ///< all units that end by themselves have ended, and that was told
    stopping
};

/// The worst that has happened to a unit of the tree.
enum class harm {
    none,
    lost,    ///< one was forfeited, or crashed in the stop without a restart to come
    given_up ///< one was given up: the app stops
};

} // namespace aio::service
