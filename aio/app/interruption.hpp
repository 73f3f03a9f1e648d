#pragma once

// The stop signals of a process that runs one command and is no server. Unlike the watchdog's they
// are caught, not blocked: what the command starts (std::system, a pipe) has them as ever, and
// Ctrl-C ends it.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace aio::app {

/// While it lives, the first stop signal is told to somebody; a second one, more than a moment
/// later, ends the process with 128+n, and the deadline, counted from the first, with 70. A thread
/// of its own does it, so code that blocks does not hinder it. One in a process.
class AIO_API interruption {
  public:
    /// `stop` is called once, on the thread: it posts. `who` is named when the deadline passes.
    interruption(
        std::string who, std::function<void()> stop, std::optional<base::duration> stop_within
    );
    /// Signals are what they were before.
    ~interruption();
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;

    /// The first one's number; 0: there was none.
    int signal() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::app
