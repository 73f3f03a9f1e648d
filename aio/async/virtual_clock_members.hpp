#pragma once

// What a virtual clock knows about its loops and about the coroutines that wait for it. For
// virtual_clock.cpp and simulation.cpp.

#include <aio/async/loop.hpp>
#include <aio/async/suspend.hpp>
#include <aio/async/virtual_clock.hpp>

namespace aio::async {

struct virtual_clock::member {
    loop* home;
    bool active = false;
    bool idle = true;
    bool held = false;
    time_point next = never;
    std::function<void(std::exception_ptr)> failed; ///< of a loop that runs along

    explicit member(loop& loop) : home(&loop) {}
};

struct virtual_clock::settling final : waiter {
    explicit settling(virtual_clock& clock) : clock_(clock) {}

    void begin() override {
        const std::lock_guard lock(clock_.mutex_);
        home_ = &at();
        clock_.settling_.push_back(this);
    }

    bool withdraw() noexcept override {
        const std::lock_guard lock(clock_.mutex_);
        return std::erase(clock_.settling_, this) > 0;
    }

    virtual_clock& clock_;
    loop* home_ = nullptr;
};

} // namespace aio::async
