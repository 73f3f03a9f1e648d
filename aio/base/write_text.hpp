#pragma once

// Writes text to a descriptor that may be full, closed, or a pipe without a reader.

#include <aio/base/api.hpp>

#include <signal.h>

#include <chrono>
#include <cstddef>
#include <string_view>

namespace aio::base {

/// What became of a text.
struct written {
    std::size_t bytes = 0;
    int error = 0; ///< 0: all bytes were written; otherwise an errno
};

/// A patience without an end: waits until the reader takes the text, or until there is none.
inline constexpr std::chrono::milliseconds no_limit{-1};

/// Writes in pieces that a ready pipe takes without blocking, and waits up to `patience` before
/// each one. With no_limit, each write may block and takes all that is left. EAGAIN: the reader did
/// not take it in time. EPIPE: there is no reader; no SIGPIPE is left behind. Never throws. Uses
/// system calls only: async-signal-safe.
AIO_API written
write_text(int fd, std::string_view text, std::chrono::milliseconds patience) noexcept;

/// While it lives, a write to a pipe without a reader is EPIPE for this thread and nothing else:
/// SIGPIPE is blocked, and one that comes is taken.
class AIO_API no_pipe_signal {
  public:
    no_pipe_signal() noexcept;
    no_pipe_signal(const no_pipe_signal&) = delete;
    no_pipe_signal& operator=(const no_pipe_signal&) = delete;
    ~no_pipe_signal();

  private:
    sigset_t before_{};
    bool active_ = false; ///< no SIGPIPE was pending before, so one that comes is ours
};

} // namespace aio::base
