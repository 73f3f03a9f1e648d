// Runs several loops on one thread; random numbers choose the next of all possible steps.

#include <aio/async/virtual_clock_members.hpp>

#include <algorithm>
#include <stdexcept>

namespace aio::async {

namespace {

// The number of steps before the kernel is asked for events.
constexpr std::uint64_t patience = 256;

// How long one loop waits for the kernel while others may have events as well.
constexpr auto glance = std::chrono::milliseconds(1);

} // namespace

// While the simulation runs on this thread.
struct virtual_clock::presence {
    presence(virtual_clock& clock, loop& first) : of_(clock) {
        const void* nobody = nullptr;
        if (!clock.thread_.compare_exchange_strong(nobody, __builtin_thread_pointer()))
            throw std::logic_error("a simulation runs on one thread, once at a time");
        const std::lock_guard lock(clock.mutex_);
        clock.first_ = &first;
        clock.stirred_ = true;
        before_ = std::exchange(clock.find(first).active, true);
    }

    ~presence() {
        const std::lock_guard lock(of_.mutex_);
        member& first = of_.find(*of_.first_);
        first.active = before_;
        of_.first_ = nullptr;
        of_.thread_ = nullptr;
    }

    virtual_clock& of_;
    bool before_ = false;
};

// Set while one of the loops works: that loop runs on this thread, the others on none.
struct virtual_clock::place {
    place(virtual_clock& clock, loop& loop) noexcept
        : of_(clock), before_(loop.home_), here_before_(loop::exchange_here(&loop)) {
        of_.at_work_ = &loop;
        loop.home_ = __builtin_thread_pointer();
    }

    ~place() {
        of_.at_work_->home_ = before_;
        of_.at_work_ = nullptr;
        loop::exchange_here(here_before_);
    }

    virtual_clock& of_;
    const void* before_;
    loop* here_before_;
};

const loop* virtual_clock::at_work() const noexcept {
    return thread_.load(std::memory_order_relaxed) == __builtin_thread_pointer() ? at_work_
                                                                                 : nullptr;
}

void virtual_clock::run_along(loop& loop, std::function<void(std::exception_ptr)> failed) {
    const std::lock_guard lock(mutex_);
    member& target = find(loop);
    target.active = true;
    target.failed = std::move(failed);
}

void virtual_clock::make_step(member& chosen, std::size_t which, std::size_t choices) {
    ++steps_;
    digest_ = seeded::mix(digest_ ^ chosen.home->index() ^ (which << 16) ^ (choices << 32));
    digest_ = seeded::mix(digest_ ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    loop& other = *chosen.home;
    const place here(*this, other);
    try {
        other.step(which);
    } catch (...) {
        if (!chosen.failed || first_ == &other)
            throw;
        chosen.failed(std::current_exception());
    }
}

// False when nothing is ready.
bool virtual_clock::decide(loop* only) {
    const auto of = [&](const member& member) -> std::size_t {
        const bool in = only ? member.home == only : member.active;
        return in ? member.home->choices(now_) : 0;
    };
    std::size_t all = 0;
    for (const auto& member : members_)
        all += of(*member);
    if (all == 0)
        return false;
    std::size_t which = dice_.below(all);
    for (const auto& member : members_) {
        const std::size_t here = of(*member);
        if (which < here) {
            make_step(*member, which, all);
            return true;
        }
        which -= here;
    }
    return false;
}

void virtual_clock::take_outside() {
    if (!stirred_.load(std::memory_order_relaxed))
        return;
    const std::lock_guard lock(mutex_);
    stirred_ = false;
    for (const auto& member : members_)
        member->home->take_outside();
}

// Handlers may make loops.
std::size_t virtual_clock::poll_all() {
    std::size_t done = 0;
    for (std::size_t i = 0; i < members_.size(); ++i) {
        loop& other = *members_[i]->home;
        if (!members_[i]->active || other.stop_)
            continue;
        const place here(*this, other);
        done += other.poll_engine();
    }
    return done;
}

// Nothing is ready: time moves, or settle() is woken.
bool virtual_clock::go_on() {
    std::vector<settling*> done;
    {
        const std::lock_guard lock(mutex_);
        time_point moment = limit_;
        bool held = stirred_;
        for (const auto& member : members_) {
            if (!member->active || member->home->stop_)
                continue;
            held = held || member->home->held_ > 0;
            moment = std::min(moment, member->home->timers_.next());
        }
        if (held)
            return stirred_;
        if (moment != never && moment > now_) {
            now_ = moment;
            return true;
        }
        done = std::exchange(settling_, {});
    }
    for (settling* waiting : done)
        waiting->home_->post([waiting] { waiting->wake(); });
    return !done.empty();
}

// Waits for an event from outside.
void virtual_clock::wait(loop& first) {
    const auto others =
        std::ranges::count_if(members_, [&](const auto& member) { return member->active; });
    const place here(*this, first);
    first.wait_for_engine(others > 1 ? duration(glance) : duration(std::chrono::hours(1)));
}

void virtual_clock::run_all(loop& first) {
    const presence here(*this, first);
    for (std::uint64_t turn = 1; !first.stop_; ++turn) {
        take_outside();
        if (turn % patience == 0)
            poll_all();
        else if (!decide(nullptr) && poll_all() == 0 && !go_on())
            wait(first);
    }
    first.stop_ = false;
}

std::size_t virtual_clock::run_ready(loop& only) {
    const presence here(*this, only);
    std::size_t done = 0;
    for (take_outside(); decide(&only); take_outside())
        ++done;
    return done;
}

} // namespace aio::async
