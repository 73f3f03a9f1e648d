#pragma once

// Where the file of a unix socket is. Private to net/.

#include <aio/base/api.hpp>
#include <aio/base/descriptor.hpp>
#include <aio/base/way.hpp>
#include <aio/net/address.hpp>

#include <sys/stat.h>

#include <optional>
#include <string>

namespace aio::net {

/// The folder, held open, and the name in it. What is examined there is what is made, changed or
/// removed, wherever the path leads meanwhile.
class AIO_API socket_place {
  public:
    /// Throws std::system_error when the folder cannot be reached. As root: std::runtime_error when
    /// the path has a link that another user may have made.
    explicit socket_place(std::string path);

    /// As it was given, for messages.
    const std::string& path() const noexcept { return path_; }

    const std::string& name() const noexcept { return name_; }

    int folder() const noexcept { return folder_.get(); }

    /// As root: other users cannot put a file into the folder. Always true as another user.
    bool private_to_us() const noexcept { return private_to_us_; }

    /// What the name stands for, without following a link; nothing when there is nothing.
    std::optional<struct ::stat> look() const noexcept;

    /// Walks the path again: another folder may be there by now. A relative path starts where it
    /// started before.
    base::way walk() const;

    /// The address to bind and to connect to: the path, unless another user can lead it to another
    /// folder. Then it names the open folder, which needs /proc. Throws std::system_error when it
    /// is too long.
    address where() const;

  private:
    std::string path_;
    std::string start_; ///< the current folder when the path is relative
    std::string name_;
    base::descriptor folder_;
    bool private_to_us_ = true;
    bool path_is_safe_ = true;
};

} // namespace aio::net
