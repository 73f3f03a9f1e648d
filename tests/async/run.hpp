#pragma once

// Runs one coroutine on a loop until it has ended; its error comes out.

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>

#include <utility>

namespace test {

template <typename F>
aio::task<void> call_then_stop(F f, aio::async::loop& at) {
    struct stopper {
        aio::async::loop& of;

        ~stopper() { of.stop(); }
    };

    const stopper after{at};
    co_await f();
}

/// `f` is a function object that returns a task; it lives until that has ended.
template <typename F>
void run(aio::async::loop& at, F f) {
    aio::async::task_group group(at, "test");
    group.spawn("main", call_then_stop(std::move(f), at));
    if (!group.empty())
        at.run();
    aio::async::task_group last(at, "test");
    last.spawn("join", [](aio::async::task_group& of) -> aio::task<void> {
        co_await of.join();
    }(group));
}

} // namespace test
