#pragma once

// Starts coroutines inside the call, without a turn of the loop. A coroutine that completes at once
// costs little more than awaiting it. One that suspends goes on by itself; it has a node that says
// what it awaits, and a signal that cancels it.
//
// start_inline.cpp is the only file that knows how Asio's awaitables are driven.

#include <aio/async/loop.hpp>
#include <aio/async/node.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

#include <cstddef>
#include <exception>
#include <memory>
#include <string_view>
#include <vector>

namespace aio::async {

class runner;

/// Where a runner gets its coroutines from.
class AIO_API source {
  public:
    /// Puts the next coroutine into `into`, which is empty; false when there is none. Called again
    /// when the one before has completed without suspending.
    virtual bool next(task<void>& into) noexcept = 0;
    /// The last one ended with an error, without having suspended.
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
    /// The coroutine has ended; `why` is empty when it returned. The runner may be used again by
    /// others afterwards.
    virtual void ended(runner& by, std::exception_ptr why) noexcept = 0;

  protected:
    ~keeper() = default;
};

/// What a coroutine runs in: its root frame, its node and its cancellation signal. Runners are used
/// again; between two uses they are parked in their loop. On the loop's thread only.
class AIO_API runner final : public node {
  public:
    ~runner();

    /// Takes a parked runner or makes one.
    static runner& take(loop& at);

    /// Runs what `from` gives, until there is no more (true: give the runner back or start it
    /// again) or one of them suspends (false: `to` hears when it has ended, and the runner then
    /// parks by itself).
    bool start(source& from, keeper& to);
    /// Gives a runner back that start() returned true for, or that was never started.
    void park() noexcept;

    /// take(), start() and park() at once, for coroutines without a name yet. Returns the runner
    /// when one of them has suspended; nullptr when there is no more.
    static runner* run(loop& home, source& from, keeper& to);

    /// Only while its coroutine is suspended or running.
    void cancel(boost::asio::cancellation_type how);

    /// The keeper does not hear of its end.
    void disown() noexcept { keeper_ = nullptr; }

    /// In keeper::ended(): whether the error was operation_aborted.
    bool aborted() const noexcept { return aborted_; }

    /// Counts the uses: tells a runner from the same one used again.
    std::size_t use() const noexcept { return use_; }

    /// Among the tasks of its loop before it is started: something has to happen first, which is
    /// said by `awaits` and `since`. hide() comes before start() and park().
    void show() noexcept;
    void hide() noexcept;

    /// Gives it a name and an owner, until it is parked.
    void call(std::string_view name_, std::string_view owner_);

    std::size_t tag = 0;        ///< the keeper's
    runner* previous = nullptr; ///< the keeper's list
    runner* next = nullptr;

  private:
    friend class runner_pool;
    struct driver;
    struct frames;
    struct mark;

    explicit runner(loop& home) noexcept;

    inline bool begin(source& from, keeper& to);
    inline bool drive(source& from);
    void put_back(runner_pool& pool) noexcept;
    void finish() noexcept;
    void settle(void* frames) noexcept;
    void drop_frames() noexcept;

    task<void> current_; ///< what runs, or is suspended
    keeper* keeper_ = nullptr;
    boost::asio::cancellation_signal signal_;
    std::size_t use_ = 0;
    runner* parked_next_ = nullptr;
    bool made_ = false; ///< thread_ holds a driver, which may have lent its frames
    bool starting_ = false;
    bool replaced_ = false;  ///< the cancellation state is not ours any more
    bool cancelled_ = false; ///< it has been cancelled
    bool aborted_ = false;
    alignas(void*) std::byte thread_[sizeof(void*)];
};

/// The runners of one loop. Their nodes stay as long as the loop, their frames while they are few.
class AIO_API runner_pool {
  public:
    runner_pool() = default;
    ~runner_pool();

  private:
    friend class runner;
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
    loop& home, task<void> work, keeper& to, std::exception_ptr& why, task_title title = {}
);

} // namespace aio::async
