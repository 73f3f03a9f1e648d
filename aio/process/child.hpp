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

/// Who signals go to: the process, or its whole process group. With the latter, what the process
/// leaves behind in its group is killed when it has ended.
enum class reach { process, group };

/// Until ended() has told its end the process id is not given to anybody else. Destroyed before, it
/// kills the process and waits for it. Any thread, one at a time.
class AIO_API child {
  public:
    child() = default; ///< none
    /// `guarded_by`: kills what is left of its group when aio is killed; nullptr: nobody does.
    child(const launch_request& what, reach whom, std::shared_ptr<guard> guarded_by = nullptr);
    child(child&& from) noexcept;
    child& operator=(child&& from) noexcept;
    ~child();

    explicit operator bool() const noexcept { return of_.pid != 0; }

    /// 0: none, or its end was taken.
    pid_t pid() const noexcept { return of_.pid; }

    /// Readable when it has ended; -1 when this kernel has no such thing.
    int end_descriptor() const noexcept { return of_.ended.get(); }

    base::descriptor take_output() noexcept { return std::move(of_.output); }

    base::descriptor take_errors() noexcept { return std::move(of_.errors); }

    /// 0, or why the process (not only others of its group) was not reached: an errno.
    int send(int signal) noexcept;
    /// The signal that holds it still: SIGSTOP, or one of the terminal's. Nothing while it runs.
    std::optional<int> held_by() const noexcept;
    /// How it has ended, taken from the system; nothing while it runs. Then only forget() is left
    /// to be called.
    std::optional<ending> ended() noexcept;

    /// Closes what is left of it. Before: whoever watches end_descriptor() stops doing so.
    void forget() noexcept {
        of_ = {};
        guard_.reset();
    }

  private:
    void finish() noexcept;

    launched of_;
    reach whom_ = reach::process;
    std::shared_ptr<guard> guard_;
};

} // namespace aio::process
