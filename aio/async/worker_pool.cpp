#include <aio/async/virtual_clock.hpp>
#include <aio/async/worker_pool.hpp>

#include <boost/asio/this_coro.hpp>

#include <pthread.h>

#include <algorithm>

namespace aio::async {

namespace {

void give_back(std::shared_ptr<void> one, loop& home, void (*wake)(void*)) {
    home.post([one = std::move(one), wake] { wake(one.get()); });
}

} // namespace

struct worker_pool::handover final : waiter {
    handover(worker_pool& to, std::shared_ptr<job> what) : to_(to), what_(std::move(what)) {}

    ~handover() { what_->waits = nullptr; }

    void begin() override {
        at().hold();
        what_->home = &at();
        what_->waits = this;
        to_.add(what_);
    }

    bool withdraw() noexcept override { return to_.take_back(*what_); }

    worker_pool& to_;
    std::shared_ptr<job> what_;
};

worker_pool::job::~job() = default;

worker_pool::worker_pool(std::size_t most_threads, std::string name)
    : most_(most_threads ? most_threads : 1), name_(std::move(name)),
      self_(std::make_shared<worker_pool*>(this)) {}

worker_pool::~worker_pool() {
    std::deque<std::shared_ptr<job>> dropped;
    *self_ = nullptr;
    {
        const std::lock_guard lock(mutex_);
        closing_ = true;
        dropped.swap(jobs_);
    }
    ready_.notify_all();
    for (auto& one : threads_)
        one.join();
}

task<void> worker_pool::submit(std::shared_ptr<job> one) {
    handover waits(*this, one);
    co_await waits.suspend("a worker thread");
    one->home->release();
    waits.throw_if_cancelled();
    if (one->why)
        std::rethrow_exception(std::exchange(one->why, nullptr));
}

void worker_pool::add(std::shared_ptr<job> one) {
    loop& home = *one->home;
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(one));
    if (home.simulation())
        simulate(home);
    else if (idle_ < jobs_.size() && threads_.size() < most_)
        threads_.emplace_back([this] { work(); });
    else
        ready_.notify_one();
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
        const std::lock_guard lock(mutex_);
        if (jobs_.empty())
            return;
        const auto which = jobs_.begin() +
                           static_cast<std::ptrdiff_t>(by.random() % std::min(most_, jobs_.size()));
        one = std::move(*which);
        jobs_.erase(which);
    }
    finish(std::move(one));
}

bool worker_pool::take_back(const job& one) noexcept {
    const std::lock_guard lock(mutex_);
    return std::erase_if(jobs_, [&](const auto& other) { return other.get() == &one; }) > 0;
}

std::size_t worker_pool::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void worker_pool::finish(std::shared_ptr<job> one) {
    try {
        one->call();
    } catch (...) {
        one->why = std::current_exception();
    }
    loop& home = *one->home;
    give_back(std::move(one), home, [](void* back) {
        if (handover* waits = static_cast<job*>(back)->waits)
            waits->wake();
    });
}

void worker_pool::work() {
    pthread_setname_np(pthread_self(), name_.substr(0, 15).c_str());
    std::unique_lock lock(mutex_);
    for (;;) {
        ++idle_;
        ready_.wait(lock, [this] { return closing_ || !jobs_.empty(); });
        --idle_;
        if (closing_)
            return;
        std::shared_ptr<job> one = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        finish(std::move(one));
        lock.lock();
    }
}

} // namespace aio::async
