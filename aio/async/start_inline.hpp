#pragma once

// Starts coroutines inside the call, without a turn of the loop. A coroutine that completes at once
// costs little more than awaiting it. A coroutine that suspends continues by itself; it has a
// task_node that says what it awaits, and a signal that cancels it.
//
// Only start_inline.cpp, and waiter::outlast() in suspend.cpp, know how Asio's awaitables are
// driven.

#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/async/task_node.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace aio::async {

class runner;

/// Gives a runner its coroutines.
class AIO_API source {
  public:
    /// Puts the next coroutine into `into`, which is empty. Returns false when there is none.
    /// Called again when the coroutine before it has completed without suspending.
    virtual bool next(task<void>& into) noexcept = 0;
    /// Called when the last coroutine ended with an error without having suspended.
    virtual void failed(std::exception_ptr why) noexcept = 0;

  protected:
    ~source() = default;

    /// next() may set it: there is no other one after the one that it gives, so it is not asked
    /// again.
    bool last_ = false;

  private:
    friend class runner;
};

/// The owner of a coroutine that has suspended.
class AIO_API keeper {
  public:
    /// The coroutine has ended; `why` is empty when it returned. Afterwards the runner may run
    /// other coroutines.
    virtual void ended(runner& runner, std::exception_ptr why) noexcept = 0;

    /// The loop was closed: the coroutine is about to be destroyed, and the keeper may not use the
    /// runner any more.
    virtual void dropped(runner&) noexcept {}

  protected:
    ~keeper() = default;
};

/// Runs one coroutine at a time: holds its root frame, its task_node and its cancellation signal.
/// Runners are reused; between two uses they are parked in their loop. On the loop's thread only.
class AIO_API runner final : public task_node {
  public:
    ~runner();

    /// Takes a parked runner or makes one.
    static runner& take(loop& loop);

    /// Runs the coroutines of `from` until there are no more (true: park the runner or start it
    /// again) or one of them suspends (false: `keeper` is called when it has ended, and the runner
    /// then parks by itself).
    bool start(source& from, keeper& keeper);
    /// Parks a runner for which start() returned true, or that was never started.
    void park() noexcept;

    /// take(), start() and park() at once, for coroutines without a name yet. Returns the runner
    /// when one of them has suspended; nullptr when there is no more.
    static runner* run(loop& home, source& from, keeper& keeper);

    /// Only while its coroutine is suspended or running.
    void cancel(boost::asio::cancellation_type how);

    /// Whether the coroutine that runs, and was cancelled, is to be refused the wait that it wants
    /// to begin. A coroutine that was refused 20 waits catches the errors and goes on: it waits
    /// again, so that its loop turns, and each of its waits is cancelled after a pause, of 100 ms
    /// first and 5 s at most. A part of the coroutine that something else than the runner has
    /// cancelled, such as the loser of an operator ||, waits again after 250 refusals in one turn.
    /// True for what no runner runs.
    static bool refuses_wait() noexcept;

    /// From now on the keeper is not called at its end, and nothing that belongs to the keeper is
    /// referred to: what the runner shows of itself becomes a text of its own.
    void disown() noexcept;

    /// The same where what the runner shows of itself may be gone already: only its name stays.
    void let_go() noexcept;

    /// In keeper::ended(): whether the error was operation_aborted.
    bool aborted() const noexcept { return aborted_; }

    /// Shows the runner among the tasks of its loop before it is started, while it waits for
    /// something; `awaits` and `since` say what. hide() has to come before start() and park().
    void show() noexcept;
    void hide() noexcept;

    /// Gives it a name and an owner, until it is parked.
    void call(std::string_view name_, std::string_view owner_);

  private:
    // The small ones come first: they fit behind the task_node.
    bool made_ = false; ///< thread_ holds a driver, which may have lent its frames
    bool starting_ = false;
    bool replaced_ = false;  ///< the cancellation state is not ours any more
    bool cancelled_ = false; ///< it has been cancelled
    bool aborted_ = false;
    std::uint8_t life_ = 0;         ///< the number of its frames that were lost
    std::uint8_t refusals_ = 0;     ///< waits that it wanted to begin after its cancellation
    std::uint8_t refused_turn_ = 0; ///< the last digits of the turn that refused a wait

  public:
    std::size_t tag = 0;        ///< for the keeper's own use
    runner* previous = nullptr; ///< the keeper's list
    runner* next = nullptr;

  private:
    friend class runner_pool;
    struct driver;
    struct frames;
    struct mark;
    struct reminder;

    explicit runner(loop& home) noexcept;

    inline bool begin(source& from, keeper& keeper);
    inline bool drive(source& from);
    bool refuses_again(std::uint8_t turn) noexcept;
    void put_back(runner_pool& pool) noexcept;
    void finish() noexcept;
    void settle(void* frames) noexcept;
    void make_frames();
    void forget_lost_frames() noexcept;
    void lose_coroutine() noexcept;
    void drop_frames() noexcept;

    task<void> current_; ///< what runs, or is suspended
    keeper* keeper_ = nullptr;
    boost::asio::cancellation_signal signal_;
    runner* parked_next_ = nullptr;
    std::unique_ptr<reminder> reminder_; ///< cancels it again and again
    alignas(void*) std::byte thread_[sizeof(void*)];
};

/// The runners of one loop. Their nodes stay as long as the loop, their frames while they are few.
class AIO_API runner_pool {
  public:
    runner_pool() = default;
    ~runner_pool();

  private:
    friend class runner;

    runner& take_parked() noexcept {
        runner& taken = *std::exchange(parked_, parked_->parked_next_);
        --parked_count_;
        return taken;
    }

    std::vector<std::unique_ptr<runner>> all_;
    runner* parked_ = nullptr;
    std::size_t parked_count_ = 0;
};

/// What a coroutine shows as from its first step on: what it starts is named after it.
struct task_title {
    std::string_view name;
    std::string_view owner;
};

/// Runs one coroutine on the spot. Returns its runner when it suspended; nullptr when it is over,
/// then `why` holds its error.
/// Loop: `home`, from its own thread.
AIO_API runner* start_inline(
    loop& home, task<void> work, keeper& owner, std::exception_ptr& why, task_title title = {}
);

} // namespace aio::async
