#pragma once

// The event loop of one thread. Code that runs on it needs no locks; other threads post to it.
// Executors of a loop lead back to it: code finds its loop from `co_await this_coro::executor`.

#include <aio/async/activity.hpp>
#include <aio/async/clock.hpp>
#include <aio/async/task_node.hpp>
#include <aio/async/timer_queue.hpp>
#include <aio/async/work.hpp>
#include <aio/base/api.hpp>

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace aio::async {

class runner;
class runner_pool;
class shuffled;
class virtual_clock;
class waiter;

class AIO_API loop {
  public:
    /// A loop that runs by the clocks of the system.
    explicit loop(std::string name = "main", std::size_t index = 0);
    /// A loop that runs by `time`, which has to outlive the loop and may serve several.
    loop(std::string name, std::size_t index, virtual_clock& time);
    loop(const loop&) = delete;
    loop& operator=(const loop&) = delete;
    ~loop(); ///< close() first

    /// Destroys the coroutines that are suspended here, each from its innermost frame outwards, and
    /// what was posted. The loop may not run any more; it stays for those who refer to it, and what
    /// they still post is dropped with it. A second call does nothing. From its owner's thread.
    void close() noexcept;

    /// Another loop for the same program: under a simulation it is part of the simulation,
    /// otherwise it runs by the clocks of the system.
    std::unique_ptr<loop> beside(std::string name, std::size_t index) const;

    const std::string& name() const noexcept { return name_; }

    std::size_t index() const noexcept { return index_; }

    boost::asio::any_io_executor executor() noexcept;
    /// Bound to the node of a task.
    boost::asio::any_io_executor executor(task_node& task) noexcept;
    /// For Asio services that live as long as the loop:
    /// boost::asio::use_service<T>(loop.context()).
    boost::asio::execution_context& context() noexcept;
    /// The loop an executor belongs to; nullptr for an executor of another library.
    static loop* of(const boost::asio::any_io_executor& executor) noexcept;
    /// The loop that the calling thread runs; nullptr when it runs none. Async-signal-safe.
    static loop* here() noexcept;

    clock& time() const noexcept { return *time_; }

    /// The virtual clock, if it has a seed (virtual_clock.hpp); otherwise nullptr.
    virtual_clock* simulation() const noexcept { return shuffled_ ? simulated_ : nullptr; }

    /// The time, at most a tick of the system (4 to 10 ms) old: cheap, and exact enough for
    /// durations. Loop's thread.
    time_point now() noexcept;
    /// The date of a moment, by the two clocks of this turn. Loop's thread.
    wall_point date(time_point moment) noexcept;

    /// Runs until stop(). Throws what posted functions throw.
    void run();
    /// Does the work that is ready, without waiting. Returns the number of handlers that ran.
    std::size_t poll();
    /// Replaces run() on a thread of its own in a simulation: the loop runs until stop() whenever
    /// another loop of the same clock runs, and `failed` gets the exceptions. Returns false, and
    /// does nothing, when this is not a simulation.
    bool run_along(std::function<void(std::exception_ptr)> failed);
    /// Ends run() after the current handler. A later run() continues. From any thread.
    void stop() noexcept;

    /// Runs at most one handler that is ready, without waiting. Returns whether there was one.
    bool poll_one();

    /// True on the thread that runs the loop. While the loop does not run, its owner may call the
    /// members marked "Loop's thread" from any one thread at a time. post() is always safe.
    bool running_here() const noexcept {
        return home_.load(std::memory_order_relaxed) == __builtin_thread_pointer(); // no call
    }

    /// Calls `f` in a later turn, on the loop's thread. From any thread; the posts of one thread
    /// keep their order. In a simulation, the posts of one loop keep their order, and so do the
    /// posts from outside all loops.
    template <typename F>
    void post(F f) {
        submit(posted<F>::make(std::move(f)));
    }

    /// The same for work that is not queued, without an allocation.
    void submit(work& entry) noexcept;

    /// Like post(), but without a guaranteed order. Loop's thread.
    template <typename F>
    void post_unordered(F f) {
        defer(posted<F>::make(std::move(f), false));
    }

    /// Queues work that is not queued. Loop's thread.
    void defer(work& entry) noexcept;

    /// Removes queued work from the queue. Loop's thread.
    void forget(work& entry) noexcept;

    /// Calls `f` as part of a turn: afterwards the work that it made ready runs, and the kernel's
    /// timer is set if necessary. All events of the kernel enter the loop through this function.
    /// After an exception out of `f` or of that work, the next turn does the rest.
    template <typename F>
    void turn(F&& f) {
        if (in_turn_) {
            std::forward<F>(f)();
            return;
        }
        turn_scope scope(*this);
        std::forward<F>(f)();
        end_turn();
        scope.complete();
    }

    /// Loop's thread.
    void add_timer(timer& timer, time_point deadline);

    void remove_timer(timer& timer) noexcept { timers_.remove(timer); }

    /// Keeps room for the timer, so that add_timer() does not throw for it, until release_timer().
    /// Throws std::bad_alloc. Loop's thread.
    void keep_room(timer& timer) { timers_.keep_room(timer); }

    /// Removes the timer, and gives its room back. Loop's thread.
    void release_timer(timer& timer) noexcept { timers_.release(timer); }

    std::size_t timers() const noexcept { return timers_.size(); }

    /// Stops virtual time until release(), because something outside will post here. Loop's thread.
    void hold() noexcept { ++held_; }

    void release() noexcept { --held_; }

    /// Like hold(), while `other` works for this loop, unless both run by the same clock. Returns
    /// whether release() has to follow.
    bool hold_for(const loop& other) noexcept {
        const bool holds = other.time_ != time_;
        held_ += holds;
        return holds;
    }

    /// Called on the loop's thread when the wall clock was set.
    class AIO_API wall_watch {
      protected:
        ~wall_watch() = default;
        virtual void wall_set() = 0;

      private:
        friend class loop;
        wall_watch* previous_ = nullptr;
        wall_watch* next_ = nullptr;
    };

    void watch_wall(wall_watch& watch);
    void unwatch_wall(wall_watch& watch) noexcept;

    /// All tasks that are suspended here, oldest first. Loop's thread.
    std::vector<task_info> snapshot();

    /// The watchdog asks whether the loop still turns: the next turn answers. Returns when the
    /// oldest unanswered question was asked, by the clock of the system; nothing when there was
    /// none. From any thread.
    std::optional<std::chrono::steady_clock::time_point> ask() noexcept;

    /// Whether a question is unanswered. From any thread.
    bool owes_answer() const noexcept { return asked_.load(std::memory_order_relaxed) != 0; }

    /// The number of questions that were answered.
    std::uint64_t answers() const noexcept { return answers_.load(std::memory_order_relaxed); }

    /// Counts the turns of the loop, for a thread that watches it.
    activity& turns() noexcept { return turns_; }

    /// The task that runs now; nullptr when it is unknown or there is none. Loop's thread.
    /// Async-signal-safe.
    const task_node* running_task() const noexcept {
        return running_task_.load(std::memory_order_relaxed);
    }

    /// Makes `task` the running task while it lives. Loop's thread.
    class run_of {
      public:
        run_of(loop& loop, const task_node* task) noexcept
            : at_(loop), before_(loop.running_task()) {
            at_.running_task_.store(task, std::memory_order_relaxed);
        }

        run_of(const run_of&) = delete;
        run_of& operator=(const run_of&) = delete;

        ~run_of() { at_.running_task_.store(before_, std::memory_order_relaxed); }

      private:
        loop& at_;
        const task_node* before_;
    };

    runner_pool& runners() noexcept { return *runners_; }

  private:
    friend class virtual_clock;
    friend class waiter;
    friend class runner;
    struct engine;

    struct turn_scope {
        explicit turn_scope(loop& loop) noexcept : of_(loop) {
            of_.turns_.begin();
            of_.in_turn_ = true;
            of_.now_known_ = of_.since_epoch_known_ = false;
        }

        void complete() noexcept { complete_ = true; }

        ~turn_scope() {
            of_.in_turn_ = false;
            of_.now_known_ = of_.since_epoch_known_ = false;
            if (!complete_ || !of_.ready_.empty())
                of_.call_later();
            of_.turns_.end();
        }

        loop& of_;
        bool complete_ = false;
    };

    struct running_scope;

    /// Makes `next` the loop of this thread. Returns the one before.
    static loop* exchange_here(loop* next) noexcept;

    void submit_from_elsewhere(work& entry) noexcept;
    void call_later() noexcept;
    void end_turn();
    void take_remote() noexcept;
    void arm() noexcept;
    void fire_soon() noexcept;
    void fire_timers();
    void run_virtually();
    void drop_all() noexcept;
    void call_wall();
    void wall_was_set();
    bool has_remote() const noexcept;
    void wake_up();

    // simulated_loop.cpp: what the simulation does with each of its loops.
    std::size_t choices(time_point now) const noexcept;
    void step(std::size_t which);
    std::size_t poll_engine();
    void wait_for_engine(duration at_most);
    void take_outside();
    void shuffle(const void* poster) noexcept;

    std::string name_;
    std::size_t index_;
    clock* time_;
    virtual_clock* simulated_;
    std::unique_ptr<engine> engine_;
    std::atomic<const void*> home_{nullptr}; ///< the thread pointer of its thread
    std::atomic<bool> stop_{false};

    work_queue ready_;
    std::unique_ptr<shuffled> shuffled_; ///< of a simulation: ready_ goes there
    bool in_turn_ = false;
    bool called_ = false;
    bool firing_ = false; ///< fire_timers() is called soon
    std::atomic<bool> closing_{false};
    bool now_known_ = false;
    bool since_epoch_known_ = false;
    duration since_epoch_{}; ///< the wall clock's time minus the steady clock's
    time_point now_{};
    timer_queue timers_;
    time_point armed_ = never;
    std::size_t held_ = 0;

    task_node_list nodes_;
    waiter* waiters_ = nullptr;
    wall_watch* watches_ = nullptr;
    std::unique_ptr<runner_pool> runners_;

    mutable std::mutex remote_mutex_;
    work_queue remote_;
    bool remote_called_ = false;

    std::atomic<std::int64_t> asked_{0};
    std::atomic<std::uint64_t> answers_{0};
    activity turns_;
    std::atomic<const task_node*> running_task_{nullptr}; ///< written by the loop's thread only
};

} // namespace aio::async
