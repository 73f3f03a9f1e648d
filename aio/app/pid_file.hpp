#pragma once

// The file that holds the process id and a lock for as long as the app runs.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <atomic>
#include <string>
#include <system_error>

namespace aio::app {

/// Owns the locked file. The lock, not the number inside, says whether somebody runs: a stale file
/// is simply taken over. Removed at the latest when destroyed, by the process that called take()
/// last.
class AIO_API pid_file {
  public:
    pid_file() = default;
    /// Opens and locks. Throws std::system_error when the file cannot be opened, std::runtime_error
    /// when it is no regular file, and already_running when another process holds the lock.
    explicit pid_file(std::string path);
    pid_file(pid_file&& other) noexcept;
    pid_file& operator=(pid_file&& other) noexcept;
    ~pid_file();

    /// Writes this process's id: after a fork, by the process that stays.
    void take();
    /// System calls only, by any thread. The lock stays. An error: the folder is not ours to
    /// change, so the file is emptied only.
    std::error_code remove() noexcept;
    /// Gives the file to the user the process will switch to, so that it can be removed.
    void give_to(uid_t user, gid_t group) noexcept;

  private:
    std::string path_;
    base::descriptor file_;
    std::atomic<pid_t> owner_{0}; ///< whoever takes it out removes the file
};

struct AIO_API already_running {
    std::string path;
    pid_t pid; ///< 0: unknown
};

} // namespace aio::app
