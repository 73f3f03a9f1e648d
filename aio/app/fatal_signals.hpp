#pragma once

// SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT: what happened, where and for whom is said on
// standard error before the default action ends the process, with its core and its status.

#include <aio/app/crash.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/api.hpp>

#include <pthread.h>

#include <optional>

namespace aio::app {

/// Handles the fatal signals while it lives; one at a time in a process. A signal that somebody
/// handles already stays theirs. Under a sanitizer it handles none, unless ASAN_OPTIONS leaves them
/// to the program (handle_segv=0).
class AIO_API fatal_signals {
  public:
    /// Constructed and destroyed on the same thread. Other threads that run user code want an
    /// alternate_stack of their own.
    fatal_signals();
    fatal_signals(const fatal_signals&) = delete;
    fatal_signals& operator=(const fatal_signals&) = delete;
    ~fatal_signals();

    using last_act = void (*)(const void* context) noexcept;

    /// Called in the handler after the report: writes out what would be lost. Async-signal-safe.
    /// The last call counts; nullptr: nothing. From any thread.
    static void at_last(last_act call, const void* context) noexcept;

  private:
    std::optional<base::alternate_stack> stack_;
};

/// A thread that makes the report of a crash, with function names, while the one that crashed
/// stands still. Without one, or when it does not answer, the crashed thread says what it can.
class AIO_API crash_reporter {
  public:
    /// From now on `thread` gets `wake_up` when there is a crash, and calls serve().
    crash_reporter(pthread_t thread, int wake_up);
    crash_reporter(const crash_reporter&) = delete;
    crash_reporter& operator=(const crash_reporter&) = delete;
    ~crash_reporter();

    /// The crash that waits for its report; nullptr when there is none.
    static const crash* pending() noexcept;
    /// The report is made: the crashed thread goes on, to its end.
    static void done() noexcept;
};

} // namespace aio::app
