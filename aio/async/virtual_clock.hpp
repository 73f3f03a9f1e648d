#pragma once

// Time under test: it stands still while anything is ready on the loops that run by it, then
// jumps to the next deadline. A year of schedules runs in milliseconds, the same each time.

#include <aio/async/clock.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace aio::async {

class loop;

/// Shared by any number of loops, each with its own thread or all run in turn; it does not wait
/// for a loop that is not run unless something was posted there before. What happens
/// outside (sockets, threads that are not ours) is not seen: such tests move time by hand.
class AIO_API virtual_clock final : public clock {
  public:
    enum class moves {
        alone,  ///< jumps whenever all loops are idle
        by_hand ///< stands until advance()
    };

    explicit virtual_clock(
        moves how = moves::alone, wall_point wall = wall_point(std::chrono::days(20000))
    );
    ~virtual_clock() override;

    time_point now() const noexcept override;
    wall_point wall() const noexcept override;

    /// Lets time run on to now() + by, stopping at every deadline on the way, and then stand.
    /// Returns at once; settle() waits until it is done. From any thread.
    void advance(duration by);
    /// Completes when time has come as far as it may and no loop has anything left to do.
    task<void> settle();
    /// Somebody sets the wall clock. From any thread.
    void set_wall(wall_point to);

  private:
    friend class loop;
    enum class state { go_on, wait };
    struct settling;
    struct member;

    void enter(loop& one);
    void leave(loop& one) noexcept;
    void rise(loop& one) noexcept;
    void rest(loop& one) noexcept;
    std::unique_lock<std::mutex> stir(loop& one) noexcept;
    state idle(loop& one);
    bool all_idle() const noexcept;
    bool jump(const member& asking);
    member& find(loop& one) noexcept;

    mutable std::mutex mutex_;
    time_point now_;
    time_point limit_;
    duration wall_ahead_;
    std::vector<std::unique_ptr<member>> members_;
    std::vector<settling*> settling_;
};

} // namespace aio::async
