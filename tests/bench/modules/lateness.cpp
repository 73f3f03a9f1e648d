// What S8 runs: a schedule that notes how late each run is, and a listener that says it at the end.
#include "../lateness.hpp"

#include <aio/module.hpp>

#include <cstdio>

namespace {

// One process measures one app: the module may keep its figures here.
bench::lateness_log& figures() {
    static bench::lateness_log all(10000, std::chrono::seconds(1));
    return all;
}

// The first run is the start itself: 10,000 of them take their time, by which the grid of the
// others is not to be judged.
void fire(aio::scheduled_event event) {
    if (event.run() == 1)
        return;
    const auto now = std::chrono::steady_clock::now();
    const auto wall = std::chrono::system_clock::now();
    const auto late = std::chrono::duration_cast<std::chrono::nanoseconds>(wall - event.due());
    figures().add(
        static_cast<std::size_t>(event.option<std::int64_t>("index")),
        event.run() - 2,
        now - late,
        now
    );
}

void report(aio::signal_event) {
    std::puts(figures().report(std::chrono::steady_clock::now()).c_str());
    std::fflush(stdout);
}

} // namespace

AIO_MODULE(bench.lateness) {
    module.schedule("fire", fire).option("index", 0, "which of the schedules this is");
    module.listener("report", report);
}
