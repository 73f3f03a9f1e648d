#include <aio/async/virtual_clock.hpp>
#include <aio/async/worker_pool.hpp>
#include <aio/base/alternate_stack.hpp>
#include <aio/base/thread.hpp>

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
    handover(worker_pool& to, std::shared_ptr<job> what)
        : to_(to), line_(to.line_), what_(std::move(what)) {}

    ~handover() { what_->waits = nullptr; }

    void begin() override {
        at().hold();
        what_->home = &at();
        what_->waits = this;
        try {
            to_.add(what_);
        } catch (...) {
            what_->why = std::current_exception();
            wake();
        }
    }

    // The pool may be gone, or going on another thread.
    bool withdraw() noexcept override { return line_->take_back(*what_); }

    worker_pool& to_; ///< until begin() has returned
    std::shared_ptr<line> line_;
    std::shared_ptr<job> what_;
};

worker_pool::job::~job() = default;

worker_pool::worker_pool(std::size_t most_threads, std::string name, std::size_t most_waiting)
    : most_(most_threads ? most_threads : 1), most_waiting_(most_waiting), name_(std::move(name)),
      self_(std::make_shared<worker_pool*>(this)) {}

worker_pool::~worker_pool() {
    std::deque<std::shared_ptr<job>> left;
    *self_ = nullptr;
    {
        const std::lock_guard lock(line_->mutex);
        closing_ = true;
        left.swap(line_->jobs);
    }
    ready_.notify_all();
    for (auto& one : threads_)
        one.join();
    for (auto& one : left) {
        one->why = dropped();
        give_back(one);
    }
}

task<void> worker_pool::submit(std::shared_ptr<job> one) {
    handover waits(*this, one);
    co_await waits.suspend("a worker thread");
    one->home->release();
    waits.throw_if_cancelled();
    if (one->why)
        std::rethrow_exception(std::exchange(one->why, nullptr));
}

void worker_pool::give_back(std::shared_ptr<job> one) {
    loop& home = *one->home;
    home.post([one = std::move(one)] {
        if (one->waits)
            one->waits->wake();
    });
}

void worker_pool::add(const std::shared_ptr<job>& one) {
    loop& home = *one->home;
    const std::lock_guard lock(line_->mutex);
    if (is_full(home))
        throw pool_full(line_->jobs.size());
    line_->jobs.push_back(one);
    if (home.simulation())
        simulate(home);
    else if (idle_ < line_->jobs.size() && threads_.size() < most_)
        begin_thread();
    else
        ready_.notify_one();
}

// Those for which a thread is idle, though it may not have woken up yet, do not wait.
bool worker_pool::is_full(const loop& home) const noexcept {
    if (home.simulation())
        return line_->jobs.size() >= most_ + most_waiting_;
    return threads_.size() >= most_ && line_->jobs.size() >= idle_ + most_waiting_;
}

// Without memory for a further thread those that there are do.
void worker_pool::begin_thread() {
    try {
        threads_.push_back(base::start_thread([this] { work(); }));
        ++idle_;
    } catch (const std::system_error&) {
        if (threads_.empty()) {
            line_->jobs.pop_back();
            throw;
        }
        ready_.notify_one();
    }
}

void worker_pool::simulate(loop& home) {
    home.post_unordered([self = self_, by = home.simulation()] {
        if (*self)
            (*self)->work_simulated(*by);
    });
}

// One of those that threads would be at now. Whose it is does not matter: each brought a turn.
void worker_pool::work_simulated(virtual_clock& by) {
    std::shared_ptr<job> one;
    {
        const std::lock_guard lock(line_->mutex);
        if (line_->jobs.empty())
            return;
        const auto which =
            line_->jobs.begin() +
            static_cast<std::ptrdiff_t>(by.random() % std::min(most_, line_->jobs.size()));
        one = std::move(*which);
        line_->jobs.erase(which);
    }
    finish(std::move(one));
}

bool worker_pool::line::take_back(const job& one) noexcept {
    const std::lock_guard lock(mutex);
    return std::erase_if(jobs, [&](const auto& other) { return other.get() == &one; }) > 0;
}

std::size_t worker_pool::waiting() const {
    const std::lock_guard lock(line_->mutex);
    return line_->jobs.size();
}

void worker_pool::finish(std::shared_ptr<job> one) {
    try {
        one->call();
    } catch (...) {
        one->why = std::current_exception();
    }
    give_back(std::move(one));
}

void worker_pool::work() {
    const base::alternate_stack stack;
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    std::unique_lock lock(line_->mutex);
    for (;;) {
        ready_.wait(lock, [this] { return closing_ || !line_->jobs.empty(); });
        --idle_;
        if (closing_)
            return;
        std::shared_ptr<job> one = std::move(line_->jobs.front());
        line_->jobs.pop_front();
        lock.unlock();
        finish(std::move(one));
        lock.lock();
        ++idle_;
    }
}

} // namespace aio::async
