#pragma once

// Threads for functions that block and would hold up a loop.

#include <aio/async/child.hpp>
#include <aio/async/loop.hpp>
#include <aio/async/task.hpp>
#include <aio/base/api.hpp>

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace aio::async {

/// Thrown by worker_pool::run().
struct AIO_API pool_full : std::runtime_error {
    explicit pool_full(std::size_t waiting);
};

/// A thread is started when it is first needed. Under a simulation there are no threads: a call is
/// made on the simulation's thread, some time later, in one piece.
class AIO_API worker_pool {
  public:
    static constexpr std::size_t usual_bound = 10'000;

    /// `most_waiting`: calls beyond those at work.
    explicit worker_pool(
        std::size_t most_threads = 4,
        std::string name = "worker",
        std::size_t most_waiting = usual_bound
    );
    worker_pool(const worker_pool&) = delete;
    worker_pool& operator=(const worker_pool&) = delete;
    /// Waits for the calls that have begun; the others end with operation_aborted. The loops of the
    /// callers still have to exist. run() may not be called any more.
    ~worker_pool();

    /// Calls `f` on a thread of the pool and returns its result.
    /// Completes: when `f` has returned; on the caller's loop.
    /// Loop: any.
    /// Cancelled: a call that has not begun is dropped: operation_aborted. One that has begun is
    /// waited for.
    /// Throws: what `f` throws; pool_full when too many calls wait already: call less often.
    template <typename F>
    task<std::invoke_result_t<F&>> run(F f) {
        auto call = std::make_shared<job_of<F>>(std::move(f));
        co_await submit(call);
        co_return call->result.take();
    }

    /// Calls that wait for a thread.
    std::size_t waiting() const;

  private:
    struct handover;

    struct AIO_API job {
        virtual ~job();
        virtual void call() = 0;

        loop* home = nullptr;
        handover* waits = nullptr; ///< touched at home only
        std::exception_ptr why;
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

    /// Those that wait. What takes one back shares it: the pool may go meanwhile.
    struct AIO_API line {
        mutable std::mutex mutex;
        std::deque<std::shared_ptr<job>> jobs;

        /// False: a thread has it, or it was dropped; then its caller is woken.
        bool take_back(const job& one) noexcept;
    };

    task<void> submit(std::shared_ptr<job> one);
    void add(const std::shared_ptr<job>& one);
    void begin_thread();
    bool is_full(const loop& home) const noexcept;
    static void give_back(std::shared_ptr<job> one);
    void work();
    static void finish(std::shared_ptr<job> one);
    void simulate(loop& home);
    void work_simulated(virtual_clock& by);

    std::size_t most_;
    std::size_t most_waiting_;
    std::string name_;
    std::condition_variable ready_;
    std::shared_ptr<line> line_ = std::make_shared<line>();
    std::size_t idle_ = 0; ///< threads that are about to take a job or to wait for one
    bool closing_ = false;
    std::shared_ptr<worker_pool*> self_; ///< for simulated calls, which may come when it is gone
    std::vector<std::thread> threads_;
};

} // namespace aio::async
