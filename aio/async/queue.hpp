#pragma once

// A queue between coroutines of one loop: bounded, closed with draining.

#include <aio/async/event.hpp>
#include <aio/async/task.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace aio::async {

/// Loop's thread only. Who waits, to push or to pop, goes on in the order of their waiting; but one
/// that comes when there is room, or an item, does not wait, though others were woken for just that
/// and wait on then, in their order. (Under a simulation those that were woken are shuffled.)
///
/// A push that is cancelled while it waits adds nothing, its item is gone; a pop takes nothing.
/// What they waited for is the next one's. A cancellation that comes when they were woken already
/// does not stop them: what was pushed is in the queue, what was popped is the caller's.
template <typename T>
class queue {
  public:
    explicit queue(std::size_t most) : most_(most ? most : 1) {}

    std::size_t size() const noexcept { return items_.size(); }

    bool empty() const noexcept { return items_.empty(); }

    bool closed() const noexcept { return closed_; }

    /// Waits for room. False when the queue is closed: then the item is gone.
    task<bool> push(T item) {
        while (!closed_ && items_.size() >= most_) {
            room_.reset();
            co_await room_.wait("queue.push");
        }
        co_return try_push(std::move(item));
    }

    /// False when there is no room or the queue is closed.
    bool try_push(T item) {
        if (closed_ || items_.size() >= most_)
            return false;
        items_.push_back(std::move(item));
        filled_.set();
        return true;
    }

    /// Waits for an item; nothing when the queue is closed and drained.
    task<std::optional<T>> pop() {
        while (items_.empty() && !closed_) {
            filled_.reset();
            co_await filled_.wait("queue.pop");
        }
        co_return try_pop();
    }

    std::optional<T> try_pop() {
        if (items_.empty())
            return std::nullopt;
        std::optional<T> one(std::move(items_.front()));
        items_.pop_front();
        room_.set();
        return one;
    }

    /// No more pushes; what is in it can still be taken.
    void close() {
        closed_ = true;
        filled_.set();
        room_.set();
    }

  private:
    std::size_t most_;
    std::deque<T> items_;
    event filled_;
    event room_;
    bool closed_ = false;
};

} // namespace aio::async
