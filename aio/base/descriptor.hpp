#pragma once

// A file descriptor with an owner.

#include <unistd.h>

#include <utility>

namespace aio::base {

/// Closes what it holds, unless it was released.
class descriptor {
  public:
    descriptor() noexcept = default;

    explicit descriptor(int fd) noexcept : fd_(fd) {}

    descriptor(descriptor&& from) noexcept : fd_(from.release()) {}

    descriptor& operator=(descriptor&& from) noexcept {
        if (this != &from)
            reset(from.release());
        return *this;
    }

    ~descriptor() { reset(); }

    /// -1: none.
    int get() const noexcept { return fd_; }

    explicit operator bool() const noexcept { return fd_ >= 0; }

    int release() noexcept { return std::exchange(fd_, -1); }

    void reset(int fd = -1) noexcept {
        if (fd_ >= 0)
            ::close(fd_);
        fd_ = fd;
    }

  private:
    int fd_ = -1;
};

} // namespace aio::base
