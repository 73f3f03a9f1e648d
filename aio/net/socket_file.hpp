#pragma once

// The file of a unix socket: how processes make, replace and remove it without a race.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/units.hpp>
#include <aio/net/socket_place.hpp>

#include <sys/types.h>

#include <array>
#include <string>
#include <system_error>

namespace aio::net {

/// Another process holds the lock of a path.
struct AIO_API path_is_held final : std::system_error {
    explicit path_is_held(const std::string& text);
};

/// A lock that is held while a socket file is made, replaced or removed, so that only one process
/// at a time examines and changes the path. It is the file PATH.lock, which the destructor removes.
/// Users who may not change the folder cannot open it.
class AIO_API path_lock {
  public:
    /// Waits (blocking) for `patience` at most while another process holds the lock; 0: tries once.
    /// The open folder of `place` has to outlive it. Throws path_is_held, and std::system_error or
    /// std::runtime_error that names the lock.
    path_lock(const socket_place& place, base::duration patience);
    path_lock(const path_lock&) = delete;
    path_lock& operator=(const path_lock&) = delete;
    ~path_lock();

  private:
    /// Returns 0 when the lock is taken, otherwise what may be over soon: EWOULDBLOCK, because
    /// another process holds the lock, or EACCES. Throws for all else. The maker of a lock opens it
    /// to the other users of the folder in a second step, so EACCES may last a moment only.
    int try_lock();
    bool may_change_folder() const noexcept;
    /// The lock file has its name, and `file` is that file.
    bool is_there(int file) const noexcept;

    const int folder_;
    const std::string name_;
    const std::string path_; ///< for messages
    base::descriptor file_;
};

/// The file of a unix socket. The destructor removes it, unless it was removed before or another
/// file has its name now.
class AIO_API socket_file {
  public:
    /// Throws std::system_error when there is none.
    explicit socket_file(socket_place place);
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file();

    /// Whether the path still leads to this file. Exact while the socket is open, however the file
    /// was changed. True as well when this process may not look.
    bool is_there() const;
    /// chown to `user` and `group`, so that the user can connect and remove the file.
    std::error_code give_to(uid_t user, gid_t group) noexcept;
    /// Gives the file its mode. As root it needs /proc, unless only root can change the folder.
    std::error_code set_mode(mode_t mode);
    /// Removes the file; a later call does nothing. Does not wait for another process. Returns an
    /// error when the folder cannot be changed; then the file stays.
    std::error_code remove() noexcept;

  private:
    template <typename Change>
    std::error_code change(Change apply) const noexcept;

    socket_place place_;
    std::array<long long, 4> identity_; ///< numbers of inodes are used again: the time counts too
    bool there_ = true;
};

} // namespace aio::net
