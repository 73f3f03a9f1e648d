#pragma once

// Whether a loop is blocked, look by look. Pure.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

namespace aio::app {

/// What a look has found.
enum class blockage_news {
    none,   ///< as before
    begins, ///< it has been in one call for as long as the limit: to be reported
    over    ///< it turns again
};

class AIO_API blockage {
  public:
    /// `busy`: for how long it has been in the call it is in; zero when it waits.
    blockage_news look(base::duration busy, base::duration limit) noexcept;

    /// As far as it was seen: how long the last one lasted.
    base::duration longest() const noexcept { return longest_; }

  private:
    bool reported_ = false;
    base::duration longest_{0};
};

} // namespace aio::app
