#include <aio/async/event.hpp>
#include <aio/async/suspend.hpp>

namespace aio::async {

struct event::waiting final : waiter {
    explicit waiting(event& event) noexcept : of_(event) {}

    void begin() override {
        before = of_.last_;
        (before ? before->after : of_.first_) = this;
        of_.last_ = this;
        listed = true;
    }

    bool withdraw() noexcept override {
        if (!listed)
            return true;
        listed = false;
        (before ? before->after : of_.first_) = after;
        (after ? after->before : of_.last_) = before;
        return true;
    }

    event& of_;
    waiting* before = nullptr;
    waiting* after = nullptr;
    bool listed = false;
};

void event::set() noexcept {
    set_ = true;
    while (first_) {
        waiting& one = *first_;
        one.withdraw();
        one.wake();
    }
}

task<void> event::wait(const char* awaits) {
    if (set_)
        co_return;
    waiting one(*this);
    co_await one.suspend(awaits);
    one.throw_if_cancelled();
}

} // namespace aio::async
