#pragma once

// Decides what happens after a crash, from the spec of the supervisor and the times of the earlier
// restarts. Modelled on the supervisors of Erlang/OTP (strategies, intensity) and mode (forfeit).
// Nothing here waits.

#include <aio/base/api.hpp>
#include <aio/base/diagnostic.hpp>
#include <aio/base/units.hpp>
#include <aio/resilience/backoff.hpp>

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace aio::service {

enum class strategy {
    one_for_one,  ///< the one that crashed starts again
    one_for_all,  ///< all stop, in reverse, and start again
    rest_for_one, ///< it and those that start after it
    forfeit_one,  ///< it stays stopped
    forfeit_all   ///< all stop and stay stopped
};

/// [supervisor/NAME]
struct supervisor_spec {
    std::string name;
    base::location where;
    aio::service::strategy strategy = aio::service::strategy::one_for_one;
    std::size_t max_restarts = 5; ///< within `over`; one more and it gives up
    base::duration over = std::chrono::seconds(10);
    /// Belongs to the unit that crashed. It doubles with each restart of that unit in a row, and
    /// begins anew when the unit has been up for `over`, or for its last back-off when that is
    /// longer. The delay is drawn between half of it and all of it.
    base::duration backoff = std::chrono::milliseconds(100);
    base::duration backoff_max = std::chrono::seconds(30);
    std::string replacement; ///< the section that takes a crashed unit's place; empty: none
    base::location replacement_where;
    base::location limits_where; ///< of `over`, `max_restarts` or `backoff`, whichever is written
    std::string supervisor;      ///< its own; empty: the app
    base::location supervisor_where;

    supervisor_spec() = default;
};

/// What to do about a crash.
struct verdict {
    enum class kind {
        restart,
        forfeit, ///< stop `members` for good
        give_up  ///< the supervisor itself has crashed
    };
    kind action = kind::give_up;
    std::vector<std::size_t> members; ///< among the supervisor's members, in start order
    base::duration after{0};          ///< the back-off, counted from the crash
    bool replace = false;             ///< the replacement starts in place of the one that crashed
    std::size_t count = 0;            ///< of the restarts in the window, this one included

    verdict() = default;
};

/// The crash of a unit that restarts its parts itself, and has done so as often as its supervisor
/// allows. It counts as if the supervisor had given up: the one above decides.
struct AIO_API restarts_used_up : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The restarts of one supervisor, newest last. Restarts older than `over` do not count. A restart
/// counts when it happens, after its back-off. The window belongs to the supervisor, the back-off
/// to the member that crashed: a first crash does not wait for others.
class AIO_API restart_window {
  public:
    /// The verdict about a crash of member `which` of `members`, in start order, at the time `now`
    /// (counted from any moment). `up` is how long it had been up; nothing: since its restart.
    verdict on_crash(
        const supervisor_spec& spec,
        std::size_t which,
        std::size_t of_many,
        base::duration now,
        std::minstd_rand& jitter,
        std::optional<base::duration> up = std::nullopt
    );

    /// Forgets the restarts, when the supervisor itself was restarted. A replacement keeps its
    /// place.
    void clear() noexcept {
        restarts_.clear();
        rows_.clear();
    }

  private:
    /// The restarts of one member in a row.
    struct row {
        resilience::backoff_row attempts;
        base::duration last{0}; ///< when it was restarted
    };

    std::deque<base::duration> restarts_;
    std::vector<row> rows_; ///< by member
    bool replaced_ = false;
};

/// The highest `max_restarts` with which a supervisor of `members` units can ever give up: more
/// restarts do not fit into `over`, even with the shortest back-offs.
AIO_API std::size_t most_restarts(const supervisor_spec& spec, std::size_t of_many) noexcept;

/// The shortest `over` in which one member alone uses up `max_restarts`, even with the longest
/// back-offs.
AIO_API base::duration least_window(const supervisor_spec& spec) noexcept;

AIO_API std::string_view name(strategy value) noexcept;

/// Whether the strategy restarts nothing.
AIO_API bool forfeits(strategy value) noexcept;

} // namespace aio::service
