#pragma once

// Threads for functions that block and would hold up a loop.

#include <aio/async/child.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/standing_call.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>
#include <aio/base/leavable_thread.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::async {

/// Thrown by worker_pool::run().
struct AIO_API pool_full : std::runtime_error {
    explicit pool_full(std::size_t waiting);
};

/// What becomes of a call that has begun when its caller is cancelled or destroyed, or the pool
/// goes.
enum class begun_calls {
    finished, ///< it is waited for
    left      ///< nobody waits for it: for calls that may never return
};

/// A thread is started when it is first needed. Under a simulation there are no threads: a call is
/// made on the simulation's thread, some time later, in one piece.
class AIO_API worker_pool {
  public:
    static constexpr std::size_t usual_bound = 10'000;

    /// How long the destructor waits for calls that may be left.
    static constexpr std::chrono::milliseconds last_patience{100};

    /// `most_waiting`: calls beyond those at work.
    explicit worker_pool(
        std::size_t most_threads = 4,
        std::string name = "worker",
        std::size_t most_waiting = usual_bound,
        begun_calls begun = begun_calls::finished
    );
    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;
    /// The calls that have not begun end with operation_aborted. Those that have begun are waited
    /// for; where they may be left, for last_patience. The loops of the callers still have to
    /// exist. run() may not be called any more.
    ~worker_pool();

    /// `call` is called at the begin of each thread that starts from now on. It throws nothing.
    void on_thread(std::function<void()> call);

    /// Calls `f` on a thread of the pool and returns its result. Where begun calls may be left, `f`
    /// owns everything it touches.
    /// Completes: when `f` has returned; on the caller's loop.
    /// Loop: any.
    /// Cancelled: a call that has not begun is dropped: operation_aborted. One that has begun is
    /// waited for, or left: then operation_aborted, too, and its result is dropped.
    /// Destroyed (the loop was closed): the same; one that has begun is waited for on the spot.
    /// Throws: what `f` throws; pool_full when too many calls wait already: call less often.
    template <typename F>
    task<std::invoke_result_t<F&>> run(F f) {
        auto call = std::make_shared<job_of<F>>(std::move(f));
        co_await submit(call);
        co_return call->result.take();
    }

    /// Hands `f` to a thread of the pool. Nobody waits for it: it throws nothing and owns
    /// everything it touches. When the pool goes before a thread has taken it, it is destroyed
    /// without a call. Loop: `home`, the caller's. Throws: pool_full; std::system_error when no
    /// thread can be started.
    template <typename F>
    void hand_over(loop& home, F f) {
        add(home, std::make_shared<job_of<F>>(std::move(f)));
    }

    /// Calls that wait for a thread.
    std::size_t waiting() const;

  private:
    struct handover;

    struct AIO_API job {
        virtual ~job();
        virtual void call() = 0;
        /// Keeps what call() throws.
        void make();
        /// Wakes who waits for it. At home.
        void tell();

        loop* home = nullptr;      ///< the loop to tell; nullptr: none, or it was told
        bool awaited = false;      ///< its caller is destroyed, and waits for the end of the call
        handover* waits = nullptr; ///< touched at home only
        std::exception_ptr why;
        standing_call<job, &job::tell> made{*this};
    };

    template <typename F>
    struct job_of final : job {
        explicit job_of(F f_) : f(std::move(f_)) {}

        void call() override {
            if constexpr (std::is_void_v<std::invoke_result_t<F&>>)
                f();
            else
                result.value.emplace(f());
        }

        F f;
        outcome<std::invoke_result_t<F&>> result;
    };

    /// What the threads share with the pool, which may go before them.
    struct AIO_API shared {
        mutable std::mutex mutex;
        std::condition_variable ready;
        std::condition_variable over;          ///< of calls that are awaited
        std::deque<std::shared_ptr<job>> jobs; ///< those that have not begun
        std::size_t idle = 0; ///< threads that are about to take a job or to wait for one
        bool closing = false;

        /// False: it has begun, or it was dropped; then its caller is woken.
        bool take_back(job& call) noexcept;
        /// The same for a call that has begun. False: its caller is being woken.
        bool leave(job& call) noexcept;
        /// For a caller that is destroyed: waits for the end of a call that has begun.
        void outlast(job& call) noexcept;
        void work();
        /// Hands the call to its caller. False: the caller has left. Under the mutex.
        bool give_back(std::shared_ptr<job>& call) noexcept;
    };

    task<void> submit(std::shared_ptr<job> call);
    void add(loop& home, const std::shared_ptr<job>& call);
    void begin_thread();
    bool is_full(const loop& home) const noexcept;
    void simulate(loop& home);
    void work_simulated(virtual_clock& clock);

    std::size_t most_;
    std::size_t most_waiting_;
    std::string name_;
    begun_calls begun_;
    std::function<void()> on_thread_; ///< under the mutex
    std::shared_ptr<shared> shared_ = std::make_shared<shared>();
    std::shared_ptr<worker_pool*> self_; ///< for simulated calls, which may come when it is gone
    std::vector<base::leavable_thread> threads_;
};

} // namespace aio::async
