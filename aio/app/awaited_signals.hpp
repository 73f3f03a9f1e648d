#pragma once

// The signals that the watchdog takes: which they are, how all other threads leave them to it, and
// in which order it takes them.

#include <aio/base/api.hpp>

#include <chrono>
#include <csignal>

namespace aio::app {

/// Blocks the signals that a watchdog handles, in the calling thread and all threads it will start;
/// they wait until a watchdog takes them. SIGHUP and SIGINT that are ignored stay ignored: nohup,
/// and what a shell runs in the background. First thing of `aio run`. SIGPIPE is caught from now
/// on, so that a write fails with EPIPE; a program that is executed gets the default back.
AIO_API void block_process_signals();

/// Lets the same signals into the calling thread, so that the programs it starts do not inherit
/// them blocked. A signal that reaches the thread is passed on to the watchdog, which has to live.
/// It may interrupt a system call (EINTR) that is not restarted after a signal.
AIO_API void admit_process_signals() noexcept;

/// Sent to the watchdog's thread alone, to wake it.
AIO_API int wake_signal() noexcept;

/// SIGUSR1, SIGUSR2, the stop signals that were not ignored, and wake_signal().
sigset_t awaited_signals();

/// Takes these signals in the thread of the watchdog, where they are blocked. The object asks once
/// which of them are ignored.
class signal_intake {
  public:
    signal_intake();

    /// Waits for the next one, no longer than `longest`. A stop signal is taken first: the system
    /// would return the lowest number, so that a stream of other signals could hold up a stop.
    /// Returns its number, or -1 with errno: see base::can_wait_again().
    int next(std::chrono::steady_clock::duration longest) const noexcept;

  private:
    sigset_t all_;
    sigset_t first_;
};

} // namespace aio::app
