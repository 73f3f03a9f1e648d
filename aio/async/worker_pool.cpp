#include <aio/async/virtual_clock.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/alternate_stack.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <system_error>

namespace aio::async {

namespace {

std::exception_ptr dropped() {
    return std::make_exception_ptr(boost::system::system_error(boost::asio::error::operation_aborted
    ));
}

} // namespace

pool_full::pool_full(std::size_t waiting)
    : runtime_error(fmt::format("{} calls wait for a worker thread already", waiting)) {}

struct worker_pool::handover final : waiter {
    handover(worker_pool& pool, std::shared_ptr<job> call)
        : pool_(pool), shared_(pool.shared_), call_(std::move(call)),
          may_leave_(pool.begun_ == begun_calls::left) {}

    // A coroutine that is destroyed while it waits has nobody to be told. The call may use what the
    // coroutine owns.
    ~handover() {
        if (!home_)
            return;
        call_->waits = nullptr;
        if (may_leave_)
            shared_->leave(*call_);
        else
            shared_->outlast(*call_);
    }

    void begin() override {
        home_ = &at();
        home_->hold();
        call_->home = home_;
        call_->waits = this;
        try {
            pool_.add(*home_, call_);
        } catch (...) {
            call_->home = nullptr;
            throw;
        }
    }

    // The pool may be gone, or going on another thread.
    bool withdraw() noexcept override {
        return shared_->take_back(*call_) || (may_leave_ && shared_->leave(*call_));
    }

    void returned() noexcept {
        std::exchange(home_, nullptr)->release();
        call_->waits = nullptr;
    }

  private:
    worker_pool& pool_; ///< until begin() has returned
    std::shared_ptr<shared> shared_;
    std::shared_ptr<job> call_;
    loop* home_ = nullptr; ///< while it waits
    bool may_leave_;
};

worker_pool::job::~job() = default;

worker_pool::worker_pool(
    std::size_t most_threads, std::string name, std::size_t most_waiting, begun_calls begun
)
    : most_(most_threads ? most_threads : 1), most_waiting_(most_waiting), name_(std::move(name)),
      begun_(begun), self_(std::make_shared<worker_pool*>(this)) {}

worker_pool::~worker_pool() {
    std::deque<std::shared_ptr<job>> left;
    *self_ = nullptr;
    {
        const std::lock_guard lock(shared_->mutex);
        shared_->closing = true;
        left.swap(shared_->jobs);
    }
    shared_->ready.notify_all();
    const auto end = std::chrono::steady_clock::now() + last_patience;
    for (base::leavable_thread& thread : threads_)
        if (begun_ == begun_calls::finished)
            thread.join();
        else
            thread.join_until(end);
    const std::lock_guard lock(shared_->mutex);
    for (std::shared_ptr<job>& call : left) {
        call->why = dropped();
        shared_->give_back(call);
    }
}

void worker_pool::on_thread(std::function<void()> call) {
    const std::lock_guard lock(shared_->mutex);
    on_thread_ = std::move(call);
}

task<void> worker_pool::submit(std::shared_ptr<job> call) {
    handover waits(*this, call);
    co_await waits.suspend("a worker thread");
    waits.returned();
    waits.throw_if_cancelled();
    if (call->why)
        std::rethrow_exception(std::exchange(call->why, nullptr));
}

void worker_pool::add(loop& home, const std::shared_ptr<job>& call) {
    const std::lock_guard lock(shared_->mutex);
    if (is_full(home))
        throw pool_full(shared_->jobs.size());
    shared_->jobs.push_back(call);
    if (home.simulation())
        simulate(home);
    else if (shared_->idle < shared_->jobs.size() && threads_.size() < most_)
        begin_thread();
    else
        shared_->ready.notify_one();
}

// Those for which a thread is idle, though it may not have woken up yet, do not wait.
bool worker_pool::is_full(const loop& home) const noexcept {
    if (home.simulation())
        return shared_->jobs.size() >= most_ + most_waiting_;
    return threads_.size() >= most_ && shared_->jobs.size() >= shared_->idle + most_waiting_;
}

// Without memory for a further thread those that there are do.
void worker_pool::begin_thread() {
    try {
        threads_.emplace_back([shared = shared_, name = name_.substr(0, 15), begins = on_thread_] {
            pthread_setname_np(pthread_self(), name.c_str());
            if (begins)
                begins();
            shared->work();
        });
        ++shared_->idle;
    } catch (const std::system_error&) {
        if (threads_.empty()) {
            shared_->jobs.pop_back();
            throw;
        }
        shared_->ready.notify_one();
    }
}

void worker_pool::simulate(loop& home) {
    home.post_unordered([self = self_, by = home.simulation()] {
        if (*self)
            (*self)->work_simulated(*by);
    });
}

// One of the calls that threads would be at now, so the calls of a single thread keep their order.
// Whose call it is does not matter: each call has brought a turn.
void worker_pool::work_simulated(virtual_clock& clock) {
    std::shared_ptr<job> call;
    {
        const std::lock_guard lock(shared_->mutex);
        auto& jobs = shared_->jobs;
        if (jobs.empty())
            return;
        const auto next =
            jobs.begin() +
            static_cast<std::ptrdiff_t>(clock.random() % std::min(most_, jobs.size()));
        call = std::move(*next);
        jobs.erase(next);
    }
    call->make();
    const std::lock_guard lock(shared_->mutex);
    shared_->give_back(call);
}

std::size_t worker_pool::waiting() const {
    const std::lock_guard lock(shared_->mutex);
    return shared_->jobs.size();
}

bool worker_pool::shared::take_back(job& call) noexcept {
    const std::lock_guard lock(mutex);
    if (std::erase_if(jobs, [&](const auto& other) { return other.get() == &call; }) == 0)
        return false;
    call.home = nullptr;
    return true;
}

bool worker_pool::shared::leave(job& call) noexcept {
    const std::lock_guard lock(mutex);
    return std::exchange(call.home, nullptr) != nullptr;
}

void worker_pool::shared::outlast(job& call) noexcept {
    std::unique_lock lock(mutex);
    if (!std::exchange(call.home, nullptr))
        return;
    call.awaited = true;
    over.wait(lock, [&] { return !call.awaited; });
}

// A caller that waits in outlast() has a reference, too, so the call is destroyed with the caller.
bool worker_pool::shared::give_back(std::shared_ptr<job>& call) noexcept {
    if (loop* const home = std::exchange(call->home, nullptr)) {
        job& given = *call;
        given.made.request(*home, std::move(call));
        return true;
    }
    if (!call->awaited)
        return false;
    job& ended = *call;
    call.reset();
    ended.awaited = false;
    over.notify_all();
    return true;
}

void worker_pool::shared::work() {
    const base::alternate_stack stack;
    std::unique_lock lock(mutex);
    for (;;) {
        ready.wait(lock, [this] { return closing || !jobs.empty(); });
        --idle;
        if (closing)
            return;
        std::shared_ptr<job> call = std::move(jobs.front());
        jobs.pop_front();
        lock.unlock();
        call->make();
        lock.lock();
        if (!give_back(call)) {
            lock.unlock();
            call.reset();
            lock.lock();
        }
        ++idle;
    }
}

void worker_pool::job::tell() {
    if (waits)
        waits->wake();
}

void worker_pool::job::make() {
    try {
        call();
    } catch (...) {
        why = std::current_exception();
    }
}

} // namespace aio::async
