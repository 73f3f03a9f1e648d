#pragma once

// A child process and the duty to wait for it.

#include <aio/base/api.hpp>
#include <aio/process/ending.hpp>
#include <aio/process/guard.hpp>
#include <aio/process/launch.hpp>

#include <sys/types.h>

#include <memory>
#include <optional>

namespace aio::process {

/// What signals go to: the process, or its whole process group. With the group, processes that are
/// left in it at ended() are killed.
enum class reach { process, group };

/// The system does not reuse the process id before ended() has returned the end. The destructor
/// kills a process that still runs, and waits for it for 200 ms at most: a system call may not be
/// interruptible. Any thread, one at a time.
class AIO_API child {
  public:
    child() = default; ///< none
    /// `group_guard` kills the rest of its group when aio is killed; nullptr: nothing does. Throws
    /// launch_error.
    child(
        const launch_request& request, reach signalled, std::shared_ptr<guard> group_guard = nullptr
    );
    child(child&& from) noexcept;
    child& operator=(child&& from) noexcept;
    ~child();

    explicit operator bool() const noexcept { return of_.pid != 0; }

    /// 0: there is no process, or ended() has returned its end.
    pid_t pid() const noexcept { return of_.pid; }

    /// A pidfd, readable when the process has ended; -1 when the kernel has none.
    int end_descriptor() const noexcept { return of_.ended.get(); }

    base::descriptor take_output() noexcept { return std::move(of_.output); }

    base::descriptor take_errors() noexcept { return std::move(of_.errors); }

    /// 0, or why the process (not only others of its group) was not reached: an errno.
    int send(int signal) noexcept;
    /// The signal that holds it still: SIGSTOP, or one of the terminal's. Nothing while it runs.
    std::optional<int> held_by() const noexcept;
    /// Whether SIGCONT has let it go on since it was held still. False for one that was killed.
    bool continued() const noexcept;
    /// Whether it has ended. Until ended() is called it is a zombie, and the number of its group
    /// belongs to the group.
    bool is_over() const noexcept;
    /// How it has ended; nothing while it runs. What is left of its group is killed. Only forget()
    /// may be called after that.
    std::optional<ending> ended() noexcept;

    /// Closes its descriptors. Remove end_descriptor() from the poller before.
    void forget() noexcept {
        of_ = {};
        guard_.reset();
    }

  private:
    void finish() noexcept;

    launched of_;
    reach signalled_ = reach::process;
    std::shared_ptr<guard> guard_;
};

} // namespace aio::process
