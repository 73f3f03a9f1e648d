#pragma once

// A file descriptor that lines are appended to: at once, or collected until flush().

#include <aio/log/complaints.hpp>

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace aio::log {

/// Opens for appending; a FIFO nobody reads is an error, not a wait. Throws std::system_error.
int open_log_file(const std::string& path, bool truncate);

class descriptor {
  public:
    enum class owner { ours, borrowed };
    enum class mode { direct, collected };

    descriptor(int fd, owner, mode, std::string name, complaints& to);
    descriptor(const descriptor&) = delete;
    descriptor& operator=(const descriptor&) = delete;
    ~descriptor();

    /// One line, without its newline.
    void append(std::string_view line) noexcept;
    void flush() noexcept;
    /// Flushes, closes and takes another one.
    void replace(int fd) noexcept;

    int fd() const noexcept { return fd_; }

    /// Bytes of the file, with what was not flushed yet.
    std::uint64_t size() const noexcept { return size_ + pending_.size(); }

    bool pending() const noexcept { return !pending_.empty(); }

  private:
    void measure() noexcept;

    int fd_;
    owner owner_;
    mode mode_;
    std::string name_;
    complaints& complaints_;
    std::string pending_;
    std::uint64_t records_ = 0; // in pending_
    std::uint64_t size_ = 0;
    bool torn_ = false; // the last write ended inside a line
};

} // namespace aio::log
