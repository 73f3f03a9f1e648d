#pragma once

// SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT: prints the signal, the thread, the loop, the task
// and the stack on standard error. Then the default action ends the process, so its core file and
// status stay as usual.

#include <aio/app/crash.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/api.hpp>

#include <pthread.h>

#include <optional>

namespace aio::app {

/// Handles the fatal signals while it lives. At most one in a process. A signal that already has a
/// handler keeps it. Under a sanitizer it handles none, unless ASAN_OPTIONS leaves them to the
/// program (handle_segv=0).
class AIO_API fatal_signals {
  public:
    /// Constructed and destroyed on the same thread. Other threads that run user code need an
    /// alternate_stack of their own.
    fatal_signals();
    fatal_signals(const fatal_signals&) = delete;
    fatal_signals& operator=(const fatal_signals&) = delete;
    ~fatal_signals();

    using last_act = void (*)(const void* context) noexcept;

    /// `call` is called in the handler after the report, to write out data that would be lost. It
    /// has to be async-signal-safe. A later call replaces it; nullptr removes it. From any thread.
    static void at_last(last_act call, const void* context) noexcept;

  private:
    std::optional<base::alternate_stack> stack_;
};

/// A thread that reports crashes with function names while the crashed thread waits. Without a
/// reporter, or when it does not answer, the crashed thread prints a shorter report itself.
class AIO_API crash_reporter {
  public:
    /// From now on a crash sends `wake_up` to `thread`, which then reports pending() and calls
    /// done().
    crash_reporter(pthread_t thread, int wake_up);
    crash_reporter(const crash_reporter&) = delete;
    crash_reporter& operator=(const crash_reporter&) = delete;
    ~crash_reporter();

    /// The crash that waits to be reported; nullptr when there is none.
    static const crash* pending() noexcept;
    /// Says that the report is made. The crashed thread then ends the process.
    static void done() noexcept;
};

} // namespace aio::app
