#pragma once

// Lines of a log file that wait for the end of the loop's turn, and the list of all such buffers,
// which a handler of fatal signals writes out.

#include <aio/base/api.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace aio::log {

/// Lines for one descriptor. append() and clear() are called under the handler's lock. write_out()
/// may interrupt them at any point: what it sees is always a number of whole lines.
class AIO_API line_buffer {
  public:
    static constexpr std::size_t capacity = 64 * 1024;

    /// Adds the line and a newline. Returns false when there is no room for it now.
    bool append(std::string_view line) noexcept;
    void clear() noexcept;

    bool empty() const noexcept { return used_.load(std::memory_order_relaxed) == 0; }

    std::size_t size() const noexcept { return used_.load(std::memory_order_relaxed); }

    std::uint64_t lines() const noexcept { return lines_; }

    std::string_view text() const noexcept { return {room_.get(), size()}; }

    /// Where the lines go; -1: nowhere.
    void send_to(int fd) noexcept { fd_.store(fd, std::memory_order_relaxed); }

    /// Async-signal-safe. Writes the lines once more when another thread is writing them just now.
    void write_out() const noexcept;

  private:
    std::unique_ptr<char[]> room_; ///< allocated by the first line
    std::atomic<std::size_t> used_{0};
    std::atomic<int> fd_{-1};
    std::uint64_t lines_ = 0;
};

/// The buffers of a log tree. Members may be called from any thread.
class AIO_API unwritten_lines {
  public:
    /// Returns false when the list is full. A descriptor whose buffer is not in the list must not
    /// collect lines.
    bool add(const line_buffer& buffer) noexcept;
    void remove(const line_buffer& buffer) noexcept;
    /// Async-signal-safe: takes no lock, allocates nothing, changes nothing.
    void write_out() const noexcept;

  private:
    std::array<std::atomic<const line_buffer*>, 64> buffers_{};
};

} // namespace aio::log
