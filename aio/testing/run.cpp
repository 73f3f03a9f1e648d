#include <aio/async/loop.hpp>
#include <aio/async/task_group.hpp>
#include <aio/async/timeout.hpp>
#include <aio/testing/run.hpp>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace aio::testing {

namespace {

struct ending {
    bool over = false;
    std::exception_ptr why;
};

task<void> to_the_end(async::loop& loop, base::duration limit, task<void> work, ending& result) {
    try {
        co_await async::with_timeout(limit, std::move(work));
    } catch (...) { // run() throws it
        result.why = std::current_exception();
    }
    result.over = true;
    loop.stop();
}

void run_on(async::loop& loop, base::duration limit, task<void> work) {
    ending result;
    bool over = false;
    {
        async::task_group group(loop, "test");
        group.spawn("test", to_the_end(loop, limit, std::move(work), result));
        if (!group.empty())
            loop.run();
        over = result.over;
    }
    if (!over)
        throw std::runtime_error("the task was not over when its loop was stopped");
    if (result.why)
        std::rethrow_exception(result.why);
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
