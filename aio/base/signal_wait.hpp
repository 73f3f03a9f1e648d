#pragma once

// Signals to threads, and the wait for them, where the system may refuse it, as a filter of system
// calls does.

#include <aio/base/api.hpp>

#include <pthread.h>

namespace aio::base {

/// Tries a wait for signals that ends at once. Throws std::system_error with the reason when the
/// system refuses it: a loop around such a wait would spin and hear no signal.
AIO_API void require_signal_wait();

/// Whether a wait for a signal that failed with `error` can be repeated: it was interrupted, or
/// its time has passed.
AIO_API bool can_wait_again(int error) noexcept;

/// Sends a signal to a thread of this process by the first system call that the system permits.
/// Returns 0 or an errno. Async-signal-safe.
AIO_API int signal_thread(pthread_t thread, int signal) noexcept;

/// Tries signal_thread() without a signal. Throws std::system_error with the reason when the system
/// refuses it: a thread that waits for signals could not be woken.
AIO_API void require_thread_signal();

} // namespace aio::base
