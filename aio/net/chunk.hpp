#pragma once

// Received bytes in a block lent by the pool of a loop: the result of stream::read. The block is
// hardly larger than they are, so a chunk that is held for long costs little.

#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace aio::net {

class buffer_pool;

/// Move-only. The destructor gives the block back; it may run on any thread. Copy bytes that are
/// needed for long. An empty chunk (false) means the end of the stream.
class AIO_API chunk {
  public:
    chunk() noexcept = default;

    chunk(chunk&& from) noexcept
        : pool_(std::exchange(from.pool_, nullptr)), block_(std::exchange(from.block_, nullptr)),
          begin_(from.begin_), kind_(from.kind_), size_(std::exchange(from.size_, 0)) {}

    chunk& operator=(chunk&& from) noexcept {
        if (this != &from) {
            reset();
            pool_ = std::exchange(from.pool_, nullptr);
            block_ = std::exchange(from.block_, nullptr);
            begin_ = from.begin_;
            kind_ = from.kind_;
            size_ = std::exchange(from.size_, 0);
        }
        return *this;
    }

    ~chunk() { reset(); }

    explicit operator bool() const noexcept { return size_ != 0; }

    bool empty() const noexcept { return size_ == 0; }

    std::size_t size() const noexcept { return size_; }

    const std::byte* data() const noexcept { return block_ + begin_; }

    operator std::span<const std::byte>() const noexcept { return {data(), size_}; }

    /// The bytes as text. Valid as long as the chunk.
    std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(data()), size_};
    }

    /// Removes `count` bytes at the front; at most size().
    void remove_prefix(std::size_t bytes) noexcept {
        begin_ = (begin_ + static_cast<std::uint32_t>(bytes)) & most_begin;
        size_ -= static_cast<std::uint32_t>(bytes);
    }

  private:
    friend class buffer_pool;

    void reset() noexcept {
        if (block_)
            give_back();
    }

    void give_back() noexcept;

    static constexpr std::uint32_t most_begin = (1U << 24) - 1;

    buffer_pool* pool_ = nullptr;
    std::byte* block_ = nullptr;
    std::uint32_t begin_ : 24 = 0;
    std::uint32_t kind_ : 8 = 0; ///< of the block, for the pool
    std::uint32_t size_ = 0;
};

} // namespace aio::net
