#pragma once

// Counts the turns of a loop for a thread that watches it. The loop pays two relaxed stores and a
// relaxed load for each turn.

#include <aio/base/api.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>

namespace aio::async {

class AIO_API activity {
  public:
    /// Begins and ends a turn. Loop's thread.
    void begin() noexcept {
        advance();
        if (armed_.load(std::memory_order_relaxed)) [[unlikely]]
            ring();
    }

    void end() noexcept { advance(); }

    /// Odd in a turn, even between turns; it grows with each. From any thread.
    std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

    /// Sets the function that ring() calls on the loop's thread. Once this returns, the former
    /// function is not called any more. From any thread, but not inside the bell.
    void bell(std::function<void()> call);

    /// The bell is called once, at the beginning of a turn that begins after the loop has seen
    /// this. From any thread.
    void arm() noexcept { armed_.store(true, std::memory_order_relaxed); }

  private:
    void advance() noexcept {
        count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }

    void ring() noexcept;

    std::atomic<std::uint64_t> count_{0}; ///< the loop's thread alone writes it
    std::atomic<bool> armed_{false};
    std::mutex guard_; ///< of bell_, while it is called, too
    std::function<void()> bell_;
};

} // namespace aio::async
