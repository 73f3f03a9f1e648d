#pragma once

// The stop signals of a process that runs one command and is no server. Unlike the watchdog's they
// are caught, not blocked: a program that the command starts (std::system, a pipe) does not inherit
// that, and Ctrl-C ends it.

#include <aio/base/api.hpp>
#include <aio/base/units.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace aio::app {

/// While it lives, the first stop signal calls a function. A second one, more than a moment later,
/// ends the process with 128+n. The deadline, counted from the first, ends it with 70. A thread of
/// its own does all this, so code that blocks does not delay it. At most one in a process.
class AIO_API interruption {
  public:
    /// `stop` is called once, on that thread. `command` is named when the deadline passes.
    /// `before_force` is called there before an end by force: it waits for a moment at most.
    interruption(
        std::string command,
        std::function<void()> stop,
        std::optional<base::duration> stop_within,
        std::function<void()> before_force
    );
    /// Restores the former actions of the signals.
    ~interruption();
    interruption(const interruption&) = delete;
    interruption& operator=(const interruption&) = delete;

    /// The number of the first stop signal; 0: none has come.
    int signal() const noexcept;

  private:
    struct state;
    std::unique_ptr<state> state_;
};

} // namespace aio::app
