#pragma once

// Input that is at its end and output that goes nowhere, also where there is no /dev/null: a small
// container may have no /dev.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

namespace aio::base {

/// /dev/null, or the end of a pipe that nobody writes to. Closed in programs that are executed.
/// None: errno says why.
AIO_API descriptor no_input() noexcept;

/// /dev/null, or the end of a pipe that nobody reads: a write to it fails with EPIPE. Closed in
/// programs that are executed. None: errno says why.
AIO_API descriptor no_output() noexcept;

/// A descriptor to which each write fails with EBADF, as if it were closed. Closed in programs that
/// are executed. None: errno says why.
AIO_API descriptor refused_output() noexcept;

/// Whether the descriptor is one of refused_output(): it stands for one that is closed.
AIO_API bool is_refused_output(int output) noexcept;

/// Whether nobody ever sees what is written to the descriptor: it is closed, /dev/null, a file
/// without a name, or a pipe without a reader.
AIO_API bool leads_nowhere(int output) noexcept;

} // namespace aio::base
