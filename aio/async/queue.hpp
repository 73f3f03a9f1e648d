#pragma once

// A queue between coroutines of one loop: bounded, closed with draining.

#include <aio/async/event.hpp>
#include <aio/async/task.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace aio::async {

/// On the loop's thread only. Waiting coroutines go on in the order of their waiting. A push or pop
/// that finds room or an item does not wait, even when others were woken for it: these wait on, in
/// their order. (A simulation shuffles those that were woken.)
template <typename T>
class queue {
  public:
    explicit queue(std::size_t most) : most_(most ? most : 1) {}

    std::size_t size() const noexcept { return items_.size(); }

    bool empty() const noexcept { return items_.empty(); }

    bool closed() const noexcept { return closed_; }

    /// Adds an item, and waits for room first. False when the queue is closed: the item is dropped.
    /// Completes: when the item is in the queue, or the queue is closed.
    /// Loop: the queue's.
    /// Cancelled: nothing is added, the item is dropped. Then operation_aborted. A cancellation
    /// after the wake-up comes too late: the item is in the queue.
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

    /// Takes the oldest item. Nothing when the queue is closed and empty.
    /// Completes: when there is an item, or the queue is closed.
    /// Loop: the queue's.
    /// Cancelled: nothing is taken. Then operation_aborted. A cancellation after the wake-up comes
    /// too late: the item is the caller's.
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
        std::optional<T> value(std::move(items_.front()));
        items_.pop_front();
        room_.set();
        return value;
    }

    /// Refuses further pushes. The items in the queue can still be taken.
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
