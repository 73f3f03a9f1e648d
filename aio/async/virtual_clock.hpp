#pragma once

// Time under test: it stands still while anything is ready on the loops that run by it, then
// jumps to the next deadline. A year of schedules runs in milliseconds, the same each time.
//
// With a seed it is a simulation: random numbers made from the seed choose the next of all possible
// steps. The same seed makes the same choices, so a failure can be repeated.
//
// A simulation keeps this order: posts from one loop (or from outside all loops) to another loop;
// timers by their deadlines, before time moves. It shuffles which loop makes the next step, the
// order of woken coroutines and posts, timers with the same deadline, and the moment of calls to
// workers. One step is what a coroutine does until it waits, together with the coroutines that it
// spawns until they wait.

#include <aio/async/clock.hpp>
#include <aio/async/seeded.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace aio::async {

class loop;

/// Shared by any number of loops, each with its own thread or all run in turn. It waits for a loop
/// that does not run only if something was posted to that loop before. It does not see what happens
/// outside (sockets, other threads): such tests move time by hand.
class AIO_API virtual_clock final : public clock {
  public:
    enum class moves {
        alone,  ///< jumps whenever all loops are idle
        by_hand ///< stands until advance()
    };

    /// Whether the loops learn that the wall clock was set. Not every system reports it at once.
    enum class news { reported, unreported };

    explicit virtual_clock(
        moves how = moves::alone,
        wall_point wall = wall_point(std::chrono::days(20000)),
        std::uint64_t seed = 0
    );
    /// A simulation when `seed` is not 0. All loops then share one thread: the run() of one loop
    /// also runs the loops that called run_along(). run() of the others is allowed only before and
    /// after.
    explicit virtual_clock(std::uint64_t seed);
    ~virtual_clock() override;

    time_point now() const noexcept override;
    wall_point wall() const noexcept override;

    /// Moves time by `amount`, with a halt at every deadline on the way. Returns at once; settle()
    /// waits until it is done. From any thread.
    void advance(duration amount);
    /// Waits until all loops are at rest.
    /// Completes: when time has moved as far as it may, and no loop has anything left to do.
    /// Loop: any that runs by this clock.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> settle();
    /// Sets the wall clock, as an administrator or NTP would. From any thread.
    void set_wall(wall_point time, news how = news::reported);

    std::uint64_t seed() const noexcept { return seed_; }

    /// A reproducible random number drawn from the seed. Simulation's thread.
    std::uint64_t random() noexcept {
        const std::uint64_t drawn = dice_();
        digest_ = seeded::mix(digest_ ^ drawn);
        return drawn;
    }

    /// The number of steps that the simulation has made.
    std::uint64_t steps() const noexcept { return steps_; }

    /// A digest of all decisions and their times: two equal digests mean the same run.
    std::uint64_t digest() const noexcept { return digest_; }

  private:
    friend class loop;
    enum class state { go_on, wait };
    struct settling;
    struct member;

    void enter(loop& loop);
    void leave(loop& loop) noexcept;
    void rise(loop& loop) noexcept;
    void rest(loop& loop) noexcept;
    std::unique_lock<std::mutex> stir(loop& loop) noexcept;
    state idle(loop& loop);
    bool all_idle() const noexcept;
    bool jump(const member& asking);
    member& find(loop& loop) noexcept;

    // simulation.cpp
    struct place;
    struct presence;
    void run_all(loop& first);
    std::size_t run_ready(loop& only);
    void run_along(loop& loop, std::function<void(std::exception_ptr)> failed);
    const loop* at_work() const noexcept;
    bool decide(loop* only);
    void make_step(member& chosen, std::size_t which, std::size_t choices);
    std::size_t poll_all();
    void take_outside();
    bool go_on();
    void wait(loop& first);

    mutable std::mutex mutex_;
    time_point now_;
    time_point limit_;
    duration wall_ahead_;
    std::vector<std::unique_ptr<member>> members_;
    std::vector<settling*> settling_;

    std::uint64_t seed_ = 0;
    seeded dice_{0};
    std::uint64_t steps_ = 0;
    std::uint64_t digest_ = 0;
    std::atomic<const void*> thread_{nullptr}; ///< the thread pointer of the simulation's thread
    loop* at_work_ = nullptr;
    loop* first_ = nullptr;
    std::atomic<bool> stirred_{false};
};

} // namespace aio::async
