#pragma once

// The pauses between attempts at the same thing, each longer than the one before: restarts of a
// unit, connections of a client. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <cstddef>
#include <random>

namespace aio::resilience {

/// `first`, doubled so many `times`; `most` at most.
AIO_API base::duration
doubled(base::duration first, std::size_t times, base::duration most) noexcept;

/// Drawn between half of `whole` and all of it: those that failed together do not come back at the
/// same moment.
AIO_API base::duration drawn(base::duration whole, std::minstd_rand& chance);

/// Drawn between nothing and all of `whole`.
AIO_API base::duration spread(base::duration whole, std::minstd_rand& chance);

/// The attempts of one thing in a row. The first pause is `first`, and each one doubles, up to
/// `most`; all are drawn.
class AIO_API backoff_row {
  public:
    /// What was tried has lasted for `time`. Begins anew when that is at least `steady`, and at
    /// least the last pause: something that fails for good after each long pause does not begin
    /// anew. Returns whether it does.
    bool lasted(base::duration time, base::duration steady) noexcept;

    /// The pause before the next attempt.
    base::duration next(base::duration first, base::duration most, std::minstd_rand& chance);

    /// Counts a pause that was chosen in another way.
    base::duration take(base::duration pause) noexcept;

    /// Since it began anew.
    std::size_t attempts() const noexcept { return attempts_; }

  private:
    std::size_t attempts_ = 0;
    base::duration pause_{0}; ///< the last one, as drawn
};

} // namespace aio::resilience
