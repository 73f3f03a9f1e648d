#include <aio/net/buffer_pool.hpp>

#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace aio::net {

namespace {

constexpr std::size_t kind_of(std::size_t size) noexcept {
    if (size > buffer_pool::largest_small)
        return buffer_pool::small_sizes;
    return static_cast<std::size_t>(std::bit_width((size - 1) / buffer_pool::smallest));
}

static_assert(kind_of(1) == 0 && kind_of(1024) == 0 && kind_of(1025) == 1 && kind_of(2048) == 1);
static_assert(kind_of(4096) == 2 && kind_of(8192) == 3 && kind_of(8193) == 4);

constexpr std::size_t size_of(std::size_t kind) noexcept {
    return kind < buffer_pool::small_sizes ? buffer_pool::smallest << kind
                                           : buffer_pool::block_size;
}

constexpr std::size_t most_free(std::size_t kind) noexcept {
    return kind < buffer_pool::small_sizes ? buffer_pool::kept_small : buffer_pool::kept;
}

} // namespace

void chunk::give_back() noexcept {
    std::exchange(pool_, nullptr)->give(std::exchange(block_, nullptr), kind_);
    begin_ = 0;
    size_ = 0;
}

std::span<std::byte> buffer_pool::large_block(std::byte*& place) {
    if (!place && !(place = take(large)))
        throw std::bad_alloc();
    return {place, block_size};
}

std::span<std::byte> buffer_pool::shared() {
    return large_block(shared_);
}

std::span<std::byte> buffer_pool::datagram() {
    if (!datagram_)
        datagram_ = std::make_unique_for_overwrite<std::byte[]>(largest_datagram);
    return {datagram_.get(), largest_datagram};
}

std::span<std::byte> buffer_pool::room() {
    return large_block(room_);
}

// The data is received already: without memory for a copy, its block goes with it.
chunk buffer_pool::keep(std::size_t size) noexcept {
    chunk made;
    if (size == 0)
        return made;
    std::size_t kind = kind_of(size);
    std::byte* block = kind == large ? nullptr : take(kind);
    if (block) {
        std::memcpy(block, room_, size);
    } else {
        kind = large;
        block = std::exchange(room_, nullptr);
    }
    made.pool_ = this;
    made.block_ = block;
    made.kind_ = static_cast<std::uint8_t>(kind);
    made.size_ = static_cast<std::uint32_t>(size);
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    references_.fetch_add(1, std::memory_order_relaxed);
    return made;
}

std::byte* buffer_pool::take(std::size_t kind) noexcept {
    auto& free = free_[kind];
    if (free.count != 0)
        return free.blocks[--free.count];
    return static_cast<std::byte*>(std::malloc(size_of(kind)));
}

void buffer_pool::give(std::byte* block, std::size_t kind) noexcept {
    auto& free = free_[kind];
    if (thread_.load(std::memory_order_relaxed) == std::this_thread::get_id() &&
        free.count < most_free(kind))
        free.blocks[free.count++] = block;
    else
        std::free(block);
    release();
}

std::size_t buffer_pool::idle_small() const noexcept {
    std::size_t count = 0;
    for (std::size_t kind = 0; kind < small_sizes; ++kind)
        count += free_[kind].count;
    return count;
}

void buffer_pool::abandon() noexcept {
    thread_.store({}, std::memory_order_relaxed);
    release();
}

void buffer_pool::release() noexcept {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
        delete this;
}

buffer_pool::~buffer_pool() {
    for (const free_list& free : free_)
        for (std::size_t i = 0; i < free.count; ++i)
            std::free(free.blocks[i]);
    std::free(shared_);
    std::free(room_);
}

} // namespace aio::net
