#pragma once

// Tells from repeated observations whether a loop is blocked. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

namespace aio::app {

/// The result of one observation.
enum class blockage_news {
    none,   ///< nothing has changed
    begins, ///< one call has taken as long as the limit: to be reported
    over    ///< the loop turns again
};

class AIO_API blockage {
  public:
    /// `busy`: how long the call that runs now has taken so far; zero when the loop waits.
    blockage_news look(base::duration busy, base::duration limit) noexcept;

    /// How long the last blockage lasted, as far as it was seen.
    base::duration longest() const noexcept { return longest_; }

  private:
    bool reported_ = false;
    base::duration longest_{0};
};

} // namespace aio::app
