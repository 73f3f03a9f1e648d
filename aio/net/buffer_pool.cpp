#include <aio/net/buffer_pool.hpp>

#include <cstdlib>
#include <new>

namespace aio::net {

namespace {

std::byte* new_block() {
    void* made = std::malloc(buffer_pool::block_size);
    if (!made)
        throw std::bad_alloc();
    return static_cast<std::byte*>(made);
}

} // namespace

void chunk::give_back() noexcept {
    std::exchange(pool_, nullptr)->give(std::exchange(block_, nullptr));
    begin_ = size_ = 0;
}

std::span<std::byte> buffer_pool::shared() {
    if (!shared_)
        shared_ = new_block();
    return {shared_, block_size};
}

chunk buffer_pool::take() {
    thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
    chunk made;
    if (free_.empty()) {
        free_.reserve(kept);
        made.block_ = new_block();
    } else {
        made.block_ = free_.back();
        free_.pop_back();
    }
    made.pool_ = this;
    references_.fetch_add(1, std::memory_order_relaxed);
    return made;
}

void buffer_pool::give(std::byte* block) noexcept {
    if (thread_.load(std::memory_order_relaxed) == std::this_thread::get_id() &&
        free_.size() < kept)
        free_.push_back(block);
    else
        std::free(block);
    release();
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
    for (std::byte* block : free_)
        std::free(block);
    std::free(shared_);
}

} // namespace aio::net
