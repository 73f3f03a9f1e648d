#pragma once

// The file of a unix socket: who may make, replace and remove it.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>

#include <sys/types.h>

#include <array>
#include <string>
#include <system_error>

namespace aio::net {

/// Held while a socket file is made, replaced or removed, so that of several processes one at a
/// time looks at the path and changes it: the file PATH.lock, which goes again with this.
class path_lock {
  public:
    /// Waits a second at most. Throws std::system_error naming the lock.
    explicit path_lock(const std::string& path);
    path_lock(const path_lock&) = delete;
    path_lock& operator=(const path_lock&) = delete;
    ~path_lock();

  private:
    bool try_lock();

    std::string name_;
    base::descriptor file_;
};

/// The file of a unix socket, as long as it is still the one that is there now. Removed at the
/// latest with this.
class AIO_API socket_file {
  public:
    /// Throws std::system_error when there is none.
    explicit socket_file(std::string path);
    socket_file(const socket_file&) = delete;
    socket_file& operator=(const socket_file&) = delete;
    ~socket_file();

    /// Hands the file to `user` and `group`, so that the user can connect and remove it.
    std::error_code give_to(uid_t user, gid_t group) noexcept;
    /// Gives the file its mode. As root it needs /proc, unless only root can change the folder.
    std::error_code set_mode(mode_t mode);
    /// The first call counts. An error: the file stays, as the folder cannot be changed.
    std::error_code remove() noexcept;

  private:
    template <typename Change>
    std::error_code change(Change apply) const noexcept;

    std::string path_;
    std::array<long long, 4> identity_; ///< numbers of inodes are used again: the time counts too
    bool there_ = true;
};

} // namespace aio::net
