#pragma once

// Counts the descriptors that connections have to leave alone.

#include <atomic>
#include <cstddef>
#include <utility>

namespace aio::service {

/// Descriptors of the process that connections have to leave alone.
struct descriptor_use {
    std::size_t in_use = 0;   ///< when everything was prepared and nothing had started
    std::size_t to_start = 0; ///< of all units: see planned::descriptors
    std::size_t started = 0;  ///< of `to_start`, what the units hold now

    descriptor_use() = default;
};

/// From any thread.
class descriptor_book {
  public:
    /// Descriptors that a unit holds and needs again for its next start. Counted as long as this
    /// lives. Hold them when they are open, and release them before they are closed: in between,
    /// connections leave more free, not less.
    class held {
      public:
        held() = default; ///< none

        held(descriptor_book& book, std::size_t count) noexcept : book_(&book), count_(count) {
            book.started_.fetch_add(count, std::memory_order_relaxed);
        }

        held(held&& from) noexcept
            : book_(std::exchange(from.book_, nullptr)), count_(from.count_) {}

        held& operator=(held&& from) noexcept {
            if (this != &from) {
                release();
                book_ = std::exchange(from.book_, nullptr);
                count_ = from.count_;
            }
            return *this;
        }

        ~held() { release(); }

        void release() noexcept {
            if (book_)
                std::exchange(book_, nullptr)
                    ->started_.fetch_sub(count_, std::memory_order_relaxed);
        }

      private:
        descriptor_book* book_ = nullptr;
        std::size_t count_ = 0;
    };

    /// Called before the first unit starts.
    void plan(std::size_t in_use, std::size_t to_start) noexcept {
        in_use_ = in_use;
        to_start_ = to_start;
    }

    held hold(std::size_t count) noexcept { return {*this, count}; }

    descriptor_use now() const noexcept {
        descriptor_use use;
        use.in_use = in_use_;
        use.to_start = to_start_;
        use.started = started_.load(std::memory_order_relaxed);
        return use;
    }

  private:
    std::size_t in_use_ = 0;
    std::size_t to_start_ = 0;
    std::atomic<std::size_t> started_{0};
};

} // namespace aio::service
