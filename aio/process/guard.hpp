#pragma once

// Kills what the children of aio have started when aio ends without a stop: by SIGKILL, by a crash,
// by a second signal, at the stop deadline. The system itself kills only the children (see launch).
//
// It is a process of its own that waits on a socket. Every child writes the number of its process
// group there; the number is taken back when the child has ended. When aio is gone, which the
// process sees by a pidfd and by the end of the socket, the groups that are left are killed. The
// process ignores every signal that can be ignored, leads a session of its own and holds nothing of
// aio but its end of the socket. Neither its name nor its command line has anything of aio's, so
// that who looks for processes by their names does not kill both at once.

#include <aio/async/loop.hpp>
#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

namespace aio::process {

/// Any thread, but for of().
class AIO_API guard {
  public:
    /// `lasting` is false for a guard that has replaced another and stood for less than a second:
    /// it is not worth another try.
    using loss_handler = std::function<void(bool lasting)>;

    /// The guard of the app with this main loop. The first call starts it; a later call starts it
    /// again when it has ended. `lost` is called, on the main loop, when the guard that this call
    /// starts ends before aio. It may call of(). Main loop. Throws std::system_error
    /// when the process cannot be made.
    static std::shared_ptr<guard> of(async::loop& main, loss_handler lost = {});

    /// Whether a failure of of() has not been asked about yet since the last success. Main loop.
    static bool new_failure(async::loop& main);

    guard();
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;

    /// Where a child writes its group: see tell_guard().
    int descriptor() const noexcept { return line_.get(); }

    void add(pid_t group);
    void remove(pid_t group) noexcept;
    /// Returns false when the guard was killed, or was held by SIGSTOP for so long that its socket
    /// is full.
    bool stands() const noexcept;
    /// Passes its groups, and those that are added or removed later, to `next`. For a guard that
    /// has ended.
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

/// Adds a group; a negative number removes it. Never waits. Returns false when the guard was not
/// told, because its socket is full or closed. Safe between fork and exec.
AIO_API bool tell_guard(int line, pid_t group) noexcept;

} // namespace aio::process
