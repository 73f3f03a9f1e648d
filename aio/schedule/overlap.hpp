#pragma once

// A run is due while another one is running: what to do, and whether to say so.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>
#include <aio/schedule/spec.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>

namespace aio::schedule {

enum class due_action {
    start,
    skip,
    wait,    ///< start it when the running one has ended; one that waits already is replaced
    replace, ///< the same, and cancel the running one
};

/// With `running` runs at work and perhaps one waiting.
AIO_API due_action on_due(const spec& of, std::size_t running, bool waiting) noexcept;

/// At most one warning a minute; counts what it left out.
class AIO_API overlap_warning {
  public:
    /// How many overlaps went unmentioned since the last warning; nothing: say nothing now.
    std::optional<std::uint64_t> note(base::duration now) noexcept;

  private:
    std::optional<base::duration> last_;
    std::uint64_t silent_ = 0;
};

} // namespace aio::schedule
