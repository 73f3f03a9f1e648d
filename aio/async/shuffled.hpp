#pragma once

// The ready work of one loop in a simulation (virtual_clock with a seed). Any entry may run next.

#include <aio/async/work.hpp>
#include <aio/base/api.hpp>

#include <cstddef>
#include <vector>

namespace aio::async {

/// Keeps the order that is promised: of the posts of one poster, only the oldest may run next. Not
/// thread-safe.
class AIO_API shuffled {
  public:
    /// Takes all entries of `ready`. An ordered entry waits for the earlier entries of the same
    /// poster.
    void add(work_queue& ready, const void* poster);

    /// The number of entries that may run next.
    std::size_t choices() const noexcept { return free_.size() + lanes_ready_; }

    /// Takes the entry with this number, below choices().
    work& take(std::size_t which) noexcept;

    void remove(work& entry) noexcept;

    /// Puts all entries back into a queue.
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
