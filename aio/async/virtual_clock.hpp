#pragma once

// Time under test: it stands still while anything is ready on the loops that run by it, then
// jumps to the next deadline. A year of schedules runs in milliseconds, the same each time.
//
// With a seed it is a simulation: dice made from the seed say what happens next, out of all that
// may. The same seed throws the same dice, so whatever goes wrong goes wrong again.
//
// What a simulation keeps: posts from one loop (and from all that is no loop) to another are done
// in order; timers fire in order of their deadlines, and before time goes on. What it shuffles:
// which loop does something next; what was woken, against each other and against posts; timers of
// the same deadline; calls to workers, which happen at once somewhere among all that. Whatever a
// coroutine does until it waits, and a coroutine that is spawned until it waits, is one step.

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
        moves how = moves::alone,
        wall_point wall = wall_point(std::chrono::days(20000)),
        std::uint64_t seed = 0
    );
    /// A simulation when `seed` is not 0. Then all loops run on one thread: that on which one of
    /// them is run() runs those too that run_along(). Others may be run() before and after only.
    explicit virtual_clock(std::uint64_t seed);
    ~virtual_clock() override;

    time_point now() const noexcept override;
    wall_point wall() const noexcept override;

    /// Lets time run on to now() + by, stopping at every deadline on the way, and then stand.
    /// Returns at once; settle() waits until it is done. From any thread.
    void advance(duration by);
    /// Waits until all loops are at rest.
    /// Completes: when time has come as far as it may, and no loop has anything left to do.
    /// Loop: any that runs by this clock.
    /// Cancelled: only the waiting ends. Then operation_aborted.
    task<void> settle();
    /// Somebody sets the wall clock. From any thread.
    void set_wall(wall_point to);

    std::uint64_t seed() const noexcept { return seed_; }

    /// From the dice, for who needs chance that happens again. Simulation's thread.
    std::uint64_t random() noexcept {
        const std::uint64_t drawn = dice_();
        digest_ = seeded::mix(digest_ ^ drawn);
        return drawn;
    }

    /// How many steps the simulation has made.
    std::uint64_t steps() const noexcept { return steps_; }

    /// Of everything the simulation decided and when: the same twice is the same run.
    std::uint64_t digest() const noexcept { return digest_; }

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

    // simulation.cpp
    struct place;
    struct presence;
    void run_all(loop& first);
    std::size_t run_ready(loop& only);
    void run_along(loop& one, std::function<void(std::exception_ptr)> failed);
    const loop* at_work() const noexcept;
    bool decide(loop* only);
    void make_step(member& who, std::size_t which, std::size_t of);
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
