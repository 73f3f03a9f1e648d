#pragma once

// The timers of one loop: entries with absolute deadlines in a heap. The owner of a timer keeps it
// alive while it is in the queue. Once the heap has grown, a timer needs no allocation; a timer
// with a reserved room never needs one. Moving an entry touches only the queue: with thousands of
// timers the timers themselves are not in the cache.

#include <aio/async/clock.hpp>
#include <aio/base/api.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aio::async {

/// Fires once when its deadline has come, in order of deadlines, then of insertion.
class AIO_API timer {
  public:
    timer() = default;
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;

    bool armed() const noexcept { return seat_ != nowhere; }

    bool has_room() const noexcept { return has_room_; }

  protected:
    /// Precondition: it is not in the queue, and has no room there.
    ~timer() = default;
    /// Called on the loop's thread, after it has left the queue. It may insert itself again.
    virtual void fire() = 0;

  private:
    friend class timer_queue;
    static constexpr std::uint32_t nowhere = static_cast<std::uint32_t>(-1);

    std::uint32_t seat_ = nowhere;
    bool has_room_ = false;
};

/// Not thread-safe: lives on its loop.
class AIO_API timer_queue {
  public:
    void add(timer& timer, time_point deadline) { add(timer, deadline, order_++); }

    /// `order` is its place among the timers of the same deadline. Throws std::bad_alloc when the
    /// timer has no room; then it is not in the queue.
    void add(timer& timer, time_point deadline, std::uint64_t order);
    /// Keeps room for the timer, so that add() never throws for it. A second call does nothing.
    /// Throws std::bad_alloc.
    void keep_room(timer& timer);
    /// Removes the timer, and gives its room back.
    void release(timer& timer) noexcept;
    /// A second call does nothing.
    void remove(timer& timer) noexcept;

    bool empty() const noexcept { return heap_.empty(); }

    std::size_t size() const noexcept { return heap_.size(); }

    /// `never` when empty.
    time_point next() const noexcept { return heap_.empty() ? never : heap_.front().deadline; }

    /// Fires the timers that are due at `now`. Timers that are added meanwhile wait for the next
    /// call, also when they are due. Returns the number fired.
    std::size_t fire(time_point now);
    /// Fires the first timer. Precondition: the queue is not empty.
    void fire_first();

  private:
    struct entry {
        time_point deadline;
        std::uint64_t order;
        std::uint32_t seat;

        bool before(const entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline : order < other.order;
        }
    };

    /// The part of a timer that is in the queue.
    struct seat {
        timer* who;
        std::uint32_t place; ///< in the heap; of a free seat: the next free one
    };

    void make_room(std::size_t count);
    std::uint32_t take_seat(timer& timer) noexcept;
    void put(std::size_t place, const entry& entry) noexcept;
    void rise(std::size_t place, entry entry) noexcept;
    void sink(std::size_t place, entry entry) noexcept;

    std::vector<entry> heap_;
    std::vector<seat> seats_;
    std::size_t kept_ = 0; ///< rooms of timers that are not in the heap
    std::uint32_t free_ = timer::nowhere;
    std::uint64_t order_ = 0;
};

} // namespace aio::async
