#pragma once

// A queue between coroutines of one loop: bounded, closed with draining.

#include <aio/async/line.hpp>
#include <aio/async/task.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

namespace aio::async {

/// On the loop's thread only. Waiting coroutines go on in the order of their waiting. A push or pop
/// that finds room or an item does not wait, even when another coroutine was woken for it: that one
/// waits on, in its place.
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
        const auto ready = [this] { return closed_ || items_.size() < most_; };
        if (ready())
            co_return try_push(std::move(item));
        line::place mine(pushing_, ready);
        do {
            co_await mine.suspend("queue.push");
            mine.throw_if_cancelled();
        } while (!ready());
        co_return try_push(std::move(item));
    }

    /// False when there is no room or the queue is closed.
    bool try_push(T item) {
        if (closed_ || items_.size() >= most_)
            return false;
        items_.push_back(std::move(item));
        popping_.wake_first();
        return true;
    }

    /// Takes the oldest item. Nothing when the queue is closed and empty.
    /// Completes: when there is an item, or the queue is closed.
    /// Loop: the queue's.
    /// Cancelled: nothing is taken. Then operation_aborted. A cancellation after the wake-up comes
    /// too late: the item is the caller's.
    task<std::optional<T>> pop() {
        const auto ready = [this] { return closed_ || !items_.empty(); };
        if (ready())
            co_return try_pop();
        line::place mine(popping_, ready);
        do {
            co_await mine.suspend("queue.pop");
            mine.throw_if_cancelled();
        } while (!ready());
        co_return try_pop();
    }

    std::optional<T> try_pop() {
        if (items_.empty())
            return std::nullopt;
        std::optional<T> value(std::move(items_.front()));
        items_.pop_front();
        pushing_.wake_first();
        return value;
    }

    /// Refuses further pushes. The items in the queue can still be taken.
    void close() {
        closed_ = true;
        popping_.wake_first();
        pushing_.wake_first();
    }

  private:
    std::size_t most_;
    std::deque<T> items_;
    line popping_;
    line pushing_;
    bool closed_ = false;
};

} // namespace aio::async
