#pragma once

// Runs one coroutine on a loop until it has ended; its error comes out.

#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/virtual_clock.hpp>

#include <exception>
#include <string_view>
#include <utility>

namespace test {

template <typename F>
aio::task<void> call_then_stop(F f, aio::async::loop& home) {
    struct stopper {
        aio::async::loop& stopped;

        ~stopper() { stopped.stop(); }
    };

    const stopper after{home};
    co_await f();
}

/// `f` is a function object that returns a task; it lives until that has ended.
template <typename F>
void run(aio::async::loop& home, F f) {
    std::exception_ptr error;
    aio::async::task_group group(home, "test", [&](std::string_view, std::exception_ptr why) {
        error = std::move(why);
    });
    home.post([&] { group.spawn("main", call_then_stop(std::move(f), home)); });
    home.run();
    if (error)
        std::rethrow_exception(error);
}

} // namespace test
