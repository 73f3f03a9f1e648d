#pragma once

// The ready work of one loop of a simulation (virtual_clock with a seed). Any of it may be next.

#include <aio/async/work.hpp>
#include <aio/base/api.hpp>

#include <cstddef>
#include <vector>

namespace aio::async {

/// Promised order stays: of the posts of one poster only the oldest may be next. Not thread-safe.
class AIO_API shuffled {
  public:
    /// Takes all of `ready`. What is ordered queues up behind what came from the same poster.
    void add(work_queue& ready, const void* poster);

    /// The number of works that may be next.
    std::size_t choices() const noexcept { return free_.size() + lanes_ready_; }

    /// The one with this number, below choices().
    work& take(std::size_t which) noexcept;

    void remove(work& one) noexcept;

    /// Gives everything back.
    void empty_into(work_queue& ready) noexcept;

  private:
    struct lane {
        const void* poster;
        work_queue queue;
    };

    lane& lane_of(const void* poster);

    std::vector<work*> free_;
    std::vector<lane> lanes_;
    std::size_t lanes_ready_ = 0;
};

} // namespace aio::async
