#pragma once

// Writes out what log handlers have collected when the process ends out of order: it crashes, or
// code that knows no better calls exit() or quick_exit().

#include <aio/base/api.hpp>
#include <aio/log/tree.hpp>

namespace aio::app {

/// What a call of exit() means.
enum class exit_call {
    proper,       ///< the end of a command
    without_stop, ///< an app has not been stopped
    after_stop    ///< an app has been stopped, and is being destroyed
};

/// While it lives, a fatal signal writes out the lines that the log files of `logs` have collected.
/// exit() and quick_exit() do so for all handlers; see log::tree::end_by_exit(). A call that is not
/// proper is logged with the thread that made it. A forked copy of the process writes nothing.
/// At most one in a process at a time.
class AIO_API log_at_end {
  public:
    log_at_end(log::tree& logs, exit_call call);
    log_at_end(const log_at_end&) = delete;
    log_at_end& operator=(const log_at_end&) = delete;
    /// Waits for a thread that has called exit() and is writing out the log. Afterwards an exit()
    /// does nothing more.
    ~log_at_end();

    /// What a call means from now on.
    void set(exit_call call) noexcept;
};

} // namespace aio::app
