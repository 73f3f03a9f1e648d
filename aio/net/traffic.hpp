#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace aio::net {

/// Bytes of payload received and sent, without what TLS adds. Written on one loop, so without an
/// atomic addition; read on any thread.
struct traffic {
    std::atomic<std::uint64_t> received{0}, sent{0};

    static void add(std::atomic<std::uint64_t>& counter, std::size_t size) noexcept {
        counter.store(counter.load(std::memory_order_relaxed) + size, std::memory_order_relaxed);
    }
};

} // namespace aio::net
