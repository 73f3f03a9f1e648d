#include <aio/app/app.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/app/watching.hpp>
#include <aio/async/loop.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace aio::app {
namespace {

base::duration busy_for(async::loop& loop) {
    const auto since = loop.ask();
    return since ? std::chrono::steady_clock::now() - *since : base::duration::zero();
}

/// Logged by the loop itself, because the watchdog must not wait for the lock of a logger.
void tell_recovered(app& application, async::loop& loop, base::duration longest) {
    loop.post([&application, &loop, longest] {
        application.log("aio").warning(
            "Loop {} was blocked for {}; its stack is on standard error",
            loop.name(),
            base::format(std::chrono::floor<std::chrono::milliseconds>(longest))
        );
    });
}

void watch(watchdog& dog, app& application, async::loop& loop, pthread_t thread) {
    watched_loop seen;
    seen.name = loop.name();
    seen.thread = thread;
    seen.turns = &loop.turns();
    seen.busy_for = [&loop] { return busy_for(loop); };
    seen.owes_answer = [&loop] { return loop.owes_answer(); };
    seen.recovered = [&application, &loop](base::duration longest) {
        tell_recovered(application, loop, longest);
    };
    dog.watch(std::move(seen));
}

bool runs(const service::unit& unit) noexcept {
    switch (unit.state()) {
    case service::state::starting:
    case service::state::running:
    case service::state::stopping:
        return true;
    default:
        return false;
    }
}

} // namespace

void watch_everything(watchdog& dog, app& application, async::loop& main) {
    watch(dog, application, main, ::pthread_self());
    application.watch_loops(
        [&dog, &application](async::loop& loop, pthread_t thread) {
            watch(dog, application, loop, thread);
        },
        [&dog](async::loop&, pthread_t thread) { dog.unwatch(thread); }
    );
    std::vector<watched_unit> units;
    application.each_unit([&units](const service::unit& unit, const std::string& loop) {
        units.emplace_back(
            fmt::format("aio: {} has not ended (loop {})\n", unit.name(), loop),
            [&unit] { return runs(unit); }
        );
    });
    dog.watch(std::move(units));
}

} // namespace aio::app
