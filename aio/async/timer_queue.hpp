#pragma once

// The timers of one loop: entries with absolute deadlines in a heap. Who owns an entry keeps it
// alive while it is in the queue; nothing is allocated per timer once the heap has grown.

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

    bool armed() const noexcept { return place_ != nowhere; }

  protected:
    /// Has to be out of the queue.
    ~timer() = default;
    /// On the loop's thread, already out of the queue. May insert itself again.
    virtual void fire() = 0;

  private:
    friend class timer_queue;
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    std::size_t place_ = nowhere;
};

/// Not thread-safe: lives on its loop.
class AIO_API timer_queue {
  public:
    void add(timer& one, time_point deadline);
    /// Again is harmless.
    void remove(timer& one) noexcept;

    bool empty() const noexcept { return heap_.empty(); }

    std::size_t size() const noexcept { return heap_.size(); }

    /// `never` when empty.
    time_point next() const noexcept { return heap_.empty() ? never : heap_.front().deadline; }

    /// Fires what is due at `now`; what is inserted meanwhile waits for the next call, also when
    /// it is due already. Returns how many fired.
    std::size_t fire(time_point now);

  private:
    struct entry {
        time_point deadline;
        std::uint64_t order;
        timer* what;

        bool before(const entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline : order < other.order;
        }
    };

    void put(std::size_t place, const entry& one) noexcept;
    void rise(std::size_t place, entry one) noexcept;
    void sink(std::size_t place, entry one) noexcept;

    std::vector<entry> heap_;
    std::uint64_t order_ = 0;
};

} // namespace aio::async
