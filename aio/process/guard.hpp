#pragma once

// Kills what the children of aio have started when aio ends without a stop: by SIGKILL, by a crash,
// by a second signal, at the stop deadline. The system itself kills only the children (see launch).
//
// It is a process of its own that waits on a socket. Every child writes the number of its process
// group there; the number is taken back when the child has ended. When aio is gone, the socket
// ends, and the groups that are left are killed. The process ignores every signal that can be
// ignored, leads a session of its own and holds nothing of aio but its end of the socket.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <set>

namespace aio::process {

/// Any thread, but for of().
class AIO_API guard {
  public:
    /// The one of the app with this main loop; it begins with the first call, and again when
    /// it stands no longer. Main loop. Throws std::system_error when the system makes no
    /// process.
    static std::shared_ptr<guard> of(async::loop& main);

    guard();
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

    /// Where a child writes its group: see tell_guard().
    int descriptor() const noexcept { return line_.get(); }

    void add(pid_t group);
    void remove(pid_t group) noexcept;
    /// False when somebody has killed it, or has stopped it for so long that its line is full.
    bool stands() const noexcept;
    /// Hands its groups, and those that are added or removed later, to `next`. For one that stands
    /// no longer.
    void replace_by(std::shared_ptr<guard> next);

  private:
    void tell(pid_t group) noexcept;

    base::descriptor line_;
    base::descriptor process_; ///< a pidfd; none where the kernel has none
    mutable std::mutex mutex_;
    std::set<pid_t> groups_;
    std::shared_ptr<guard> next_; ///< the one that has replaced it
    std::atomic<bool> given_up_ = false;
};

/// Adds a group; a negative number removes it. Never waits. False: the guard was not told, as its
/// line is full or has ended. Safe between fork and exec.
AIO_API bool tell_guard(int line, pid_t group) noexcept;

} // namespace aio::process
