#include <aio/async/loop.hpp>
#include <aio/async/sleep.hpp>
#include <aio/async/suspend.hpp>

namespace aio::async {

namespace {

struct sleeper : waiter, timer {
    virtual ~sleeper() = default;

    bool withdraw() noexcept override {
        at().remove_timer(*this);
        return true;
    }

    void fire() override { resume(); }
};

struct sleeper_for final : sleeper {
    explicit sleeper_for(duration amount) : how_long(amount) {}

    void begin() override { at().add_timer(*this, later(at().time().now(), how_long)); }

    duration how_long;
};

struct sleeper_until final : sleeper {
    explicit sleeper_until(time_point at_) : when(at_) {}

    void begin() override { at().add_timer(*this, when); }

    time_point when;
};

// The steady clock measures the time until a date; it may run a little faster than the wall clock.
struct sleeper_until_wall final : sleeper, loop::wall_watch {
    explicit sleeper_until_wall(wall_point at_) : when(at_) {}

    void begin() override {
        at().watch_wall(*this);
        try {
            aim();
        } catch (...) {
            at().unwatch_wall(*this);
            throw;
        }
    }

    void aim() {
        clock& time = at().time();
        const wall_point now = time.wall();
        const duration left =
            when > now && now.time_since_epoch() < duration::zero() ? duration::max() : when - now;
        at().add_timer(*this, later(time.now(), left));
    }

    bool withdraw() noexcept override {
        at().unwatch_wall(*this);
        return sleeper::withdraw();
    }

    void fire() override {
        if (at().time().wall() < when) {
            aim();
            return;
        }
        at().unwatch_wall(*this);
        resume();
    }

    void wall_set() override {
        withdraw();
        due = false;
        wake();
    }

    wall_point when;
    bool due = true;
};

} // namespace

task<void> sleep(duration how_long) {
    sleeper_for one(how_long);
    co_await one.suspend("sleep");
    one.throw_if_cancelled();
}

task<void> sleep_until(time_point when) {
    sleeper_until one(when);
    co_await one.suspend("sleep");
    one.throw_if_cancelled();
}

task<bool> sleep_until_wall(wall_point when) {
    sleeper_until_wall one(when);
    co_await one.suspend("sleep");
    one.throw_if_cancelled();
    co_return one.due;
}

} // namespace aio::async
