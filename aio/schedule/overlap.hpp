#pragma once

// A run is due while another one is running: what to do.

#include <aio/base/api.hpp>
#include <aio/schedule/spec.hpp>

#include <cstddef>

namespace aio::schedule {

enum class due_action {
    start,
    skip,
    wait,    ///< start it when the running one has ended; one that waits already is replaced
    replace, ///< the same, and cancel the running one
};

/// With `running` runs at work and perhaps one waiting.
AIO_API due_action on_due(const spec& of, std::size_t running, bool waiting) noexcept;

} // namespace aio::schedule
