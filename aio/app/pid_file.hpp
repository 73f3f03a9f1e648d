#pragma once

// The file that holds the process id and a lock for as long as the app runs.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/way.hpp>

#include <sys/types.h>

#include <atomic>
#include <string>
#include <system_error>

namespace aio::app {

/// Owns the locked file. The lock, not the number inside, says whether an app runs: a stale file is
/// simply taken over. The file is removed at the latest when this is destroyed, by the process that
/// called take() last. It belongs to the user that the process was started as, also when that
/// becomes another user later: who may write it decides which process others signal. So root
/// replaces a stale file that another user may write, and follows no link of another user. Only the
/// owner may read the file, because whoever can open it could lock it.
class AIO_API pid_file {
  public:
    pid_file() = default;
    /// Opens and locks. Throws std::system_error when the file cannot be opened, std::runtime_error
    /// when it is a link or no regular file, or root would follow another user's link on the way to
    /// it, and already_running when another process holds the lock.
    explicit pid_file(std::string path);
    pid_file(pid_file&& other) noexcept;
    pid_file& operator=(pid_file&& other) noexcept;
    ~pid_file();

    /// Writes this process's id: after a fork, by the process that stays.
    void take();
    /// Removes the file; the lock stays. From any thread; system calls only. Returns an error when
    /// the process may not change the folder (any more): the file is then emptied, and the next
    /// start takes it over.
    std::error_code remove() noexcept;

  private:
    std::string path_;
    base::way place_;
    base::descriptor file_;
    std::atomic<pid_t> owner_{0}; ///< the thread that takes it out removes the file
};

/// Another process holds the lock: an aio, or any other program.
struct AIO_API already_running {
    std::string path;
    pid_t pid; ///< the number in the file, which the other process may not have written; 0: none
};

/// Why what is there can be the pid file of nobody: a link, a folder, a device. Empty: nothing is
/// known against it. A relative path starts at `directory`.
AIO_API std::string wrong_with_pid_file(const std::string& path, const std::string& directory);

} // namespace aio::app
