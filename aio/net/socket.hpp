#pragma once

// A descriptor with an owner, and the few socket options we set.

#include <aio/base/api.hpp>
#include <aio/net/address.hpp>

#include <system_error>
#include <utility>

namespace aio::net {

class AIO_API socket {
  public:
    socket() noexcept = default;

    explicit socket(int fd) noexcept : fd_(fd) {}

    socket(socket&& from) noexcept : fd_(from.release()) {}

    socket& operator=(socket&& from) noexcept {
        if (this != &from)
            reset(from.release());
        return *this;
    }

    ~socket() { reset(); }

    int get() const noexcept { return fd_; }

    explicit operator bool() const noexcept { return fd_ >= 0; }

    int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept;

  private:
    int fd_ = -1;
};

/// Non-blocking and closed on exec. Throws std::system_error.
AIO_API socket open_socket(int family, int type);
/// Sets an integer option; throws std::system_error naming `what`.
AIO_API void set_option(const socket& of, int level, int name, int value, const char* what);
AIO_API address local_address(int fd) noexcept;
AIO_API address peer_address(int fd) noexcept;

} // namespace aio::net
