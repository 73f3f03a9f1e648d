#pragma once

// Memory that the process gives up when it needs some to end in order.

#include <aio/base/api.hpp>

#include <atomic>
#include <cstddef>

namespace aio::base {

/// Holds address space, which counts for RLIMIT_AS and for a system that does not overcommit. It
/// takes no page of memory.
class AIO_API memory_reserve {
  public:
    static constexpr std::size_t size = std::size_t{4} << 20;

    /// Holds nothing when the system has no more.
    memory_reserve() noexcept;
    ~memory_reserve();
    memory_reserve(const memory_reserve&) = delete;
    memory_reserve& operator=(const memory_reserve&) = delete;

    /// Gives it back to the system, from which the next allocations get it. From any thread, also
    /// again.
    void release() noexcept;

  private:
    std::atomic<void*> held_;
};

} // namespace aio::base
