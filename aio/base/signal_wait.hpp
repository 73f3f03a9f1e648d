#pragma once

// Waiting for signals where the system may refuse it, as a filter of system calls does.

#include <aio/base/api.hpp>

namespace aio::base {

/// Tries a wait for signals that ends at once. Throws std::system_error with the reason when the
/// system refuses it: a loop around such a wait would spin and hear no signal.
AIO_API void require_signal_wait();

/// Whether a wait for a signal that failed with `error` can be repeated: it was interrupted, or
/// its time has passed.
AIO_API bool can_wait_again(int error) noexcept;

} // namespace aio::base
