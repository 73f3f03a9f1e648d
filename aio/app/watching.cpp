#include <aio/app/app.hpp>
#include <aio/app/watchdog.hpp>
#include <aio/app/watching.hpp>
#include <aio/async/loop.hpp>

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace aio::app {
namespace {

base::duration busy_for(async::loop& one) {
    const auto since = one.ask();
    return since ? std::chrono::steady_clock::now() - *since : base::duration::zero();
}

/// Logged by the loop itself: the watchdog waits for no lock of a logger.
void tell_recovered(app& of, async::loop& one, base::duration longest) {
    one.post([&of, &one, longest] {
        of.log("aio").warning(
            "Loop {} was blocked for {}; its stack is on standard error",
            one.name(),
            base::format(std::chrono::floor<std::chrono::milliseconds>(longest))
        );
    });
}

void watch(watchdog& by, app& of, async::loop& one, pthread_t thread) {
    watched_loop seen;
    seen.name = one.name();
    seen.thread = thread;
    seen.turns = &one.turns();
    seen.busy_for = [&one] { return busy_for(one); };
    seen.owes_answer = [&one] { return one.owes_answer(); };
    seen.recovered = [&of, &one](base::duration longest) { tell_recovered(of, one, longest); };
    by.watch(std::move(seen));
}

bool runs(const service::unit& one) noexcept {
    switch (one.state()) {
    case service::state::starting:
    case service::state::running:
    case service::state::stopping:
        return true;
    default:
        return false;
    }
}

} // namespace

void watch_everything(watchdog& by, app& of, async::loop& main) {
    watch(by, of, main, ::pthread_self());
    of.watch_loops(
        [&by, &of](async::loop& one, pthread_t thread) { watch(by, of, one, thread); },
        [&by](async::loop&, pthread_t thread) { by.unwatch(thread); }
    );
    std::vector<watched_unit> units;
    of.each_unit([&units](const service::unit& one, const std::string& loop) {
        units.emplace_back(
            fmt::format("aio: {} has not ended (loop {})\n", one.name(), loop),
            [&one] { return runs(one); }
        );
    });
    by.watch(std::move(units));
}

} // namespace aio::app
