#pragma once

// What to do when a run is due while another one is running.

#include <aio/base/api.hpp>
#include <aio/schedule/spec.hpp>

#include <cstddef>

namespace aio::schedule {

enum class due_action {
    start,
    skip,
    wait,    ///< start it when the running one has ended
    replace, ///< cancel the running one, and start it when that has ended; it replaces one that
             ///< waits
};

/// `running` runs are at work, and one more may be waiting.
AIO_API due_action on_due(const spec& section, std::size_t running, bool waiting) noexcept;

} // namespace aio::schedule
