#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/testing/run.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace aio::testing {

namespace {

task<void>
to_the_end(async::loop& loop, base::duration limit, task<void> work, std::exception_ptr& error) {
    try {
        co_await async::with_timeout(limit, std::move(work));
    } catch (...) { // run() throws it
        error = std::current_exception();
    }
    loop.stop();
}

void run_on(async::loop& loop, base::duration limit, task<void> work) {
    std::exception_ptr why;
    {
        async::task_group group(loop, "test");
        group.spawn("test", to_the_end(loop, limit, std::move(work), why));
        if (!group.empty())
            loop.run();
    }
    if (why)
        std::rethrow_exception(why);
}

} // namespace

void run(task<void> work, run_options how) {
    std::optional<async::virtual_clock> own;
    if (how.own_time)
        how.time = &own.emplace();
    if (how.time) {
        async::loop loop("test", 0, *how.time);
        run_on(loop, how.limit, std::move(work));
    } else {
        async::loop loop("test");
        run_on(loop, how.limit, std::move(work));
    }
}

} // namespace aio::testing
