#pragma once

// The receive buffers of one loop. Data is received into a large block, which all connections of
// the loop use in turn. What a coroutine keeps of it is a chunk: a copy in a small block when it is
// short, else the large block itself. So a connection holds memory only for the data it has.

#include <aio/base/api.hpp>
#include <aio/net/chunk.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>

namespace aio::net {

class AIO_API buffer_pool {
  public:
    /// What is received and sent on stays in a small second-level cache, with what the system keeps
    /// of it: with blocks of 256 KiB, a processor with 512 KiB of it streamed a third less.
    static constexpr std::size_t block_size = 64 * 1024;
    /// A unix datagram may have twice the bytes of the limit net.core.wmem_max: by default 416 KiB.
    static constexpr std::size_t largest_datagram = 512 * 1024;
    static constexpr std::size_t kept = 16; ///< free large blocks kept for later use

    /// The sizes of small blocks: each the double of the one before.
    static constexpr std::size_t smallest = 1024;
    static constexpr std::size_t small_sizes = 4;
    static constexpr std::size_t largest_small = smallest << (small_sizes - 1);
    static constexpr std::size_t kept_small = 32; ///< free small blocks, of each size

    struct closer {
        void operator()(buffer_pool* pool) const noexcept { pool->abandon(); }
    };

    using owner = std::unique_ptr<buffer_pool, closer>;

    static owner make() { return owner{new buffer_pool}; }

    /// For callbacks: what is received here is handed over as a view. Loop's thread.
    std::span<std::byte> shared();
    /// For a datagram, as shared(): largest_datagram bytes. The system gives the memory of what was
    /// received, and none for the rest.
    std::span<std::byte> datagram();
    /// For a chunk: what is received here, of at most block_size bytes, becomes one by keep().
    /// Valid until then, or until the next call. Loop's thread.
    std::span<std::byte> room();
    /// A chunk of the first `size` bytes in room(). None for 0. Loop's thread.
    chunk keep(std::size_t size) noexcept;

    /// Free large blocks, and small ones of all sizes.
    std::size_t idle() const noexcept { return free_[large].count; }

    std::size_t idle_small() const noexcept;

  private:
    friend class chunk;

    static constexpr std::size_t large = small_sizes;

    struct free_list {
        std::array<std::byte*, kept_small> blocks{};
        std::size_t count = 0;
    };

    buffer_pool() = default;
    ~buffer_pool();

    /// nullptr: there is no memory.
    std::byte* take(std::size_t kind) noexcept;
    std::span<std::byte> large_block(std::byte*& place);
    void abandon() noexcept;
    void give(std::byte* block, std::size_t kind) noexcept;
    void release() noexcept;

    std::array<free_list, small_sizes + 1> free_; ///< by kind
    std::byte* shared_ = nullptr;
    std::unique_ptr<std::byte[]> datagram_; ///< made when the first one comes
    std::byte* room_ = nullptr;
    // A chunk may be destroyed on another thread or after the loop. So chunks are counted, and only
    // the loop's thread uses the free lists.
    std::atomic<std::size_t> references_{1};
    std::atomic<std::thread::id> thread_{};
};

} // namespace aio::net
