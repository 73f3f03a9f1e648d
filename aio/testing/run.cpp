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
to_the_end(async::loop& at, base::duration limit, task<void> work, std::exception_ptr& to) {
    try {
        co_await async::with_timeout(limit, std::move(work));
    } catch (...) { // run() throws it
        to = std::current_exception();
    }
    at.stop();
}

void run_on(async::loop& at, base::duration limit, task<void> work) {
    std::exception_ptr why;
    {
        async::task_group group(at, "test");
        group.spawn("test", to_the_end(at, limit, std::move(work), why));
        if (!group.empty())
            at.run();
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
        async::loop at("test", 0, *how.time);
        run_on(at, how.limit, std::move(work));
    } else {
        async::loop at("test");
        run_on(at, how.limit, std::move(work));
    }
}

} // namespace aio::testing
