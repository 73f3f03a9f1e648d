#pragma once

// When the watchdog has to act, apart from its observation of the loops. Pure: the caller passes
// the time.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <chrono>
#include <optional>

namespace aio::app {

/// When the watchdog ends the process by force, counted from the begin of a stop that may take
/// `stop_timeout`: a moment after the orderly stop had to be over. Nothing: never.
AIO_API std::optional<base::duration> force_after(std::optional<base::duration> stop_timeout
) noexcept;

/// A deadline beyond the end of the clock is never reached.
class AIO_API deadlines {
  public:
    using time_point = async::time_point;

    /// How long the preparation may still take after a stop signal.
    static constexpr std::chrono::seconds preparation_patience{1};

    enum class reached {
        nothing,
        stop,       ///< the time for the stop is over
        preparation ///< told to stop while nothing had started; that preparation takes too long
    };

    /// The stop has to be over once `within` has passed. Only the first call counts.
    void arm(time_point now, base::duration within) noexcept;

    /// The stop has to be over once `within` has passed, or before.
    void shorten(time_point now, base::duration within) noexcept;

    bool armed() const noexcept { return stop_.has_value(); }

    void told_to_stop(time_point now) noexcept;
    /// Between these two calls a stop signal limits the preparation, also one that came before.
    void preparation_begins(time_point now) noexcept;
    void preparation_ends() noexcept;

    /// The loops that have not answered by `when` are to be named. An earlier moment stays: once it
    /// has come, the latest one is next.
    void await_answers(time_point when) noexcept { (answers_ ? later_answers_ : answers_) = when; }

    /// Whether that moment has come. True once for each moment that stays.
    bool answers_due(time_point now) noexcept;

    reached look(time_point now) const noexcept;
    /// How long nothing is due; `longest` at most.
    base::duration left(time_point now, base::duration longest) const noexcept;

  private:
    using moment = std::optional<time_point>;

    static bool due(const moment& when, time_point now) noexcept { return when && now >= *when; }

    void limit_preparation(time_point now) noexcept;

    bool told_ = false;      ///< to stop
    bool preparing_ = false; ///< nothing has started yet
    moment stop_, preparation_, answers_, later_answers_;
};

} // namespace aio::app
