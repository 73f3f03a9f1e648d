#pragma once

// The receive buffers of one loop: 256 KiB blocks lent as chunks, and one shared block whose
// content is only valid during a callback. A connection holds a block only while it has data.

#include <aio/base/api.hpp>
#include <aio/net/chunk.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace aio::net {

class AIO_API buffer_pool {
  public:
    static constexpr std::size_t block_size = 256 * 1024;
    static constexpr std::size_t kept = 16; ///< free blocks kept for later use

    struct closer {
        void operator()(buffer_pool* pool) const noexcept { pool->abandon(); }
    };

    using owner = std::unique_ptr<buffer_pool, closer>;

    static owner make() { return owner{new buffer_pool}; }

    /// Loop's thread.
    std::span<std::byte> shared();
    /// An empty chunk with room for block_size bytes. Loop's thread.
    chunk take();

    static std::span<std::byte> room(chunk& lent) noexcept { return {lent.block_, block_size}; }

    static void filled(chunk& lent, std::size_t bytes) noexcept {
        lent.begin_ = 0;
        lent.size_ = static_cast<std::uint32_t>(bytes);
    }

    std::size_t idle() const noexcept { return free_.size(); }

  private:
    friend class chunk;

    buffer_pool() = default;
    ~buffer_pool();

    void abandon() noexcept;
    void give(std::byte* block) noexcept;
    void release() noexcept;

    std::vector<std::byte*> free_;
    std::byte* shared_ = nullptr;
    // A chunk may be destroyed on another thread or after the loop. So chunks are counted, and only
    // the loop's thread uses the free list.
    std::atomic<std::size_t> references_{1};
    std::atomic<std::thread::id> thread_{};
};

} // namespace aio::net
